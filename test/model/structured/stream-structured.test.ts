import * as fc from "fast-check";
import { from, lastValueFrom, type Observable, toArray } from "rxjs";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  accumulate,
  ChatModelBase,
  type ChatModelInit,
  type ChatResponse,
  jsonSchema,
  latest,
  type ResponseDelta,
  type StructuredSnapshot,
} from "rxscope";
import { ScriptedChatModel } from "rxscope/testing";

/** A model that says these pieces, as text or as the arguments of the tool. */
class PieceModel extends ChatModelBase {
  private readonly deltas: readonly ResponseDelta[];

  constructor(deltas: readonly ResponseDelta[], init: Partial<ChatModelInit> = {}) {
    super({ provider: "test", modelName: "pieces", ...init });
    this.deltas = deltas;
  }

  protected doStream(): Observable<ChatResponse> {
    return accumulate(from(this.deltas), this);
  }
}

const texts = (pieces: readonly string[]): ResponseDelta[] => pieces.map((text) => ({ text }));
const calls = (pieces: readonly string[]): ResponseDelta[] =>
  pieces.map((piece, at) => ({
    toolCall: { index: 0, arguments: piece, ...(at === 0 && { id: "c", name: "answer" }) },
  }));

function cut(text: string, at: readonly number[]): string[] {
  const places = [0, ...at.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((place, index) => text.slice(places[index], place));
}

/** Whether a value holds everything that an earlier one held. */
function holds(later: unknown, earlier: unknown): boolean {
  if (earlier === undefined) return true;
  if (typeof earlier === "string") return typeof later === "string" && later.startsWith(earlier);
  if (typeof earlier !== "object" || earlier === null) return later === earlier;
  if (typeof later !== "object" || later === null) return false;
  return Object.entries(earlier).every(([name, each]) =>
    holds((later as Record<string, unknown>)[name], each),
  );
}

const anything = jsonSchema<Record<string, unknown>>({ type: "object" });

async function partialsOf(
  model: ChatModelBase,
  strategy: "native" | "tool",
): Promise<StructuredSnapshot<unknown>[]> {
  return lastValueFrom(model.streamStructured("?", anything, { strategy }).pipe(toArray()));
}

test("however the answer is cut, partial values only grow, and end in the value", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      fc.array(fc.nat()),
      fc.constantFrom("native" as const, "tool" as const),
      fc.constantFrom("", "```json\n", "<think>{so}</think> "),
      async (made, places, strategy, before) => {
        const value = JSON.parse(JSON.stringify(made)) as Record<string, unknown>;
        const text = JSON.stringify(value);
        const pieces = strategy === "tool" ? calls(cut(text, places)) : texts(cut(before + text, places));
        const snapshots = await partialsOf(new PieceModel(pieces), strategy);
        let earlier: unknown = undefined;
        for (const { partial } of snapshots) {
          expect(
            holds(partial, earlier),
            `${JSON.stringify(earlier)} became ${JSON.stringify(partial)}`,
          ).toBe(true);
          earlier = partial;
        }
        expect(snapshots.at(-1)).toMatchObject({ isLast: true, value });
        expect(snapshots.filter(({ isLast }) => isLast)).toHaveLength(1);
      },
    ),
    { numRuns: 100 },
  );
});

test("a list at the root is shown without its wrapping, item by item", async () => {
  const pieces = ['{"val', 'ue":["a"', ',"b', 'c"', "]}"];
  const snapshots = await lastValueFrom(
    new PieceModel(texts(pieces)).streamStructured("?", z.array(z.string())).pipe(toArray()),
  );
  const seen = snapshots.map(({ partial }) => partial);
  expect(seen).toEqual([undefined, ["a"], ["a", "b"], ["a", "bc"], ["a", "bc"], ["a", "bc"], ["a", "bc"]]);
});

