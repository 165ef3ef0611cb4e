import { image } from "../../message/data-blocks.ts";
import { AssistantMessage, type MessageInput, ToolResultMessage } from "../../message/msg.ts";
import type { GenerateOptions } from "../../model/generate-options.ts";
import type { JsonSchema, ToolChoice, ToolInput } from "../../tool/tool-schema.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import { ENDING_USAGE, holdWireShapes } from "./case-shapes.ts";
import type { AnswerPart, ExpectedBlock, RecordedRequest, StreamShape, ToolPiece } from "./wire-fixtures.ts";

const WEATHER = {
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } } },
};
const TIME = { name: "get_time", parameters: { type: "object", properties: { zone: { type: "string" } } } };
const TOOLS: readonly ToolInput[] = [WEATHER, TIME];

const PARIS = '{"city":"Paris","note":"é \\"✓\\""}';
const PARIS_INPUT = { city: "Paris", note: 'é "✓"' };
const ZONE = '{"zone":"CET"}';

const weather = (more: object = {}): ExpectedBlock => ({
  tool: "get_weather",
  input: PARIS_INPUT,
  rawInput: PARIS,
  ...more,
});
const time = (more: object = {}): ExpectedBlock => ({
  tool: "get_time",
  input: { zone: "CET" },
  rawInput: ZONE,
  ...more,
});

/** A call in pieces of so many characters, its head in the first. */
function inPieces(head: ToolPiece, text: string, size: number, rest: ToolPiece = {}): ToolPiece[] {
  const chars = [...text];
  const pieces = Array.from({ length: Math.ceil(chars.length / size) }, (_, at) =>
    chars.slice(at * size, at * size + size).join(""),
  );
  return [head, ...pieces.map((piece) => ({ ...rest, arguments: piece }))];
}

