import type { ConformanceContext } from "./conformance-context.ts";
import { claim } from "./expectations.ts";
import type { StreamShape } from "./wire-fixtures.ts";

/** What {@link ConformanceContext.ending} reports. */
export const ENDING_USAGE = { inputTokens: 7, outputTokens: 5, totalTokens: 12 } as const;

/** Texts with letters of one to four bytes, and marks that join. */
export const GREETING = ["Hel", "lo, wörld 👋🏽 ", "日本", "語."] as const;

/** An answer of these texts. */
export function textShape(context: ConformanceContext, title: string, texts: readonly string[]): StreamShape {
  const parts = [...texts.map((text) => ({ text })), ...context.ending()];
  return {
    title,
    events: context.fixtures.stream(parts),
    whole: context.fixtures.whole(parts),
    expect: { content: [{ text: texts.join("") }], finishReason: "stop", usage: ENDING_USAGE },
  };
}

/** The shapes of a case that only this wire has. */
export async function holdWireShapes(context: ConformanceContext, id: string): Promise<void> {
  const shapes = context.fixtures.shapes[id] ?? [];
  const { name } = context.fixtures;
  claim(
    shapes.length > 0,
    `the fixtures of ${name} have no shape for ${id}: add one, or skip it with the reason`,
  );
  for (const shape of shapes) await context.hold(shape);
}
