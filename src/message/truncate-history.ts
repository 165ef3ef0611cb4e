import { ContextLengthError } from "../error/errors-by-kind.ts";
import type { ContentBlock } from "./content-block.ts";
import type { Msg } from "./msg.ts";
import { pairCallsWithResults } from "./normalize-history.ts";

/** A history that fits, and what had to go for it. */
export interface TruncatedHistory<Measured> {
  readonly messages: readonly Msg[];
  /** What was left out, oldest first. */
  readonly dropped: readonly Msg[];
  /** What `measure` gave for `messages`. */
  readonly measured: Measured;
}

/**
 * Leaves out the oldest complete units of a history until it fits: a message alone, or a message with tool calls and
 * everything up to their last result. System messages, the newest message of the user, and a tool exchange that ends the
 * history are never left out, and no exchange is ever cut in half. A history that fits comes back as it is.
 *
 * The history is measured a few times however long it is: how much must go is first guessed by the sizes of the messages.
 *
 * @param limit the most tokens
 * @param measure counts some of the messages, as they would be sent
 * @throws ModelError `context_length` when what must be kept does not fit
 */
export async function truncateHistory<Measured extends { readonly tokens: number }>(
  messages: readonly Msg[],
  limit: number,
  measure: (messages: readonly Msg[]) => Promise<Measured>,
): Promise<TruncatedHistory<Measured>> {
  const measured = await measure(messages);
  if (measured.tokens <= limit) return { messages, dropped: [], measured };
  const droppable = droppableUnits(messages);
  const weights = droppable.map((unit) => unit.reduce((sum, index) => sum + weightOf(messages[index]), 0));
  const perWeight = measured.tokens / messages.reduce((sum, message) => sum + weightOf(message), 0);

  // Dropping `tooFew` units is not enough, dropping `enough` is; one more than there are stands for "not even all of them".
  let tooFew = 0;
  let enough = droppable.length + 1;
  let guess = unitsFor((measured.tokens - limit) / perWeight, weights);
  let best: TruncatedHistory<Measured> | undefined;
  for (let attempt = 0; enough - tooFew > 1; attempt++) {
    if (attempt >= MAX_GUESSES) guess = Math.floor((tooFew + enough) / 2);
    const count = Math.min(Math.max(guess, tooFew + 1), enough - 1);
    const { kept, dropped } = without(messages, droppable.slice(0, count).flat());
    const measured = await measure(kept);
    const excess = (measured.tokens - limit) / perWeight;
    if (excess > 0) {
      tooFew = count;
      guess = count + unitsFor(excess, weights.slice(count));
    } else {
      enough = count;
      best = { messages: kept, dropped, measured };
      // As many of the newest may perhaps come back as fill what is free; the one after them should not fit.
      guess = count - Math.max(1, unitsFor(-excess, weights.slice(0, count).toReversed()) - 1);
    }
  }
  if (best !== undefined) return best;
  throw await overflow(without(messages, droppable.flat()).kept, limit, measure);
}

/** How often the sizes are asked before halving takes over, which ends in any case. */
const MAX_GUESSES = 6;

/** How many of the units, from the first on, it takes to come to a weight. */
function unitsFor(weight: number, weights: readonly number[]): number {
  let sum = 0;
  let count = 0;
  while (count < weights.length && sum < weight) sum += weights[count++] as number;
  return count;
}

/** The units that may go, oldest first, each as the positions of its messages. */
function droppableUnits(messages: readonly Msg[]): number[][] {
  const units = unitsOf(messages);
  const newestUser = messages.findLastIndex(isSaidByUser);
  const last = units.at(-1) ?? [];
  const isPending = last.some((index) => (messages[index] as Msg).toolCalls.length > 0);
  return units
    .filter((unit) => !unit.includes(newestUser) && !(unit === last && (isPending || newestUser === -1)))
    .map((unit) => unit.filter((index) => (messages[index] as Msg).role !== "system"))
    .filter((unit) => unit.length > 0);
}