/** Section E of the table: tools in the answer, and tools in the request. */
export const toolCases: readonly ConformanceCase[] = [
  callCase(
    "E1",
    "one call",
    [weather({ id: "call_1" })],
    inPieces({ index: 0, id: "call_1", name: "get_weather", arguments: "" }, PARIS, 9, { index: 0 }),
  ),
  callCase(
    "E2",
    "arguments cut at every character",
    [weather({ id: "call_1" })],
    inPieces({ index: 0, id: "call_1", name: "get_weather" }, PARIS, 1, { index: 0 }),
  ),
  callCase(
    "E3",
    "two calls, interleaved by their index",
    [weather({ id: "call_1" }), time({ id: "call_2" })],
    [
      { index: 0, id: "call_1", name: "get_weather", arguments: PARIS.slice(0, 8) },
      { index: 1, id: "call_2", name: "get_time", arguments: ZONE.slice(0, 3) },
      { index: 0, arguments: PARIS.slice(8, 20) },
      { index: 1, arguments: ZONE.slice(3) },
      { index: 0, arguments: PARIS.slice(20) },
    ],
  ),
  callCase(
    "E4",
    "calls without an index are told apart by their ids",
    [weather({ id: "call_1" }), time({ id: "call_2" })],
    [
      { id: "call_1", name: "get_weather", arguments: PARIS.slice(0, 8) },
      { arguments: PARIS.slice(8) },
      { id: "call_2", name: "get_time", arguments: ZONE },
    ],
  ),
  callCase(
    "E5",
    "calls without an id get ids of their own",
    [weather(), weather()],
    [
      { index: 0, name: "get_weather", arguments: PARIS },
      { index: 1, name: "get_weather", arguments: PARIS.slice(0, 4) },
      { index: 1, arguments: PARIS.slice(4) },
    ],
  ),
  callCase(
    "E6",
    "an id that stands only in the first piece",
    [weather({ id: "call_1" })],
    inPieces({ index: 0, id: "call_1", name: "get_weather" }, PARIS, 12, { index: 0, id: "" }),
  ),
  callCase(
    "E7",
    "id and name repeated in every piece",
    [weather({ id: "call_1" })],
    inPieces({ index: 0, id: "call_1", name: "get_weather" }, PARIS, 12, {
      index: 0,
      id: "call_1",
      name: "get_weather",
    }),
  ),
  callCase(
    "E8",
    "whole calls in one piece each",
    [weather({ id: "call_1" }), time({ id: "call_2" })],
    [
      { index: 0, id: "call_1", name: "get_weather", arguments: PARIS },
      { index: 1, id: "call_2", name: "get_time", arguments: ZONE },
    ],
  ),
  callCase(
    "E9",
    "empty arguments are none",
    [
      { tool: "get_time", input: {} },
      { tool: "get_time", input: {} },
    ],
    [
      { index: 0, id: "call_1", name: "get_time", arguments: "" },
      { index: 1, id: "call_2", name: "get_time", arguments: "{}" },
    ],
  ),
  callCase(
    "E10",
    "arguments that are not JSON are kept as they came, the call says so, and the answer goes on",
    [{ tool: "get_weather", rawInput: '{"city": "Paris", }', isBroken: true }, time()],
    [
      { index: 0, id: "call_1", name: "get_weather", arguments: '{"city": "Paris", }' },
      { index: 1, id: "call_2", name: "get_time", arguments: ZONE },
    ],
  ),
  {
    id: "E11",
    title: "a tool's result reaches the model as text, as an error, and with its picture",
    run: async (context) => {
      const card = { ...context.model().card, inputTypes: ["text/plain", "image/png"] };
      const model = context.model({ card });
      const call = { id: "call_1", name: "get_weather" };
      const sendResult = async (result: ToolResultMessage): Promise<RecordedRequest> => {
        const messages = [...afterCall("call_1"), result, "And?"];
        return (await context.send({ model, messages, tools: TOOLS })).sent;
      };
      const plain = await sendResult(new ToolResultMessage(call, "21 °C"));
      const [id] = callsOf(plain);
      same(resultsOf(plain), [[id, "21 °C"]], "a text");
      const failed = await sendResult(new ToolResultMessage(call, "no such city", { isError: true }));
      const [told] = failed.messages.flatMap(({ toolResults }) => toolResults);
      claim(
        told?.text.includes("no such city") === true &&
          (told.isError === true || told.text !== "no such city"),
        `an error must say that it is one: ${told?.text}`,
      );
      const picture = image(new Uint8Array([1, 2, 3]), { mediaType: "image/png" });
      const shown = await sendResult(
        new ToolResultMessage(call, [{ type: "text", id: "t", text: "a map" }, picture]),
      );
      const media = shown.messages.flatMap((message) => message.media);
      same(
        media.map(({ kind, data }) => [kind, data]),
        [["image", "AQID"]],
        "a picture",
      );
      claim(resultsOf(shown)[0]?.[1].includes("a map") === true, "the text beside the picture is missing");
    },
  },
  {
    id: "E12",
    title: "a call without a result is answered, a result without a call becomes text",
    run: async (context) => {
      const { sent } = await context.send({
        messages: [...afterCall("call_1"), "Never mind."],
        tools: TOOLS,
      });
      same(
        [callsOf(sent).length, resultsOf(sent).map(([id]) => id)],
        [1, callsOf(sent)],
        "results for the open call",
      );
      const stray = new ToolResultMessage({ id: "call_9", name: "get_time" }, "noon");
      const { sent: other } = await context.send({ messages: ["Hi", stray, "And?"], tools: TOOLS });
      same(resultsOf(other), [], "results");
      claim(
        other.messages.some(({ text }) => text.includes("noon")),
        "the stray result was lost",
      );
    },
  },
  {
    id: "E13",
    title: "ids of other providers are fitted to this one, calls and results alike, and stay apart",
    run: async (context) => {
      const ids = [
        "toolu_01|with:marks/and spaces",
        "toolu_01_with_marks_and_spaces",
        "x".repeat(200),
        `${"x".repeat(200)}y`,
        "é",
      ];
      const messages: MessageInput[] = ["Hi"];
      for (const id of ids) messages.push(callOf(id), new ToolResultMessage({ id, name: "get_weather" }, id));
      const { sent } = await context.send({ messages: [...messages, "And?"], tools: TOOLS });
      const calls = callsOf(sent);
      same(new Set(calls).size, ids.length, `different ids among ${calls.join(", ")}`);
      for (const id of calls)
        claim(context.fixtures.toolCallId.test(id), `the id ${id} is not one of this wire`);
      same(
        resultsOf(sent),
        calls.map((id, index) => [id, ids[index]]),
        "the results",
      );
    },
  },
  {
    id: "E14",
    title:
      "every tool choice reaches the wire, or is a warning; one that cannot be met is a mistake told before",
    run: async (context) => {
      const choices: ToolChoice[] = [
        "auto",
        "none",
        "required",
        { name: "get_time" },
        { names: ["get_time"] },
      ];
      for (const toolChoice of choices) await compareChoice(context, toolChoice);
      const { sent } = await context.send({ tools: TOOLS });
      same(sent.toolChoice, undefined, "no choice");
      const impossible: [GenerateOptions, readonly ToolInput[]][] = [
        [{ toolChoice: { name: "absent" } }, TOOLS],
        [{ toolChoice: { names: [] } }, TOOLS],
        [{ toolChoice: "required" }, []],
      ];
      for (const [options, tools] of impossible) {
        const { error, request } = await context.ask(undefined, { options, tools });
        same([error?.kind, request], ["configuration", undefined], `what came of ${JSON.stringify(options)}`);
      }
    },
  },
  {
    id: "E15",
    title: "schemas of every form reach the wire whole",
    run: async (context) => {
      for (const [form, parameters, check] of await schemas()) {
        const { sent } = await context.send({ tools: [{ name: "look_up", parameters }] });
        const schema = sent.tools?.[0]?.parameters;
        claim(typeof schema === "object" && schema !== null, `${form}: no schema was sent`);
        // What a wire has no keyword for is told in words: JSON within the JSON.
        const said = JSON.stringify(schema).replaceAll(String.raw`\"`, '"');
        claim(check(said), `${form}: ${said}`);
      }
      const { sent } = await context.send({ tools: [{ name: "no_arguments" }] });
      same(
        sent.tools?.map(({ name }) => name),
        ["no_arguments"],
        "a tool without parameters",
      );
    },
  },
  {
    id: "E16",
    title: "an answer that says it stopped, but calls tools, calls tools",
    run: async (context) => {
      const finish = context.fixtures.finishReasons.stop ?? "stop";
      const tool = { index: 0, id: "call_1", name: "get_time", arguments: ZONE };
      const events = context.fixtures.stream([{ tool }, ...context.ending(finish)]);
      const expect = {
        content: [time()],
        finishReason: "tool_calls",
        rawFinishReason: finish,
        usage: ENDING_USAGE,
      } as const;
      await context.hold({ title: "stop with a call", events, expect });
    },
  },
];

