import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ContentBlock, ToolUseBlock } from "../../src/message/content-block.ts";
import { ContentBuilder, interruptContent, type ToolCallDelta } from "../../src/model/content-builder.ts";

function calls(content: readonly ContentBlock[]): ToolUseBlock[] {
  return content.filter((block) => block.type === "tool_use");
}

/** The finished tool calls that these pieces make. */
function callsOf(...pieces: readonly ToolCallDelta[]): ToolUseBlock[] {
  const builder = new ContentBuilder();
  for (const piece of pieces) builder.toolCall(piece);
  builder.close();
  return calls(builder.content);
}

const whole = ({ id, name, input }: ToolUseBlock): unknown => ({ id, name, input });

test("text grows in one block, whose id stays", () => {
  const builder = new ContentBuilder();
  builder.text("Hel");
  const first = builder.content;
  builder.text("lo");
  expect(first).toEqual([{ type: "text", id: expect.any(String) as string, text: "Hel" }]);
  expect(builder.content).toEqual([{ type: "text", id: first[0]?.id, text: "Hello" }]);
});

test("empty additions open no block and are no delta", () => {
  const builder = new ContentBuilder();
  builder.text("");
  builder.thinking("");
  expect(builder.content).toEqual([]);
  expect(builder.hasDelta).toBe(false);
});

test("blocks stand in the order in which they came, text around a call being two blocks", () => {
  const builder = new ContentBuilder();
  builder.thinking("hm");
  builder.text("before");
  builder.toolCall({ index: 0, id: "a", name: "f", arguments: '{"x":' });
  builder.text("after");
  builder.toolCall({ index: 0, arguments: "1}" });
  builder.thinking("again");
  builder.close();
  expect(builder.content.map((block) => block.type)).toEqual([
    "thinking",
    "text",
    "tool_use",
    "text",
    "thinking",
  ]);
  expect(calls(builder.content).map(whole)).toEqual([{ id: "a", name: "f", input: { x: 1 } }]);
  expect(new Set(builder.content.map((block) => block.id)).size).toBe(5);
});

test("a key tells one block from another of the same kind", () => {
  const builder = new ContentBuilder();
  builder.thinking("a", 0);
  builder.thinking("b", 1);
  builder.thinking("A", 0);
  builder.annotate({ p: { signature: "s0" } }, 0);
  builder.annotate({ p: { signature: "s1" } }, 1);
  expect(builder.content).toMatchObject([
    { thinking: "aA", providerMetadata: { p: { signature: "s0" } } },
    { thinking: "b", providerMetadata: { p: { signature: "s1" } } },
  ]);
});

test("what a block was annotated with stays while it grows, field by field", () => {
  const builder = new ContentBuilder();
  builder.text("a");
  builder.annotate({ p: { one: 1 }, q: { x: 1 } });
  builder.text("b");
  builder.annotate({ p: { two: 2 } });
  expect(builder.content).toMatchObject([
    { text: "ab", providerMetadata: { p: { one: 1, two: 2 }, q: { x: 1 } } },
  ]);
  builder.annotate({ p: { three: 3 } }, "no such block");
  expect(JSON.stringify(builder.content)).not.toContain("three");
});

test("what a tool call was annotated with stays while its arguments grow and when it closes", () => {
  const builder = new ContentBuilder();
  builder.toolCall({ index: 0, id: "a", name: "f", arguments: '{"x":' });
  builder.annotate({ gemini: { thoughtSignature: "sig" } });
  builder.toolCall({ index: 0, arguments: "1}" });
  builder.close();
  expect(builder.content).toMatchObject([
    { input: { x: 1 }, providerMetadata: { gemini: { thoughtSignature: "sig" } } },
  ]);
});

