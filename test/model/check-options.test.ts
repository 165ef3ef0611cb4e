import { expect, test } from "vitest";
import { ConfigurationError } from "../../src/error/errors-by-kind.ts";
import { checkOptions } from "../../src/model/check-options.ts";
import type { ResolvedOptions } from "../../src/model/generate-options.ts";
import type { ModelCapabilities, ModelCard } from "../../src/model/model-card.ts";
import type { JsonSchema, ToolSchema } from "../../src/tool/tool-schema.ts";

const TOOLS: readonly ToolSchema[] = [{ name: "get_weather" }, { name: "get_time" }];

const PROPERTIES: Readonly<Record<string, JsonSchema>> = {
  temperature: { type: "number", minimum: 0, maximum: 2 },
  topP: { type: "number", minimum: 0, maximum: 1 },
  maxTokens: { type: "integer", minimum: 1, maximum: 100 },
  stop: { anyOf: [{ type: "string" }, { type: "array", maxItems: 2 }] },
  toolChoice: {},
  parallelToolCalls: { type: "boolean" },
  thinking: {
    type: "object",
    properties: {
      enabled: { type: "boolean" },
      budgetTokens: { type: "integer", minimum: 1024 },
      effort: { enum: ["low", "medium", "high"] },
    },
  },
};

function card(properties = PROPERTIES, capabilities: ModelCapabilities = {}): ModelCard {
  return {
    provider: "p",
    kind: "chat",
    modelName: "m1",
    displayName: "m1",
    inputTypes: [],
    outputTypes: [],
    capabilities,
    status: "active",
    parameterSchema: { type: "object", properties },
    source: "this test",
  };
}

/** The options that are left, and the names in the warnings. */
function check(
  options: object,
  { tools = [], ofCard = card() }: { tools?: readonly ToolSchema[]; ofCard?: ModelCard } = {},
): { options: ResolvedOptions; warned: string[]; reasons: string } {
  const { options: left, warnings } = checkOptions(options, ofCard, tools);
  return {
    options: left,
    warned: warnings.map(({ option }) => option),
    reasons: warnings.map(({ reason }) => reason).join(" "),
  };
}

