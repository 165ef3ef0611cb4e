// Values from a server that is not ours, whose grammar holds a model without any sense to the schema.
import { join } from "node:path";
import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  jsonIssues,
  OpenAIChatModel,
  type ParseError,
  runTools,
  tool,
  toJsonSchema,
} from "../../src/index.ts";
import { type LlamaServer, prepareLlamaServer } from "./llama-server.ts";
import { writeScriptedGguf } from "./scripted-gguf.ts";

const kit = prepareLlamaServer();
if ("unavailable" in kit)
  console.log(`The tests against a real llama-server are skipped: ${kit.unavailable}.`);
/** The server samples on a machine that does other things too. */
const TIMEOUT_MS = 90_000;

const it = (name: string, run: () => Promise<void>): void =>
  test.skipIf("unavailable" in kit)(name, run, TIMEOUT_MS);

/** The grammar has room for reasoning, which nothing holds to any end. */
const WITHOUT_THINKING = { reasoning_format: "none" };

async function withServer(
  name: string,
  script: readonly string[],
  use: (model: OpenAIChatModel) => Promise<void>,
): Promise<void> {
  if ("unavailable" in kit) return;
  const file = join(kit.folder, `${name}.gguf`);
  writeScriptedGguf(file, script);
  const server: LlamaServer = await kit.start(file);
  try {
    await use(
      new OpenAIChatModel({
        provider: "llama-cpp",
        modelName: "scripted",
        endpoint: { baseUrl: server.baseUrl, headers: () => ({}) },
        options: { retry: false, maxTokens: 600, extraBody: WITHOUT_THINKING },
        switches: { systemRole: "system", schemaDialect: "json-schema" },
      }),
    );
  } finally {
    await server.stop();
  }
}

/** Bounded everywhere: whoever says anything at all comes to an end. */
const Report = z.object({
  mood: z.enum(["calm", "windy", "stormy"]),
  isOpen: z.boolean(),
  levels: z.array(z.enum(["a", "b"])).max(3),
  place: z.object({ code: z.string().max(4), note: z.enum(["x", "y"]).optional() }),
  next: z.union([z.literal("none"), z.object({ day: z.enum(["mon", "tue"]) })]),
});

it("a model that says random things gives values that fit the schema, by the server's grammar", () =>
  withServer("random", ["zzz"], async (model) => {
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
  withServer("random-list", ["zzz"], async (model) => {
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
  withServer("random-cut", ["zzz"], async (model) => {
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

it("a run of tools goes round a real server until its bound", () =>
  withServer("loop", CALL, async (model) => {
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
    const run = runTools(model, "Weather?", [weather], { maxRounds: 2, temperature: 0 });
    expect(await lastValueFrom(run)).toMatchObject({ type: "final", reason: "max_rounds" });
    expect(cities).toEqual(["Paris", "Paris"]);
  }));

it("a value comes as the arguments of a tool", () =>
  withServer(
    "tool-value",
    ["<tool_call>", '{"name": "ans', 'wer", "arguments": {"city": "', "Paris", '"}}', "</tool_call>"],
    async (model) => {
      const schema = z.object({ city: z.string() });
      const { value, attempts } = await model.structured("Where?", schema, {
        strategy: "tool",
        temperature: 0,
      });
      expect(value).toEqual({ city: "Paris" });
      expect(attempts.at(-1)?.outcome).toBe("ok");
    },
  ));
