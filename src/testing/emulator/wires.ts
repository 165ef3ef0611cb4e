import { anthropic } from "./anthropic.ts";
import { dashscope } from "./dashscope.ts";
import type { HttpRequest } from "./emulated-request.ts";
import type { DocumentRoute, EmulatedWire, GenerationRoute } from "./emulated-wire.ts";
import { gemini } from "./gemini.ts";
import { ollama } from "./ollama.ts";
import { openaiChat } from "./openai-chat.ts";

/** What the emulator speaks. The first also answers what is for none of them. */
export const WIRES: readonly [EmulatedWire, ...EmulatedWire[]] = [
  openaiChat,
  anthropic,
  gemini,
  dashscope,
  ollama,
];

/** What a request is for; neither route when its wire does not know the path. */
export interface FoundRoute {
  readonly wire: EmulatedWire;
  readonly generation?: GenerationRoute | undefined;
  readonly document?: DocumentRoute | undefined;
}

/** Finds what a request is for. */
export function findRoute(request: HttpRequest): FoundRoute {
  const wire = WIRES.find((each) => each.isSpokenBy?.(request)) ?? WIRES[0];
  const isAsked = ({ method, path }: DocumentRoute | GenerationRoute): boolean =>
    method === request.method && path.test(request.path);
  return { wire, generation: wire.generations.find(isAsked), document: wire.documents.find(isAsked) };
}