/** A case of tool calls that come in these pieces, after a text and before none; and of the shapes that only this wire has. */
function callCase(
  id: string,
  title: string,
  calls: readonly ExpectedBlock[],
  pieces: readonly ToolPiece[],
): ConformanceCase {
  return {
    id,
    title,
    run: async (context) => {
      const { fixtures } = context;
      const finish = fixtures.finishReasons.tool_calls ?? fixtures.finishReasons.stop;
      const tools = pieces.map((tool): AnswerPart => ({ tool }));
      const shape = (before: readonly string[]): StreamShape => ({
        title: before.length === 0 ? "alone" : "after a text",
        events: fixtures.stream([...before.map((text) => ({ text })), ...tools, ...context.ending(finish)]),
        expect: {
          content: [...before.map((text) => ({ text })), ...calls],
          finishReason: "tool_calls",
          usage: ENDING_USAGE,
        },
      });
      await context.hold(shape([]), { tools: TOOLS });
      await context.hold(shape(["Let me see."]), { tools: TOOLS });
      if (fixtures.shapes[id] !== undefined) await holdWireShapes(context, id);
    },
  };
}

function callOf(id: string): AssistantMessage {
  return new AssistantMessage([{ type: "tool_use", id, name: "get_weather", input: { city: "Paris" } }]);
}

