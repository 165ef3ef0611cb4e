import type { AnswerPart, FixtureUsage, ToolPiece } from "./wire-fixtures.ts";

/** A block of an answer whose pieces have been joined. */
export type JoinedBlock =
  | { readonly type: "text"; text: string }
  | { readonly type: "thinking"; text: string }
  | JoinedCall;

interface JoinedCall {
  readonly type: "tool";
  readonly id: string | undefined;
  readonly name: string;
  arguments: string;
}

/** What the pieces of an answer come to, for wires whose answers are made of blocks. */
export interface JoinedAnswer {
  readonly blocks: readonly JoinedBlock[];
  readonly refusal: string | undefined;
  readonly finish: string | undefined;
  readonly usage: FixtureUsage | undefined;
}

/** Joins the pieces of an answer, in their order. */
export function joinedAnswer(parts: readonly AnswerPart[]): JoinedAnswer {
  const blocks: JoinedBlock[] = [];
  const numberOf = callNumbers();
  const calls: JoinedCall[] = [];
  let refusal: string | undefined;
  let finish: string | undefined;
  let usage: FixtureUsage | undefined;
  const add = (type: "text" | "thinking", text: string): void => {
    const last = blocks.at(-1);
    if (last?.type === type) last.text += text;
    else blocks.push({ type, text });
  };
  for (const part of parts) {
    if ("text" in part) add("text", part.text);
    else if ("thinking" in part) add("thinking", part.thinking);
    else if ("refusal" in part) refusal = (refusal ?? "") + part.refusal;
    else if ("finish" in part) finish = part.finish;
    else if ("usage" in part) usage = part.usage;
    else if ("tool" in part) {
      const { id, name = "", arguments: text = "" } = part.tool;
      const known = calls[numberOf(part.tool)];
      if (known !== undefined) {
        known.arguments += text;
        continue;
      }
      const call: JoinedCall = { type: "tool", id, name, arguments: text };
      calls.push(call);
      blocks.push(call);
    }
  }
  return { blocks, refusal, finish, usage };
}

/** Numbers the calls of one answer from 0, and tells for one piece after another which of them it is of: by its index, else by a new id, else the latest. */
export function callNumbers(): (piece: ToolPiece) => number {
  const byKey = new Map<string | number, number>();
  let latest = -1;
  return ({ index, id }) => {
    const key = index ?? (id || undefined);
    if (key === undefined) return (latest = Math.max(0, latest));
    const number = byKey.get(key) ?? byKey.size;
    byKey.set(key, number);
    latest = number;
    return number;
  };
}