test("lists that were handed out never change", () => {
  const builder = new ContentBuilder();
  const seen: { content: readonly ContentBlock[]; text: string }[] = [];
  const look = (): void =>
    void seen.push({ content: builder.content, text: JSON.stringify(builder.content) });
  builder.text("a");
  look();
  builder.text("b");
  look();
  builder.toolCall({ index: 0, name: "f", arguments: '{"l":[1,' });
  look();
  builder.toolCall({ index: 0, arguments: "2]}" });
  look();
  builder.annotate({ p: { x: 1 } });
  builder.base64("QUJD", "audio/wav", "audio");
  look();
  builder.base64("REVG", "audio/wav", "audio");
  builder.close();
  look();
  for (const { content, text } of seen) expect(JSON.stringify(content)).toBe(text);
});

test("deltas tell what is new, and each only once", () => {
  const builder = new ContentBuilder();
  builder.text("a");
  builder.text("b");
  builder.toolCall({ index: 0, id: "x", name: "f", arguments: "{" });
  builder.toolCall({ index: 0, arguments: "}" });
  const [first] = builder.content;
  expect(builder.hasDelta).toBe(true);
  expect(builder.takeDelta()).toEqual([
    { type: "text", id: first?.id, text: "a" },
    { type: "text", id: first?.id, text: "b" },
    { type: "tool_use", id: "x", name: "f", rawInput: "{" },
    { type: "tool_use", id: "x", name: "f", rawInput: "}" },
  ]);
  expect(builder.hasDelta).toBe(false);
  expect(builder.takeDelta()).toEqual([]);
});