test("each snapshot has the answer so far, and one that was handed out never changes", async () => {
  const snapshots = await partialsOf(new PieceModel(texts(['{"a":[1', ",2", "]}"])), "native");
  expect(snapshots.map(({ response }) => response.text)).toEqual([
    '{"a":[1',
    '{"a":[1,2',
    '{"a":[1,2]}',
    '{"a":[1,2]}',
    '{"a":[1,2]}',
  ]);
  expect(snapshots[1]?.partial).toEqual({ a: [1] });
});

test("a value that is asked for again does not shrink before the new one is whole", async () => {
  const model = new ScriptedChatModel([
    '{"city": "Paris", "celsius": "warm"}',
    '{"city": "P", "celsius": 21}',
  ]);
  const schema = z.object({ city: z.string(), celsius: z.number() });
  const snapshots = await lastValueFrom(model.streamStructured("?", schema).pipe(toArray()));
  const seen = snapshots.slice(0, -1).map(({ partial }) => partial);
  for (const [index, partial] of seen.entries()) expect(holds(partial, seen[index - 1])).toBe(true);
  expect(seen.at(-1)).toEqual({ city: "Paris", celsius: "warm" });
  expect(snapshots.at(-1)).toMatchObject({ isLast: true, value: { city: "P", celsius: 21 } });
});

test("a middleware that leaves snapshots out leaves nothing out of the value", async () => {
  const pieces = Array.from({ length: 50 }, (_, index) => (index === 0 ? '{"a":"' : `${index},`));
  const model = new PieceModel(texts([...pieces, '"}'])).with((call, next) => next(call).pipe(latest()));
  const snapshots = await partialsOf(model, "native");
  expect(snapshots.at(-1)).toMatchObject({ isLast: true, partial: { a: expect.stringContaining("48,49,") } });
});

/**
 * What making the partial values took: the entries of every object and list that a snapshot has and none before it had.
 */
async function entriesMade(pieces: readonly string[], strategy: "native" | "tool"): Promise<number> {
  const model = new PieceModel(strategy === "tool" ? calls(pieces) : texts(pieces));
  const seen = new WeakSet<object>();
  let made = 0;
  const count = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    const entries = Object.values(value);
    made += entries.length + 1;
    for (const each of entries) count(each);
  };
  await new Promise<void>((resolve, reject) => {
    model.streamStructured("?", anything, { strategy }).subscribe({
      next: ({ partial, isLast }) => {
        if (!isLast) count(partial);
      },
      error: reject,
      complete: resolve,
    });
  });
  return made;
}

/** JSON of about `size` characters, in so many pieces. */
function manyItems(size: number, pieces: number): string[] {
  const item = (index: number): string =>
    `{"id":${index},"name":"item number ${index}","tags":["a","b",null]}`;
  const items: string[] = [];
  for (let length = 0; length < size; length += items.at(-1)?.length ?? 0) items.push(item(items.length));
  const text = `{"items":[${items.join(",")}],"text":"${"x".repeat(100)}"}`;
  const step = Math.ceil(text.length / pieces);
  return Array.from({ length: Math.ceil(text.length / step) }, (_, at) =>
    text.slice(at * step, (at + 1) * step),
  );
}

test.each(["native", "tool"] as const)("showing every partial value is linear work: %s", async (strategy) => {
  const small = await entriesMade(manyItems(60_000, 3000), strategy);
  const large = await entriesMade(manyItems(240_000, 12_000), strategy);
  // Four times the text: four times the work, where the square would be sixteen times.
  expect(large / small).toBeLessThan(5.5);
});

test("a megabyte in fifty thousand pieces comes through", async () => {
  const pieces = manyItems(1_000_000, 50_000);
  expect(pieces.length).toBeGreaterThan(45_000);
  let last: StructuredSnapshot<unknown> | undefined;
  await new PieceModel(texts(pieces)).streamStructured("?", anything).forEach((snapshot) => {
    last = snapshot;
  });
  expect(last).toMatchObject({ isLast: true, value: JSON.parse(pieces.join("")) as object });
});