/** Whether the user says something here: a message may also only hand over results of tools. */
function isSaidByUser({ role, content }: Msg): boolean {
  return role === "user" && content.some((block) => block.type !== "tool_result");
}

/** The history in complete units, each as the positions of its messages. */
function unitsOf(messages: readonly Msg[]): number[][] {
  const { byCall } = pairCallsWithResults(messages);
  const positions = new Map<ContentBlock, number>();
  for (const [index, { content }] of messages.entries()) {
    for (const block of content) if (block.type === "tool_result") positions.set(block, index);
  }
  const units: number[][] = [];
  let end = -1;
  for (const [index, message] of messages.entries()) {
    if (index > end) units.push([]);
    units.at(-1)?.push(index);
    end = Math.max(end, index);
    for (const call of message.toolCalls) {
      const result = byCall.get(call);
      if (result !== undefined) end = Math.max(end, positions.get(result) ?? index);
    }
  }
  return units;
}

function without(
  messages: readonly Msg[],
  positions: readonly number[],
): { kept: readonly Msg[]; dropped: readonly Msg[] } {
  const gone = new Set(positions);
  return {
    kept: messages.filter((_, index) => !gone.has(index)),
    dropped: messages.filter((_, index) => gone.has(index)),
  };
}

const weights = new WeakMap<Msg, number>();

/** About how large a message is beside others: UTF-8 bytes, which tokens follow in every script. */
function weightOf(message: Msg | undefined): number {
  if (message === undefined) return 0;
  let weight = weights.get(message);
  if (weight === undefined) {
    weight = message.content.reduce((sum, block) => sum + sizeOf(block), MESSAGE_WEIGHT);
    weights.set(message, weight);
  }
  return weight;
}

/** What surrounds a message, and a picture of middle size. */
const MESSAGE_WEIGHT = 16;
const MEDIA_WEIGHT = 3000;

function sizeOf(block: ContentBlock): number {
  switch (block.type) {
    case "text":
      return Buffer.byteLength(block.text);
    case "thinking":
      return Buffer.byteLength(block.thinking);
    case "tool_use":
      return Buffer.byteLength(block.rawInput) + block.name.length + MESSAGE_WEIGHT;
    case "tool_result":
      return typeof block.output === "string"
        ? Buffer.byteLength(block.output)
        : block.output.reduce((sum, part) => sum + sizeOf(part), 0);
    default:
      return MEDIA_WEIGHT;
  }
}

/** Says what does not fit, and what to do about it. */
async function overflow(
  kept: readonly Msg[],
  limit: number,
  measure: (messages: readonly Msg[]) => Promise<{ readonly tokens: number }>,
): Promise<ContextLengthError> {
  const said = kept.filter(({ role }) => role !== "system");
  const { tokens } = await measure(kept);
  // Measured by what the rest needs: some providers count no history that has nothing but instructions.
  const ofSystem = said.length === 0 ? tokens : tokens - (await measure(said)).tokens;
  if (ofSystem > limit) {
    return new ContextLengthError(
      `The system prompt message already exceeds the token limit (${limit} tokens): it needs ${ofSystem}. Shorten it, or raise the limit.`,
    );
  }
  const { byCall } = pairCallsWithResults(kept);
  const open = kept.flatMap(({ toolCalls }) => toolCalls.filter((call) => !byCall.has(call)));
  const unanswered =
    open.length === 0
      ? ""
      : ` The input messages contain tool call(s) that do not have the corresponding tool result(s): ${open.map(({ id }) => id).join(", ")}.`;
  return new ContextLengthError(
    `The history does not fit in ${limit} tokens: the system prompt, the newest message of the user and an open tool exchange are never left out, and they need ${tokens}. Shorten them, or raise the limit.${unanswered}`,
  );
}