test("the deltas put together are the content, for any answer", () => {
  const step = fc.oneof(
    fc.record({ text: fc.string() }),
    fc.record({ thinking: fc.string() }),
    fc.record({ call: fc.record({ index: fc.nat({ max: 2 }), arguments: fc.string() }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const builder = new ContentBuilder();
      const sums = new Map<string, string>();
      for (const each of steps) {
        if ("text" in each) builder.text(each.text);
        else if ("thinking" in each) builder.thinking(each.thinking);
        else builder.toolCall({ ...each.call, name: `f${each.call.index}` });
        for (const delta of builder.takeDelta()) {
          const added =
            delta.type === "text"
              ? delta.text
              : delta.type === "thinking"
                ? delta.thinking
                : delta.type === "tool_use"
                  ? delta.rawInput
                  : "";
          sums.set(delta.id, (sums.get(delta.id) ?? "") + added);
        }
      }
      const content = builder.content.map((block) => [
        block.id,
        block.type === "text"
          ? block.text
          : block.type === "thinking"
            ? block.thinking
            : block.type === "tool_use"
              ? block.rawInput
              : "",
      ]);
      expect([...sums]).toEqual(content);
    }),
  );
});

test("Q57 without an index a call is found by its id, else it is the last one", () => {
  expect(
    callsOf(
      { id: "a", name: "f", arguments: '{"x":' },
      { arguments: "1}" },
      { id: "b", name: "g", arguments: '{"y":' },
      { id: "a", arguments: "" },
      { id: "b", arguments: "2" },
      { arguments: "}" },
    ).map(whole),
  ).toEqual([
    { id: "a", name: "f", input: { x: 1 } },
    { id: "b", name: "g", input: { y: 2 } },
  ]);
});

test("Q58 at an index that is always 0 a new id is a new call", () => {
  expect(
    callsOf(
      { index: 0, id: "a", name: "f", arguments: '{"x":1}' },
      { index: 0, id: "b", name: "f", arguments: '{"x":' },
      { index: 0, id: "b", arguments: "2}" },
      { index: 0, id: "a", arguments: "" },
    ).map(whole),
  ).toEqual([
    { id: "a", name: "f", input: { x: 1 } },
    { id: "b", name: "f", input: { x: 2 } },
  ]);
});

test("Q58 at an index that is always 0, without ids, another name or a whole call before it is a new call", () => {
  const found = callsOf(
    { index: 0, name: "f", arguments: '{"x":1}' },
    { index: 0, name: "g", arguments: '{"x":2}' },
    { index: 0, name: "g", arguments: '{"x":3}' },
  );
  expect(found.map(({ name, input }) => [name, input])).toEqual([
    ["f", { x: 1 }],
    ["g", { x: 2 }],
    ["g", { x: 3 }],
  ]);
  expect(new Set(found.map(({ id }) => id)).size).toBe(3);
});

test("Q59 an index that begins at 1, or has gaps, is only a name", () => {
  expect(
    callsOf(
      { index: 1, id: "a", name: "f", arguments: '{"x":' },
      { index: 7, id: "b", name: "g", arguments: "{}" },
      { index: 1, arguments: "1}" },
    ).map(whole),
  ).toEqual([
    { id: "a", name: "f", input: { x: 1 } },
    { id: "b", name: "g", input: {} },
  ]);
});

test("Q60 a call whose first piece has no id gets one, which stays", () => {
  const builder = new ContentBuilder();
  builder.toolCall({ index: 1, id: null, name: "f", arguments: "{" });
  const [shown] = calls(builder.content);
  builder.toolCall({ index: 1, id: "late", arguments: "}" });
  builder.close();
  expect(shown?.id).toMatch(/^call_/);
  expect(calls(builder.content).map(whole)).toEqual([{ id: shown?.id, name: "f", input: {} }]);
});

test("Q61 an empty id on a later piece is no id", () => {
  expect(
    callsOf({ index: 0, id: "a", name: "f", arguments: "{" }, { index: 0, id: "", arguments: "}" }).map(
      whole,
    ),
  ).toEqual([{ id: "a", name: "f", input: {} }]);
});

test("Q62 parallel calls whose only id is empty get ids of their own", () => {
  const found = callsOf(
    { index: 0, id: "", name: "f", arguments: "{}" },
    { index: 1, id: "", name: "f", arguments: "{}" },
  );
  expect(found).toHaveLength(2);
  expect(found[0]?.id).not.toBe("");
  expect(found[0]?.id).not.toBe(found[1]?.id);
});

test("calls at different indexes that bear one id get ids that tell them apart", () => {
  const found = callsOf(
    { index: 0, id: "call", name: "f", arguments: '{"x":1}' },
    { index: 1, id: "call", name: "g", arguments: '{"x":2}' },
  );
  expect(found.map(({ name, input }) => [name, input])).toEqual([
    ["f", { x: 1 }],
    ["g", { x: 2 }],
  ]);
  expect(found[0]?.id).toBe("call");
  expect(found[1]?.id).not.toBe("call");
});

test("Q63 an id and a name repeated on every piece start nothing new and are not joined", () => {
  const piece = { index: 0, id: "a", name: "get_weather" };
  const expected = [{ id: "a", name: "get_weather", input: { city: "Paris" } }];
  expect(
    callsOf(
      { ...piece, arguments: '{"city":' },
      { ...piece, arguments: '"Paris"' },
      { ...piece, arguments: "}" },
    ).map(whole),
  ).toEqual(expected);
  const { index: _index, ...byId } = piece;
  expect(
    callsOf(
      { ...byId, arguments: '{"city":' },
      { ...byId, arguments: '"Paris"' },
      { ...byId, arguments: "}" },
    ).map(whole),
  ).toEqual(expected);
  const byName = { name: "get_weather" };
  const [found, ...others] = callsOf(
    { ...byName, arguments: '{"city":' },
    { ...byName, arguments: '"Paris"' },
    { ...byName, arguments: "}" },
    { ...byName, arguments: "" },
  );
  expect([found?.name, found?.input, others]).toEqual(["get_weather", { city: "Paris" }, []]);
});

test("Q64 a name that comes after the first arguments loses none of them", () => {
  const builder = new ContentBuilder();
  builder.toolCall({ index: 0, id: "a", arguments: '{"x":' });
  expect(builder.content).toEqual([]);
  expect(builder.hasToolCalls).toBe(false);
  builder.toolCall({ index: 0, name: "f", arguments: "1" });
  expect(builder.takeDelta()).toEqual([{ type: "tool_use", id: "a", name: "f", rawInput: '{"x":1' }]);
  builder.toolCall({ index: 0, arguments: "}" });
  builder.close();
  expect(calls(builder.content).map(whole)).toEqual([{ id: "a", name: "f", input: { x: 1 } }]);
});

test("Q65 a call whose name never comes is an error of this call, and no call to run", () => {
  const builder = new ContentBuilder();
  builder.toolCall({ index: 0, id: "a", arguments: "{}" });
  builder.close();
  expect(calls(builder.content)).toMatchObject([{ id: "a", name: "", rawInput: "{}" }]);
  expect(calls(builder.content)[0]?.inputError).toMatch(/without a tool name/);
  expect(builder.hasToolCalls).toBe(false);
});

test.each<[unknown, string, object]>([
  [{ x: 1 }, '{"x":1}', { x: 1 }],
  [null, "", {}],
  [undefined, "", {}],
  ["", "", {}],
])("Q67 Q68 arguments %j are the text %j and mean %j", (value, rawInput, input) => {
  expect(callsOf({ index: 0, id: "a", name: "f", arguments: value })).toEqual([
    { type: "tool_use", id: "a", name: "f", rawInput, input },
  ]);
});

test("Q69 arguments null, as a text, mean none", () => {
  for (const value of ["null", " null\n"]) {
    expect(callsOf({ index: 0, id: "a", name: "f", arguments: value })[0]).toMatchObject({
      input: {},
      rawInput: value,
    });
    expect(callsOf({ index: 0, id: "a", name: "f", arguments: value })[0]?.inputError).toBeUndefined();
  }
});

test("Q70 whole calls, one a piece, need nothing more", () => {
  expect(
    callsOf(
      { index: 0, id: "a", name: "f", arguments: '{"x":1}' },
      { index: 1, id: "b", name: "f", arguments: '{"x":2}' },
    ).map(whole),
  ).toEqual([
    { id: "a", name: "f", input: { x: 1 } },
    { id: "b", name: "f", input: { x: 2 } },
  ]);
});

test("Q71 an empty piece after all arguments is no second call", () => {
  const first = { index: 0, id: "a", name: "f", arguments: '{"x":1}' };
  expect(callsOf(first, { index: 0, arguments: "" })).toHaveLength(1);
  expect(callsOf(first, { index: 0, id: "a", name: "f", arguments: "" })).toHaveLength(1);
  expect(callsOf(first, { arguments: "" })).toHaveLength(1);
  const builder = new ContentBuilder();
  builder.toolCall(first);
  builder.takeDelta();
  builder.toolCall({ index: 0, arguments: "" });
  expect(builder.hasDelta).toBe(false);
});

test("Q72 a parsable beginning is not the end of the arguments", () => {
  const found = callsOf(
    { index: 0, id: "a", name: "f", arguments: "{}" },
    { index: 0, arguments: ' , "rm": true}' },
  );
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ rawInput: '{} , "rm": true}', input: {} });
  expect(found[0]?.inputError).toMatch(/not JSON/);
});

