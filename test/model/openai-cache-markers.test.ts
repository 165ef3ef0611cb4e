import { expect, test } from "vitest";
import { markCachedParts } from "../../src/model/openai-cache-markers.ts";

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
  { role: "assistant", content: null },
  { role: "user", content: [{ type: "text", text: "a" }, { type: "image_url" }] },
] as const;

const EPHEMERAL = { cache_control: { type: "ephemeral" } };

function marked(
  ...rest: Parameters<typeof markCachedParts> extends [unknown, ...infer Rest] ? Rest : never
): unknown {
  return markCachedParts(MESSAGES, ...rest);
}

test("true marks the instructions and the last message, on their last part", () => {
  expect(marked(true, () => expect.fail("nothing to warn of"))).toEqual([
    { role: "system", content: [{ type: "text", text: "Be brief.", ...EPHEMERAL }] },
    MESSAGES[1],
    MESSAGES[2],
    {
      role: "user",
      content: [
        { type: "text", text: "a" },
        { type: "image_url", ...EPHEMERAL },
      ],
    },
  ]);
});

test("only what is named is marked, with the time that it is to last", () => {
  expect(marked({ system: true, ttl: "1h" }, () => undefined)).toEqual([
    {
      role: "system",
      content: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }],
    },
    ...MESSAGES.slice(1),
  ]);
});

test("tools bear no breakpoint: a warning says so, the messages stay", () => {
  const warned: string[] = [];
  expect(marked({ tools: true }, (option) => warned.push(option))).toEqual(MESSAGES);
  expect(warned).toEqual(["cacheControl.tools"]);
});

test("a message without content has no place for one, and one that is there stays", () => {
  const own = {
    role: "user",
    content: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "5m" } }],
  };
  expect(markCachedParts([{ role: "assistant", content: null }], true, () => undefined)).toEqual([
    { role: "assistant", content: null },
  ]);
  expect(markCachedParts([own], { lastMessage: true }, () => undefined)).toEqual([own]);
});