function refusal(options: object, tools?: readonly ToolSchema[]): string {
  try {
    check(options, { tools: tools ?? [] });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error("It was accepted.");
}

test("what the card knows passes without a warning", () => {
  const options = { temperature: 0, topP: 1, maxTokens: 100, stop: ["a", "b"] };
  expect(check(options)).toMatchObject({ options, warned: [] });
});

test("an option that the model lacks is left out with a warning", () => {
  const { options, warned, reasons } = check({ seed: 7, topK: 3, temperature: 1 });
  expect([options, warned]).toEqual([{ temperature: 1 }, ["seed", "topK"]]);
  expect(reasons).toContain("m1 does not take it");
});

test("an option that does not exist is left out with a warning that says what was meant", () => {
  const { options, warned, reasons } = check({ temprature: 1 });
  expect([options, warned]).toEqual([{}, ["temprature"]]);
  expect(reasons).toContain("Did you mean temperature?");
  expect(check({ max_tokens: 1 }).reasons).toContain("Did you mean maxTokens?");
});

test("an option of a card of its own is taken", () => {
  const ofCard = card({ mood: { type: "number" } });
  expect(check({ mood: 3 }, { ofCard })).toMatchObject({ options: { mood: 3 }, warned: [] });
});

test("options of the framework pass whatever the card says", () => {
  const options = {
    stream: false,
    timeout: 5,
    retry: false,
    signal: new AbortController().signal,
    extraBody: { a: 1 },
    extraHeaders: {},
    extraQuery: {},
    providerOptions: {},
  };
  expect(check(options, { ofCard: card({}) })).toMatchObject({ options, warned: [] });
});

test.each([
  [{ temperature: 3 }, { temperature: 2 }],
  [{ temperature: -1 }, { temperature: 0 }],
  [{ maxTokens: 5000 }, { maxTokens: 100 }],
  [{ maxTokens: 0 }, { maxTokens: 1 }],
  [{ stop: ["a", "b", "c"] }, { stop: ["a", "b"] }],
  [{ thinking: { budgetTokens: 1 } }, { thinking: { budgetTokens: 1024 } }],
])("%j is fitted to %j with a warning", (given, expected) => {
  const { options, warned } = check(given);
  expect(options).toEqual(expected);
  expect(warned).toHaveLength(1);
});

test.each([
  { temperature: "1" },
  { temperature: Number.NaN },
  { maxTokens: true },
  { maxTokens: 1.5 },
  { parallelToolCalls: "yes" },
  { thinking: true },
  { thinking: { budgetTokens: "many" } },
  { thinking: { effort: "extreme" } },
  { toolChoice: "any" },
  { timeout: "5s" },
  { timeout: Number.NaN },
  { timeout: { idleMs: -1 } },
  { retry: true },
  { retry: { maxRetries: "2" } },
])("%j is refused with its name", (options) => {
  const [name] = Object.keys(options) as [string];
  expect(refusal(options, TOOLS)).toContain(name === "thinking" ? "" : name);
  expect(refusal(options, TOOLS)).toMatch(/must be|no reasoning effort/);
});

test.each([
  ["minimal", "low"],
  ["medium", "high"],
  ["xhigh", "max"],
] as const)("between two levels effort %s becomes the higher one, %s", (effort, nearest) => {
  const properties = { effort: { enum: ["none", "low", "high", "max"] } };
  const { options } = check({ thinking: { effort } }, { ofCard: card({ thinking: { properties } }) });
  expect(options).toEqual({ thinking: { effort: nearest } });
});

test.each([
  ["minimal", "low"],
  ["none", "low"],
  ["xhigh", "high"],
  ["max", "high"],
] as const)("effort %s becomes the nearest one, %s, with a warning", (effort, nearest) => {
  const { options, warned, reasons } = check({ thinking: { effort } });
  expect([options, warned]).toEqual([{ thinking: { effort: nearest } }, ["thinking.effort"]]);
  expect(reasons).toContain(`"${nearest}" was sent`);
});

test.each([
  ["minimal", 1024],
  ["medium", 8192],
  ["max", 20_000],
  ["none", 1000],
] as const)(
  "an effort of %s is a budget of %i where a model only counts, with a warning",
  (effort, budget) => {
    const budgetTokens = { type: "integer", minimum: 1000, maximum: 20_000 };
    const ofCard = card({ thinking: { properties: { budgetTokens } } });
    const { options, warned, reasons } = check({ thinking: { effort } }, { ofCard });
    expect([options, warned]).toEqual([{ thinking: { budgetTokens: budget } }, ["thinking.effort"]]);
    expect(reasons).toContain(String(budget));
    const named = { effort, budgetTokens: 3000 };
    expect(check({ thinking: named }, { ofCard }).options).toEqual({ thinking: { budgetTokens: 3000 } });
    const off = check({ thinking: { effort, enabled: false } }, { ofCard });
    expect(off.options).toEqual({ thinking: { enabled: false } });
  },
);

test("thinking switched off is the least level the model has", () => {
  const off = { thinking: { enabled: false } };
  const ofCard = card({ thinking: { properties: { effort: { enum: ["none", "low"] } } } });
  expect(check(off, { ofCard })).toMatchObject({
    options: { thinking: { enabled: false, effort: "none" } },
    warned: [],
  });
  expect(check(off)).toMatchObject({ options: { thinking: { effort: "low" } }, warned: ["thinking.effort"] });
});

test("what a model that thinks by another measure lacks is left out with a warning", () => {
  const budget = card({ thinking: { properties: { budgetTokens: {} } } });
  expect(check({ thinking: { effort: "low" } }, { ofCard: budget }).warned).toEqual(["thinking.effort"]);
  const effort = card({ thinking: { properties: { effort: {} } } });
  expect(check({ thinking: { budgetTokens: 2000 } }, { ofCard: effort })).toMatchObject({
    options: { thinking: {} },
    warned: ["thinking.budgetTokens"],
  });
  expect(check({ thinking: { enabled: true } }, { ofCard: card({}) }).warned).toEqual(["thinking"]);
});

test("sampling that is only accepted without thinking is left out while the model thinks", () => {
  const ofCard = card(
    { ...PROPERTIES, thinking: { properties: { effort: { enum: ["none", "low"] } } } },
    { sampling: "effort_none" },
  );
  const options = { temperature: 1, topP: 0.5, maxTokens: 5 };
  expect(check(options, { ofCard })).toMatchObject({
    options: { maxTokens: 5 },
    warned: ["temperature", "topP"],
  });
  const quiet = { ...options, thinking: { effort: "none" } };
  expect(check(quiet, { ofCard })).toMatchObject({ options: quiet, warned: [] });
});

test("log probabilities are asked for while the model thinks where it gives them then", () => {
  const properties = { ...PROPERTIES, logprobs: { type: "boolean" }, topLogprobs: { type: "integer" } };
  const options = { temperature: 1, logprobs: true, topLogprobs: 2 };
  const ofCard = card(properties, { sampling: "effort_none", logprobsWhileThinking: true });
  expect(check(options, { ofCard })).toMatchObject({
    options: { logprobs: true, topLogprobs: 2 },
    warned: ["temperature"],
  });
  expect(check(options, { ofCard: card(properties, { sampling: "effort_none" }) })).toMatchObject({
    options: {},
    warned: ["temperature", "logprobs", "topLogprobs"],
  });
});

test("a forced tool must be offered", () => {
  expect(refusal({ toolChoice: { name: "fly" } }, TOOLS)).toMatch(/fly.*get_weather, get_time/);
  expect(refusal({ toolChoice: { names: ["get_time", "fly", "swim"] } }, TOOLS)).toContain("fly, swim");
  expect(refusal({ toolChoice: { names: [] } }, TOOLS)).toContain("no tool");
  expect(refusal({ toolChoice: "required" })).toContain("no tools are offered");
  expect(refusal({ toolChoice: { name: "get_time" } })).toContain("no tools are offered");
  const forced = { toolChoice: { names: ["get_time"] } };
  expect(check(forced, { tools: TOOLS })).toMatchObject({ options: forced, warned: [] });
});

test("without tools there is no tool choice and nothing parallel, and no warning about it", () => {
  const options = { toolChoice: "auto", parallelToolCalls: true };
  expect(check(options)).toMatchObject({ options: {}, warned: [] });
  expect(check(options, { tools: TOOLS })).toMatchObject({ options, warned: [] });
});

test("tools for a model that is not known to take them are sent with a warning", () => {
  expect(check({}, { tools: TOOLS, ofCard: card(PROPERTIES, { tools: false }) }).warned).toEqual(["tools"]);
  expect(check({}, { tools: TOOLS, ofCard: card(PROPERTIES, { tools: true }) }).warned).toEqual([]);
});

test("the options that were given are not changed", () => {
  const options = Object.freeze({ temperature: 5, thinking: Object.freeze({ effort: "max" }), topK: 1 });
  check(options);
  expect(options).toEqual({ temperature: 5, thinking: { effort: "max" }, topK: 1 });
});

test("effort none switches thinking off where there are no levels, any other level is a warning", () => {
  const toggle = card({ thinking: { type: "object", properties: { enabled: { type: "boolean" } } } });
  const off = checkOptions({ thinking: { effort: "none" } }, toggle, []);
  expect([off.options.thinking, off.warnings]).toEqual([{ enabled: false }, []]);
  const high = checkOptions({ thinking: { enabled: true, effort: "high" } }, toggle, []);
  expect(high.options.thinking).toEqual({ enabled: true });
  expect(high.warnings.map(({ option }) => option)).toEqual(["thinking.effort"]);
});