test("Q72 a name repeated after a parsable beginning does not make it a call of its own", () => {
  for (const index of [0, undefined]) {
    const found = callsOf(
      { index, name: "f", arguments: "{}" },
      { index, name: "f", arguments: ', "rm": true}' },
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.inputError).toMatch(/not JSON/);
  }
});

test("Q73 text between two pieces of the arguments does not close the call", () => {
  const builder = new ContentBuilder();
  builder.toolCall({ index: 0, id: "a", name: "f", arguments: '{"x":' });
  builder.text("meanwhile");
  builder.toolCall({ arguments: "1}" });
  builder.close();
  expect(calls(builder.content).map(whole)).toEqual([{ id: "a", name: "f", input: { x: 1 } }]);
});

test("Q74 a call cut in its arguments says so, lest it be run", () => {
  const builder = new ContentBuilder();
  builder.toolCall({ index: 0, id: "a", name: "f", arguments: '{"x":1}' });
  builder.toolCall({ index: 1, id: "b", name: "f", arguments: '{"path":"/tm' });
  builder.toolCall({ index: 2, id: "c", name: "f" });
  const cut = calls(interruptContent(builder.content));
  expect(cut.map(({ inputError }) => inputError !== undefined)).toEqual([false, true, true]);
  expect(cut[1]?.input).toEqual({ path: "/tm" });
  builder.close();
  expect(calls(builder.content)[1]?.inputError).toMatch(/not JSON/);
});

