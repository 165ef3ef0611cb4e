// Values from a server that is not ours, whose grammar holds a model without any sense to the schema.
import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  AnthropicCredential,
  type ChatModelBase,
  jsonIssues,
  OpenAIChatModel,
  type ParseError,
  runTools,
  tool,
  toJsonSchema,
} from "../../src/index.ts";
import type { LlamaServer } from "./llama-server.ts";
import { kit, withServer } from "./scripted-server.ts";

/** The server samples on a machine that does other things too. */
const TIMEOUT_MS = 90_000;

const it = (name: string, run: () => Promise<void>): void =>
  test.skipIf("unavailable" in kit)(name, run, TIMEOUT_MS);

/** The grammar has room for reasoning, which nothing holds to any end. */
const WITHOUT_THINKING = { reasoning_format: "none" };

type Make = (server: LlamaServer) => ChatModelBase;

const overOpenAI: Make = ({ baseUrl }) =>
  new OpenAIChatModel({
    provider: "llama-cpp",
    modelName: "scripted",
    endpoint: { baseUrl, headers: () => ({}) },
    options: { retry: false, maxTokens: 600, extraBody: WITHOUT_THINKING },
    switches: { systemRole: "system", schemaDialect: "json-schema" },
  });

/** The server has no grammar on this wire: what holds the model to the schema is only what is checked here. */
const overAnthropic: Make = ({ baseUrl }) =>
  new AnthropicCredential({ baseUrl, apiKey: "none" }).createChatModel("scripted", {
    options: { retry: false, maxTokens: 100 },
  });

const WIRES: readonly (readonly [wire: string, make: Make])[] = [
  ["OpenAI", overOpenAI],
  ["Anthropic", overAnthropic],
];

/** Bounded everywhere: whoever says anything at all comes to an end. */
const Report = z.object({
  mood: z.enum(["calm", "windy", "stormy"]),
  isOpen: z.boolean(),
  levels: z.array(z.enum(["a", "b"])).max(3),
  place: z.object({ code: z.string().max(4), note: z.enum(["x", "y"]).optional() }),
  next: z.union([z.literal("none"), z.object({ day: z.enum(["mon", "tue"]) })]),
});

it("a model that says random things gives values that fit the schema, by the server's grammar", () =>
  withServer("random", ["zzz"], async (server) => {
    const model = overOpenAI(server);
    const schema = await toJsonSchema(Report);
    for (const seed of [1, 2, 3]) {
      const options = { strategy: "native", temperature: 1, seed } as const;
      const snapshots = await lastValueFrom(
        model.streamStructured("Report.", Report, options).pipe(toArray()),
      );
      const last = snapshots.at(-1);
      if (last?.isLast !== true) expect.fail("there is no value");
      expect(jsonIssues(last.value, schema)).toEqual([]);
      expect(last.attempts).toMatchObject([{ mode: "native", outcome: "ok" }]);
      expect(snapshots.length).toBeGreaterThan(5);
    }
  }));

it("a list at the root comes through the same grammar", () =>
  withServer("random-list", ["zzz"], async (server) => {
    const model = overOpenAI(server);
    const schema = z
      .array(z.enum(["red", "green", "blue"]))
      .min(1)
      .max(4);
    const { value } = await model.structured("Colours.", schema, {
      strategy: "native",
      temperature: 1,
      seed: 7,
    });
    expect(schema.parse(value)).toEqual(value);
  }));

it("an answer that is cut at the token limit is an error with its text", () =>
  withServer("random-cut", ["zzz"], async (server) => {
    const model = overOpenAI(server);
    const error = await model
      .structured("Report.", Report, { strategy: "native", temperature: 1, seed: 1, maxTokens: 30 })
      .then(
        () => expect.fail("it was whole"),
        (reason: unknown) => reason as ParseError,
      );
    expect(error).toMatchObject({ kind: "parse", partial: { finishReason: "length" } });
    expect(error.partial?.text).toMatch(/^\s*\{/);
  }));

const CALL = [
  "<tool_call>",
  '{"name": "get_',
  'weather", "arguments": {"city": "',
  "Paris",
  '"}}',
  "</tool_call>",
];

/** Each wire has models of its own: the test files run side by side. */
const file = (wire: string, name: string): string => `values-${wire.toLowerCase()}-${name}`;

for (const [wire, make] of WIRES) {
  it(`${wire}: a run of tools goes round a real server until its bound`, () =>
    withServer(file(wire, "loop"), CALL, async (server) => {
      const cities: string[] = [];
      const weather = tool({
        name: "get_weather",
        parameters: z.object({ city: z.string() }),
        execute: ({ city }) => {
          cities.push(city);
          return "21 °C";
        },
      });
      // This model knows nothing but the call.
      const run = runTools(make(server), "Weather?", [weather], { maxRounds: 2, temperature: 0 });
      expect(await lastValueFrom(run)).toMatchObject({ type: "final", reason: "max_rounds" });
      expect(cities).toEqual(["Paris", "Paris"]);
    }));

  it(`${wire}: a value comes as the arguments of a tool`, () =>
    withServer(
      file(wire, "tool"),
      ["<tool_call>", '{"name": "ans', 'wer", "arguments": {"city": "', "Paris", '"}}', "</tool_call>"],
      async (server) => {
        const schema = z.object({ city: z.string() });
        const { value, attempts } = await make(server).structured("Where?", schema, {
          strategy: "tool",
          temperature: 0,
        });
        expect(value).toEqual({ city: "Paris" });
        expect(attempts.at(-1)?.outcome).toBe("ok");
      },
    ));

  it(`${wire}: a value comes as text, and can be read while it arrives`, () =>
    withServer(
      file(wire, "text"),
      ['{"city": "', "Par", "is", '", "days": [', "1, ", "2", "]}"],
      async (server) => {
        const schema = z.object({ city: z.string(), days: z.array(z.number()) });
        const snapshots = await lastValueFrom(
          make(server)
            .streamStructured("Where?", schema, { temperature: 0, strategy: "prompt" })
            .pipe(toArray()),
        );
        expect(snapshots.at(-1)).toMatchObject({ isLast: true, value: { city: "Paris", days: [1, 2] } });
        expect(snapshots.map(({ partial }) => partial?.city)).toContain("Par");
      },
    ));

  it(`${wire}: a model without any sense is corrected twice, then told as an error with its text`, () =>
    withServer(file(wire, "nonsense"), ["Ugh", "!"], async (server) => {
      const error = await make(server)
        .structured("Where?", z.object({ city: z.string() }), { temperature: 0, strategy: "prompt" })
        .then(
          () => expect.fail("there was a value"),
          (reason: unknown) => reason as ParseError,
        );
      expect(error).toMatchObject({ kind: "parse", body: "Ugh!", partial: { text: "Ugh!" } });
      expect(error.message).toContain("tried prompt, prompt, prompt");
    }));
}