function afterCall(id: string): MessageInput[] {
  return ["How is the weather?", callOf(id)];
}

function callsOf(sent: RecordedRequest): string[] {
  return sent.messages.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id));
}

function resultsOf(sent: RecordedRequest): [id: string, text: string][] {
  return sent.messages.flatMap(({ toolResults }) =>
    toolResults.map(({ id, text }): [string, string] => [id, text]),
  );
}

async function compareChoice(context: ConformanceContext, toolChoice: ToolChoice): Promise<void> {
  const { sent, last } = await context.send({ tools: TOOLS, options: { toolChoice } });
  const isWarned = last.warnings.some(({ option }) => option === "toolChoice");
  const names = sent.tools?.map(({ name }) => name);
  const isMet =
    JSON.stringify(sent.toolChoice) === JSON.stringify(toolChoice) ||
    // A choice of some tools may be met by offering only those, and one of none by offering none.
    (typeof toolChoice === "object" && "names" in toolChoice && names?.join() === toolChoice.names.join()) ||
    (typeof toolChoice === "object" &&
      "name" in toolChoice &&
      names?.join() === toolChoice.name &&
      sent.toolChoice === "required") ||
    (toolChoice === "none" && names === undefined) ||
    (toolChoice === "auto" && sent.toolChoice === undefined);
  claim(
    isMet || isWarned,
    `${JSON.stringify(toolChoice)} was sent as ${JSON.stringify(sent.toolChoice)}, without a warning`,
  );
  claim(!(isMet && isWarned), `${JSON.stringify(toolChoice)} was sent, and yet there is a warning`);
}

type Check = (schema: string) => boolean;

function has(...parts: string[]): Check {
  return (schema) => parts.every((part) => schema.includes(part));
}

/** The same kinds of fields in JSON Schema, zod 4 and zod 3. */
async function schemas(): Promise<[form: string, schema: JsonSchema, check: Check][]> {
  const [{ z: zod4 }, { z: zod3 }] = await Promise.all([import("zod/v4"), import("zod/v3")]);
  const plain: JsonSchema = {
    type: "object",
    properties: {
      node: { $ref: "#/$defs/node" },
      kind: { enum: ["a", "b"] },
      count: { type: "integer", default: 3 },
      extra: { type: "object", additionalProperties: true },
      note: { type: ["string", "null"] },
    },
    required: ["node"],
    $defs: {
      node: { type: "object", properties: { child: { $ref: "#/$defs/node" }, name: { type: "string" } } },
    },
  };
  const four = zod4.object({
    kind: zod4.enum(["a", "b"]),
    count: zod4.number().int().default(3),
    extra: zod4.record(zod4.string(), zod4.unknown()),
    note: zod4.string().optional(),
    nested: zod4.object({ list: zod4.array(zod4.string()).describe("words") }),
  });
  const three = zod3.object({
    kind: zod3.enum(["a", "b"]),
    count: zod3.number().int().default(3),
    extra: zod3.record(zod3.unknown()),
    note: zod3.string().optional(),
    nested: zod3.object({ list: zod3.array(zod3.string()).describe("words") }),
  });
  const fields = has(
    '"kind"',
    '"enum":["a","b"]',
    '"count"',
    '"default":3',
    '"extra"',
    '"note"',
    '"nested"',
    '"words"',
  );
  return [
    [
      "JSON Schema",
      plain,
      has('"child"', '"enum":["a","b"]', '"default":3', '"additionalProperties":true', '"required":["node"]'),
    ],
    ["zod 4", four as unknown as JsonSchema, fields],
    ["zod 3", three as unknown as JsonSchema, fields],
  ];
}
