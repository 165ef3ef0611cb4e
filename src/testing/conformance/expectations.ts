import { setTimeout as wait } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";
import type { ContentBlock } from "../../message/content-block.ts";
import type { ChatResponse, ChatUsage } from "../../model/chat-response.ts";
import type { ExpectedAnswer, ExpectedBlock } from "./wire-fixtures.ts";

/** @throws Error when the claim does not hold */
export function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** @throws Error when the two are not the same data */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${what}: expected ${shown(expected)}, got ${shown(actual)}`);
}

function shown(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 200 });
}

/** What a function throws; undefined when it throws nothing. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @throws Error when the condition does not come about within two seconds */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await wait(5);
  }
  throw new Error(what);
}

/** Freezes a value and all in it: a later change anywhere in it would throw. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/**
 * @param where names the stream in the error
 * @throws Error when the last snapshot is not what the stream means
 */
export function assertAnswer(actual: ChatResponse, expected: ExpectedAnswer, where: string): void {
  const content = actual.content.map((block, index) =>
    visible(block, expected.content[index], actual.provider),
  );
  same(content, expected.content.map(withDefaults), `${where}: the content`);
  const ids = actual.content.map(({ id }) => id);
  claim(
    ids.every((id) => typeof id === "string" && id !== ""),
    `${where}: a block has no id`,
  );
  claim(new Set(ids).size === ids.length, `${where}: two blocks have one id: ${ids.join(", ")}`);
  same(actual.finishReason, expected.finishReason, `${where}: the finish reason`);
  if (expected.rawFinishReason !== undefined) {
    same(actual.rawFinishReason, expected.rawFinishReason, `${where}: the provider's finish reason`);
  }
  same(countsOf(actual.usage), expected.usage ?? {}, `${where}: the usage`);
  claim(
    actual.isLast && !actual.interrupted,
    `${where}: the last snapshot must be last, and not interrupted`,
  );
}

/** What of a block is compared: what the expectation names. */
function visible(block: ContentBlock, expected: ExpectedBlock | undefined, provider: string): unknown {
  const metadata = expected !== undefined &&
    "metadata" in expected && { metadata: block.providerMetadata?.[provider] };
  if (block.type === "text") return { text: block.text };
  if (block.type === "thinking") return { thinking: block.thinking, ...metadata };
  if (block.type !== "tool_use") return block;
  return {
    tool: block.name,
    isBroken: block.inputError !== undefined,
    ...((expected === undefined || "input" in expected) && { input: block.input }),
    ...(expected !== undefined && "id" in expected && { id: block.id }),
    ...(expected !== undefined && "rawInput" in expected && { rawInput: block.rawInput }),
    ...metadata,
  };
}

function withDefaults(expected: ExpectedBlock): unknown {
  return "tool" in expected ? { isBroken: false, ...expected } : expected;
}

const COUNTS = [
  "inputTokens",
  "outputTokens",
  "totalTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "reasoningTokens",
] as const;

/** The token counts that were reported. */
export function countsOf(usage: ChatUsage | undefined): Partial<Record<(typeof COUNTS)[number], number>> {
  const counts: Partial<Record<(typeof COUNTS)[number], number>> = {};
  for (const name of COUNTS) if (usage?.[name] !== undefined) counts[name] = usage[name];
  return counts;
}

/** What must not depend on how the bytes arrived: all but times and the ids that are made here. */
export function essence(response: ChatResponse): unknown {
  const { createdAt: _createdAt, delta: _delta, id: _id, usage, content, choices, ...rest } = response;
  const { timeToFirstTokenMs: _first, durationMs: _duration, cost: _cost, ...counts } = usage ?? {};
  return {
    ...rest,
    usage: counts,
    content: content.map(withoutId),
    choices: choices?.map((choice) => ({ ...choice, content: choice.content.map(withoutId) })),
  };
}

function withoutId({ id: _id, ...block }: ContentBlock): unknown {
  return block;
}

/**
 * Whether content is how other content began: each block is the beginning of the one in its place.
 *
 * @param ids whether the ids must be the same too, as they are within one answer
 */
export function isBeginningOf(
  content: readonly ContentBlock[],
  whole: readonly ContentBlock[],
  { ids }: { readonly ids: boolean },
): boolean {
  return content.every((block, index) => {
    const later = whole[index];
    if (later === undefined || later.type !== block.type || (ids && later.id !== block.id)) return false;
    return textOf(later).startsWith(textOf(block));
  });
}

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "thinking":
      return block.thinking;
    case "tool_use":
      return `${block.name}(${block.rawInput}`;
    default:
      return "";
  }
}
