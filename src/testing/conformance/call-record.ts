import { inspect } from "node:util";
import type { Observable } from "../../rxjs.ts";
import { ModelError } from "../../error/model-error.ts";
import type { ContentBlock } from "../../message/content-block.ts";
import type { ChatResponse } from "../../model/chat-response.ts";
import { claim, deepFreeze, isBeginningOf, same } from "./expectations.ts";

/** What came of one call. */
export interface CallRecord {
  readonly snapshots: readonly ChatResponse[];
  /** The snapshot that says it is the last; undefined when the call failed. */
  readonly last: ChatResponse | undefined;
  readonly error: ModelError | undefined;
}

/**
 * Reads a stream to its end and holds it to what is promised of every stream, whatever it says: one terminal signal; one last
 * snapshot; snapshots that never change, though they are frozen to the bottom on arrival; blocks that keep their ids and only
 * grow; deltas that add up; errors that are `ModelError`s and carry what had arrived.
 *
 * @throws Error when a promise is broken
 */
export function recordCall(stream: Observable<ChatResponse>): Promise<CallRecord> {
  return new Promise((resolve, reject) => {
    const recorder = new CallRecorder();
    const settle = (error: unknown): void => {
      try {
        resolve(recorder.end(error));
      } catch (broken) {
        reject(broken);
      }
    };
    stream.subscribe({
      next: (snapshot) => recorder.add(snapshot),
      error: (error: unknown) => settle(error ?? new Error("The stream failed with nothing.")),
      complete: () => settle(undefined),
    });
  });
}

class CallRecorder {
  private readonly snapshots: ChatResponse[] = [];
  private readonly asSeen: string[] = [];
  private readonly sums = new Map<string, string>();
  private hasEnded = false;
  /** Told at the end: a throw inside `next` would be an unhandled one. */
  private broken: string | undefined;

  add(snapshot: ChatResponse): void {
    const before = this.snapshots.at(-1);
    if (this.hasEnded) this.broken ??= "a snapshot came after the end";
    if (before?.isLast === true) this.broken ??= "a snapshot came after the last one";
    if (before !== undefined && !isBeginningOf(before.content, snapshot.content, { ids: true })) {
      this.broken ??= `a snapshot does not continue the one before it: ${JSON.stringify(before.content)}, then ${JSON.stringify(snapshot.content)}`;
    }
    this.sumUp(snapshot);
    this.snapshots.push(deepFreeze(snapshot));
    this.asSeen.push(JSON.stringify(snapshot));
  }

  end(error: unknown): CallRecord {
    claim(!this.hasEnded, "the stream ended twice");
    this.hasEnded = true;
    claim(this.broken === undefined, this.broken ?? "");
    const { snapshots } = this;
    const newest = snapshots.at(-1);
    for (const [index, snapshot] of snapshots.entries()) {
      claim(
        JSON.stringify(snapshot) === this.asSeen[index],
        `snapshot ${index} changed after it was handed out`,
      );
    }
    if (newest !== undefined) this.checkSums(newest.content);
    if (error === undefined) {
      claim(newest?.isLast === true, "the stream completed without a last snapshot");
      return { snapshots, last: newest, error: undefined };
    }
    claim(ModelError.isInstance(error), `the stream failed with ${inspect(error)}, which is no ModelError`);
    claim(newest?.isLast !== true, "the stream failed after its last snapshot");
    claim(
      error.message !== "" && error.provider !== undefined,
      "the error must say what happened, and where",
    );
    checkPartial(error.partial as ChatResponse | undefined, newest);
    return { snapshots, last: undefined, error };
  }

  private sumUp({ delta }: ChatResponse): void {
    for (const part of delta) {
      if (part.type === "data") continue;
      const added =
        part.type === "text" ? part.text : part.type === "thinking" ? part.thinking : part.rawInput;
      this.sums.set(part.id, (this.sums.get(part.id) ?? "") + added);
    }
  }

  private checkSums(content: readonly ContentBlock[]): void {
    for (const block of content) {
      // A call that nobody named is shown at the end, without having been announced.
      if (
        block.type === "data" ||
        block.type === "tool_result" ||
        (block.type === "tool_use" && block.name === "")
      )
        continue;
      const whole =
        block.type === "text" ? block.text : block.type === "thinking" ? block.thinking : block.rawInput;
      same(this.sums.get(block.id) ?? "", whole, `the deltas of block ${block.id}`);
    }
  }
}

/** @throws Error unless the partial answer of an error is the newest snapshot, marked as interrupted */
function checkPartial(partial: ChatResponse | undefined, newest: ChatResponse | undefined): void {
  if (newest === undefined) {
    claim(partial === undefined, "an error before any snapshot has a partial answer");
    return;
  }
  claim(partial !== undefined, "an error after a snapshot must carry it as partial");
  claim(partial.interrupted && !partial.isLast, "a partial answer must say that it was interrupted");
  same(partial.content.map(withoutVerdict), newest.content.map(withoutVerdict), "the partial answer");
}

/** A block without the note that its arguments are not whole. */
function withoutVerdict(block: ContentBlock): unknown {
  if (block.type !== "tool_use") return block;
  const { inputError: _inputError, ...rest } = block;
  return rest;
}
