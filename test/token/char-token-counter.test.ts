import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  CharTokenCounter,
  ConfigurationError,
  image,
  ToolResultMessage,
  UserMessage,
} from "rxscope";
import { loadEncoding } from "../../src/token/text-encoding.ts";

const counter = new CharTokenCounter();

const readText = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** A sample of each script, and how far off the estimate may be of `o200k_base`, in parts. */
const SAMPLES: readonly (readonly [script: string, text: string, tolerance: number])[] = [
  ["English", readText("README.md"), 0.1],
  ["legal English", readText("LICENSE"), 0.1],
  ["TypeScript", readText("src/model/chat-model-base.ts"), 0.1],
  ["JSON", readText("package.json"), 0.15],
  [
    "Chinese",
    "清晨的阳光透过窗帘洒进房间，小明揉了揉眼睛，慢慢从床上坐起来。今天是他第一次去新公司上班，心里既紧张又期待。",
    0.3,
  ],
  [
    "Chinese with English",
    "在分布式系统中，一致性协议（例如 Raft 或 Paxos）用于保证多个节点之间的数据同步。",
    0.3,
  ],
  [
    "Japanese",
    "朝の光がカーテンの隙間から部屋に差し込み、彼はゆっくりと目を覚ました。今日は新しい会社での初めての出勤日だ。",
    0.25,
  ],
  [
    "Korean",
    "아침 햇살이 커튼 사이로 방 안에 들어오자 그는 천천히 눈을 떴다. 오늘은 새로운 회사에 처음 출근하는 날이다.",
    0.25,
  ],
  [
    "Russian",
    "Утреннее солнце пробивалось сквозь занавески, и он медленно открыл глаза. Сегодня был его первый день на работе.",
    0.35,
  ],
  [
    "German",
    "Die Morgensonne schien durch die Vorhänge, und er öffnete langsam die Augen. Heute war sein erster Arbeitstag.",
    0.25,
  ],
];

test.each(SAMPLES)("an estimate of %s is near the count", async (_script, text, tolerance) => {
  const exact = (await loadEncoding("o200k_base")).count(text).tokens;
  const { tokens } = await counter.countText(text);
  expect(tokens).toBeGreaterThanOrEqual(exact * (1 - tolerance));
  expect(tokens).toBeLessThanOrEqual(exact * (1 + tolerance));
});

test("an estimate says that it is one", async () => {
  expect(await counter.count("Hello there.")).toEqual({
    tokens: expect.any(Number),
    exact: false,
    method: "estimate by characters",
  });
});

test("tools, calls, results, media and names are part of it", async () => {
  const count = async (...args: Parameters<CharTokenCounter["count"]>): Promise<number> =>
    (await counter.count(...args)).tokens;
  const plain = await count("Hi");
  expect(await count("Hi", [{ name: "look_up", description: "Looks up a word." }])).toBeGreaterThan(
    plain + 5,
  );
  expect(await count({ role: "user", name: "Ann", content: "Hi" })).toBeGreaterThan(plain);
  expect(await count(new UserMessage(["Hi", image("https://example.com/cat.png")]))).toBe(plain + 765);
  const call = { type: "tool_use", id: "call_1", name: "look_up", input: { word: "house" } } as const;
  const calling = await count([new AssistantMessage([call])]);
  expect(calling).toBeGreaterThan(6);
  expect(
    await count([new AssistantMessage([call]), new ToolResultMessage(call, "a building")]),
  ).toBeGreaterThan(calling + 5);
  // The id is for the wire only.
  expect(await count([new AssistantMessage([{ ...call, id: "x".repeat(200) }])])).toBe(calling);
});

test("characters for each token can be told, and one counts characters", async () => {
  expect((await new CharTokenCounter({ charsPerToken: 1 }).countText("hello")).tokens).toBe(5);
  expect((await new CharTokenCounter({ charsPerToken: 2.5 }).countText("hello world")).tokens).toBe(5);
  for (const charsPerToken of [0, -1, Number.NaN])
    expect(() => new CharTokenCounter({ charsPerToken })).toThrow(ConfigurationError);
});
