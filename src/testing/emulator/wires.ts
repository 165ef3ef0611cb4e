import type { DocumentRoute, EmulatedWire, GenerationRoute } from "./emulated-wire.ts";
import { openaiChat } from "./openai-chat.ts";

/** What the emulator speaks. The first also answers what is for none of them. */
export const WIRES: readonly [EmulatedWire, ...EmulatedWire[]] = [openaiChat];

/** What a request is for; neither route when no wire knows the path. */
export interface FoundRoute {
  readonly wire: EmulatedWire;
  readonly generation?: GenerationRoute | undefined;
  readonly document?: DocumentRoute | undefined;
}

/** Finds what a request is for. */
export function findRoute(method: string, path: string): FoundRoute {
  for (const wire of WIRES) {
    const generation = wire.generations.find((route) => route.method === method && route.path.test(path));
    const document = wire.documents.find((route) => route.method === method && route.path.test(path));
    if (generation ?? document) return { wire, generation, document };
  }
  return { wire: WIRES[0] };
}
