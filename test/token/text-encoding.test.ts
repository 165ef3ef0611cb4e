import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { Tiktoken } from "tiktoken/lite";
import cl100k from "tiktoken/encoders/cl100k_base";
import o200k from "tiktoken/encoders/o200k_base";
import { expect, test } from "vitest";
import { loadEncoding } from "../../src/token/text-encoding.ts";
import { textSegments } from "../../src/token/text-segments.ts";

interface Table {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}

/** tiktoken itself, with nothing of ours around it. */
const tables = { cl100k_base: cl100k, o200k_base: o200k } as unknown as Record<
  "cl100k_base" | "o200k_base",
  Table
>;
const names = ["cl100k_base", "o200k_base"] as const;
const references = new Map<string, Tiktoken>(
  names.map((name) => {
    const { bpe_ranks, special_tokens, pat_str } = tables[name];
    return [name, new Tiktoken(bpe_ranks, special_tokens, pat_str)];
  }),
);

function reference(name: string, text: string): number {
  return references.get(name)?.encode_ordinary(text).length ?? Number.NaN;
}

/** Pieces at whose borders the patterns of the encodings decide. */
const piece = fc.constantFrom(
  ..."aZ1 \n\r\t/!|-中é'",
  "\n",
  "'s",
  "\u0301",
  "\u0085",
  "\u3000",
  "\uFEFF",
  "🙂",
  "𠀀",
  "<|endoftext|>",
  "\uD83D",
  "a line that is long enough to end a segment of its own, sixty-four letters",
);

test.each(names)("%s gives the counts of tiktoken itself, whatever stands next to what", async (name) => {
  const encoding = await loadEncoding(name);
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 40 }), (text) => {
      expect(encoding.count(text)).toEqual({ tokens: reference(name, text), exact: true });
    }),
    { numRuns: 1500 },
  );
});

test.each(names)("%s gives the counts of tiktoken itself for whole files", async (name) => {
  const encoding = await loadEncoding(name);
  for (const file of ["README.md", "package.json", "src/model/chat-model-base.ts", "LICENSE"]) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(encoding.count(text), file).toEqual({ tokens: reference(name, text), exact: true });
  }
});

/** Texts and what they come to, o200k then cl100k; the figures of OpenAI's own library. */
const VECTORS: readonly (readonly [text: string, o200k: number, cl100k: number])[] = [
  ["", 0, 0],
  ["hello world", 2, 2],
  ["你好，世界", 3, 6],
  ["<|endoftext|>", 7, 7],
  ["🙂", 1, 2],
  ["👨‍👩‍👧‍👦", 11, 18],
  ["1234567", 3, 3],
  ["   three spaces", 3, 3],
  ["naïve café", 4, 4],
  ["\uFEFFabc", 2, 2],
  ["async function f(x: number): Promise<void> {}", 11, 11],
];

test.each(VECTORS)("%j has %d tokens in o200k_base and %d in cl100k_base", async (text, o200k, cl100k) => {
  expect((await loadEncoding("o200k_base")).count(text).tokens).toBe(o200k);
  expect((await loadEncoding("cl100k_base")).count(text).tokens).toBe(cl100k);
});

test("an encoding is loaded once for the process, and o200k_harmony shares the table of o200k_base", async () => {
  const [first, again, harmony] = await Promise.all([
    loadEncoding("o200k_base"),
    loadEncoding("o200k_base"),
    loadEncoding("o200k_harmony"),
  ]);
  expect(again).toBe(first);
  expect(harmony).toBe(first);
});

/** A megabyte each of what takes tiktoken alone minutes, or ends it. */
const PATHOLOGICAL: Readonly<Record<string, string>> = {
  "one letter": "a".repeat(1_000_000),
  "one blank": " ".repeat(1_000_000),
  "Chinese without punctuation": Array.from({ length: 333_000 }, (_, index) =>
    String.fromCharCode(0x4e00 + ((index * 7919) % 20_000)),
  ).join(""),
  signs: "!?".repeat(500_000),
  "signs with accents": "!\u0301".repeat(500_000),
  "a sign and line ends with slashes": `!${"/\n".repeat(500_000)}`,
  emoji: "🙂".repeat(250_000),
};

test.each(Object.keys(PATHOLOGICAL))(
  "a megabyte of %s is cut into runs that encode in no time",
  async (kind) => {
    const text = PATHOLOGICAL[kind] as string;
    for (const segment of textSegments(text)) expect(segment.text.length).toBeLessThanOrEqual(257);
    const { tokens, exact } = (await loadEncoding("o200k_base")).count(text);
    expect(exact).toBe(false);
    expect(tokens).toBeGreaterThan(text.length / 200);
  },
);

test("the runs of an unpunctuated Chinese text cost no more than a few tokens of a thousand", async () => {
  const text = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳".repeat(60);
  const { tokens } = (await loadEncoding("o200k_base")).count(text);
  const exact = reference("o200k_base", text);
  expect(tokens).toBeGreaterThanOrEqual(exact);
  expect(tokens).toBeLessThanOrEqual(exact * 1.005);
});

test("segments are the text again, never cut inside a character, and lines end them the same wherever they stand", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(piece, fc.constant("x".repeat(300)), fc.constant("🙂".repeat(200))) }),
      (text) => {
        const segments = [...textSegments(text)].map((segment) => segment.text);
        expect(segments.join("")).toBe(text);
        const hasHalf = (part: string): boolean => /\p{Surrogate}/u.test(part);
        if (!hasHalf(text)) expect(segments.filter(hasHalf)).toEqual([]);
      },
    ),
  );
  const line = `${"words of a line ".repeat(6)}\n`;
  const [first] = textSegments(`${line}next`);
  const [, second] = textSegments(`a first line\n${line}`.repeat(2));
  expect(first?.text).toBe(line);
  expect(second?.text).toBe(`a first line\n${line}`);
});