test("arguments that are no object are kept as they came, with the reason", () => {
  for (const text of ["[1]", '"text"', "7", "true"]) {
    const [found] = callsOf({ index: 0, id: "a", name: "f", arguments: text });
    expect(found).toMatchObject({ rawInput: text, input: {} });
    expect(found?.inputError).toMatch(/not a JSON object/);
  }
});

test("the input can be read while its arguments arrive", () => {
  const builder = new ContentBuilder();
  const inputs: unknown[] = [];
  for (const fragment of ['{"ci', 'ty":"Pa', 'ris","da', 'ys":1', "2}"]) {
    builder.toolCall({ index: 0, id: "a", name: "f", arguments: fragment });
    inputs.push(calls(builder.content)[0]?.input);
  }
  expect(inputs).toEqual([
    {},
    { city: "Pa" },
    { city: "Paris" },
    { city: "Paris" },
    { city: "Paris", days: 12 },
  ]);
});

test("calls cut into pieces and mixed with each other are whole at their end, keyed in any way", () => {
  const input = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });
  fc.assert(
    fc.property(
      fc.array(input, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      fc.nat(),
      (inputs, byIndex, repeats, seed) => {
        const pieces = inputs.map((value, call) => {
          const text = JSON.stringify(value);
          const size = 1 + ((seed + call) % 7);
          const count = Math.ceil(text.length / size);
          return Array.from({ length: count }, (_, at): ToolCallDelta => ({
            ...(byIndex && { index: call }),
            ...((!byIndex || repeats || at === 0) && { id: `c${call}` }),
            ...((repeats || at === 0) && { name: `f${call}` }),
            arguments: text.slice(at * size, (at + 1) * size),
          }));
        });
        const mixed: ToolCallDelta[] = [];
        for (let turn = 0; pieces.some((each) => each.length > 0); turn++) {
          const next =
            pieces[(turn * 7 + seed) % pieces.length]?.shift() ??
            pieces.find((each) => each.length > 0)?.shift();
          if (next !== undefined) mixed.push(next);
        }
        const found = callsOf(...mixed).toSorted((a, b) => a.id.localeCompare(b.id));
        expect(found.map(whole)).toEqual(
          inputs.map((value, call) => ({
            id: `c${call}`,
            name: `f${call}`,
            input: JSON.parse(JSON.stringify(value)) as unknown,
          })),
        );
      },
    ),
  );
});

test("pieces of base64 that were encoded each for themselves are one", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 10 }), { minLength: 1 }), (pieces) => {
      const builder = new ContentBuilder();
      for (const piece of pieces) builder.base64(Buffer.from(piece).toString("base64"), "audio/wav", "audio");
      const [block] = builder.content;
      const source = block?.type === "data" ? block.source : undefined;
      const expected = Buffer.concat(pieces).toString("base64");
      expect(source).toEqual({ type: "base64", data: expected, mediaType: "audio/wav" });
      expect(builder.content).toHaveLength(1);
    }),
  );
});

test("a whole media block is a block and a delta", () => {
  const builder = new ContentBuilder();
  builder.data({ source: { type: "url", url: "https://x/y.png", mediaType: "image/png" } });
  expect(builder.content).toMatchObject([{ type: "data", source: { url: "https://x/y.png" } }]);
  expect(builder.takeDelta()).toEqual(builder.content);
});

test("a thinking block without text is opened once", () => {
  const builder = new ContentBuilder();
  builder.ensureThinking();
  builder.ensureThinking();
  builder.annotate({ p: { data: "opaque" } });
  expect(builder.content).toMatchObject([
    { type: "thinking", thinking: "", providerMetadata: { p: { data: "opaque" } } },
  ]);
});
