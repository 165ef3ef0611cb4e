import type { MessageInput } from "../../message/msg.ts";
import type { GenerateOptions, ReasoningEffort, ThinkingOptions } from "../../model/generate-options.ts";
import type { ModelCard } from "../../model/model-card.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import type { RecordedRequest, WireFixtures } from "./wire-fixtures.ts";

/** Options that make sense only with a tool. */
const TOOL_OPTIONS: ReadonlySet<string> = new Set(["toolChoice", "parallelToolCalls"]);

const LOOK_UP = { name: "look_up", parameters: { type: "object", properties: { word: { type: "string" } } } };

/** A schema that every provider takes as it stands. */
const ANSWER_SCHEMA = {
  type: "object",
  properties: { word: { type: "string" } },
  required: ["word"],
  additionalProperties: false,
};

/** Section B of the table: how messages and options become a request. */
export const requestCases: readonly ConformanceCase[] = [
  {
    id: "B1",
    title: "instructions alone are sent",
    run: async (context) =>
      same(await textsFor(context, [{ role: "system", content: "Be brief." }]), ["Be brief."], "the texts"),
  },
  {
    id: "B2",
    title: "the text of the user is sent, whichever way it is written",
    run: async (context) => {
      const ways: MessageInput[] = [
        "Hi",
        { role: "user", content: "Hi" },
        { role: "user", content: [{ type: "text", text: "Hi" }] },
      ];
      for (const message of ways) {
        const { sent } = await context.send({ messages: [message] });
        same(
          sent.messages.map(({ role, text }) => [role, text]),
          [["user", "Hi"]],
          "the messages",
        );
      }
    },
  },
  {
    id: "B3",
    title: "several turns are sent in their roles and order",
    run: async (context) => {
      const turns = [
        { role: "system", content: "Be brief." },
        { role: "user", content: "one" },
        { role: "assistant", content: "two" },
        { role: "user", content: "three" },
      ] as const;
      const { sent } = await context.send({ messages: turns });
      same(
        sent.messages.map(({ role, text }) => ({ role, content: text })),
        turns,
        "the messages",
      );
    },
  },
  {
    id: "B4",
    title: "doubled roles lose nothing",
    run: async (context) => {
      const roles = ["system", "system", "user", "user", "assistant", "assistant", "user"] as const;
      const texts = await textsFor(
        context,
        roles.map((role, index) => ({ role, content: `turn${index}` })),
      );
      same(
        texts.join(" ").match(/turn\d/g),
        roles.map((_, index) => `turn${index}`),
        "the texts",
      );
    },
  },
  {
    id: "B5",
    title: "a history may begin with the assistant",
    run: async (context) => {
      const texts = await textsFor(context, [{ role: "assistant", content: "Welcome." }, "Hi"]);
      same(
        texts.filter((text) => text === "Welcome." || text === "Hi"),
        ["Welcome.", "Hi"],
        "the texts",
      );
    },
  },
  {
    id: "B6",
    title: "nothing to say is a mistake told before anything is sent",
    run: async (context) => {
      const nothing: MessageInput[][] = [
        [],
        [""],
        ["  \n"],
        [{ role: "user", content: [] }],
        [{ role: "assistant", content: "" }],
      ];
      for (const messages of nothing) {
        const { error, request } = await context.ask(undefined, { messages });
        same(
          [error?.kind, request],
          ["invalid_request", undefined],
          `what came of ${JSON.stringify(messages)}`,
        );
      }
    },
  },
  {
    id: "B7",
    title: "empty turns among others are left out",
    run: async (context) => {
      const messages: MessageInput[] = [
        "one",
        { role: "assistant", content: "" },
        { role: "assistant", content: [] },
        " ",
        "two",
      ];
      const texts = await textsFor(context, messages);
      // Some wires join turns of one role.
      same([texts.join(""), texts.includes("")], ["onetwo", false], "the texts, and whether one is empty");
    },
  },
  {
    id: "B8",
    title: "half characters are mended, emoji stay whole",
    run: async (context) => {
      const texts = await textsFor(context, [
        "broken \uD83D here, whole 👩‍👩‍👧",
        { role: "assistant", content: "\uDC4B" },
        "ok",
      ]);
      same(texts, ["broken \uFFFD here, whole 👩‍👩‍👧", "\uFFFD", "ok"], "the texts");
    },
  },
  {
    id: "B9",
    title: "each option reaches the wire exactly when the card lists it, and is a warning otherwise",
    run: async (context) => {
      for (const modelName of context.subject.models ?? [undefined])
        await compareSettings(context, modelName);
    },
  },
  {
    id: "B10",
    title: "maxTokens is sent in the field that the provider reads",
    run: async (context) => {
      const { request } = await context.send({ options: { maxTokens: 17 } });
      const { maxTokensField } = context.fixtures;
      const value = maxTokensField
        .split(".")
        .reduce<unknown>((body, name) => (body as Record<string, unknown> | undefined)?.[name], request.body);
      same(value, 17, maxTokensField);
    },
  },
  {
    id: "B11",
    title: "no tools are sent when none are offered",
    run: async (context) => {
      const { sent } = await context.send({ tools: [], options: { toolChoice: "auto" } });
      same([sent.tools, sent.toolChoice], [undefined, undefined], "the tools");
    },
  },
  {
    id: "B12",
    title: "the parallel flag is sent with tools only",
    run: async (context) => {
      const options = { parallelToolCalls: false };
      const without = await context.send({ options });
      same(without.sent.options["parallelToolCalls"], undefined, "the flag without tools");
      const { last, sent } = await context.send({ options, tools: [LOOK_UP] });
      const isWarned = last.warnings.some(({ option }) => option === "parallelToolCalls");
      same(sent.options["parallelToolCalls"], isWarned ? undefined : false, "the flag with tools");
    },
  },
  {
    id: "B13",
    title: "the extra body is merged last",
    run: async (context) => {
      const { request } = await context.send({
        options: { extraBody: { model: "another", some_new_field: [1, null] } },
      });
      const { model, some_new_field: added } = request.body as { model?: unknown; some_new_field?: unknown };
      same([model, added], ["another", [1, null]], "the body");
    },
  },
  {
    id: "B14",
    title: "a longer history begins like the shorter one, so that prompt caches hold",
    run: async (context) => {
      const history: MessageInput[] = [{ role: "system", content: "Be brief." }, "one"];
      const first = await context.send({ messages: history, tools: [LOOK_UP] });
      const second = await context.send({
        messages: [...history, first.last.toMessage(), "two"],
        tools: [LOOK_UP],
      });
      const count = first.sent.messages.length;
      same(second.sent.messages.slice(0, count), first.sent.messages, "the messages");
      same(second.sent.tools, first.sent.tools, "the tools");
      const prefix = first.request.text.slice(0, first.request.text.indexOf('"one"'));
      claim(
        prefix !== "" && second.request.text.startsWith(prefix),
        "the bytes before the new messages changed",
      );
    },
  },
];

async function textsFor(context: ConformanceContext, messages: readonly MessageInput[]): Promise<string[]> {
  const { sent } = await context.send({ messages });
  return sent.messages.map(({ text }) => text);
}

/** Asks for each option alone and compares what is sent with a request without it. */
async function compareSettings(context: ConformanceContext, modelName: string | undefined): Promise<void> {
  const model = context.model({ modelName });
  const { card } = model;
  const always = underEffortNone(card);
  const properties = (card.parameterSchema["properties"] ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(settingsFor(card, context.fixtures))) {
    const tools = TOOL_OPTIONS.has(name) ? [LOOK_UP] : [];
    const { last, sent, request } = await context.send({
      model,
      tools,
      options: { ...always, [name]: value },
    });
    const isTaken = Object.hasOwn(properties, name);
    const warnings = last.warnings.filter(({ option }) => option.split(".")[0] === name);
    const where = `${card.modelName} with ${name}`;
    if (isTaken) {
      same(valueOf(sent, name), value, where);
      same(warnings, [], `${where}, the warnings`);
      continue;
    }
    claim(warnings.length > 0, `${where}: the card does not list it, and there is no warning`);
    const without = await context.send({ model, tools, options: always });
    same(request.body, without.request.body, `${where}: the card does not list it, and the request`);
  }
}

function valueOf(sent: RecordedRequest, name: string): unknown {
  if (name !== "toolChoice") return sent.options[name];
  // A wire without a choice is met by offering nothing.
  return sent.tools === undefined ? "none" : sent.toolChoice;
}

/** Where sampling needs reasoning effort `none`, that is asked for all along. */
function underEffortNone(card: ModelCard): GenerateOptions {
  return card.capabilities.sampling === "effort_none" ? { thinking: { effort: "none" } } : {};
}

/** A value for every option that a card may list. */
function settingsFor(card: ModelCard, { hasJsonMode }: WireFixtures): GenerateOptions {
  const isBySchema = hasJsonMode === false && card.capabilities.structuredOutput === "json_schema";
  return {
    temperature: 0.5,
    topP: 0.5,
    topK: 7,
    maxTokens: 17,
    stop: ["END"],
    seed: 7,
    frequencyPenalty: 0.5,
    presencePenalty: 0.5,
    logprobs: true,
    topLogprobs: 2,
    parallelToolCalls: false,
    toolChoice: "none",
    responseFormat: isBySchema ? { type: "json_schema", schema: ANSWER_SCHEMA } : { type: "json" },
    cacheControl: true,
    thinking: thinkingFor(card),
  };
}

/** A level where the card has levels, else a budget where it counts tokens, else the switch. */
function thinkingFor(card: ModelCard): ThinkingOptions {
  const { effort, budgetTokens, enabled } = thinkingOf(card);
  const least = budgetTokens?.minimum;
  if (effort?.enum === undefined && least !== undefined) return { budgetTokens: Math.max(least, 1) };
  if (effort === undefined && enabled !== undefined) return { enabled: true };
  return { effort: effort?.enum?.[0] ?? "low" };
}

/** The reasoning efforts that a card lists. */
export function effortsOf(card: ModelCard): readonly ReasoningEffort[] {
  return thinkingOf(card).effort?.enum ?? [];
}

/** What a card says of the fields of the option `thinking`. */
function thinkingOf({ parameterSchema }: ModelCard): {
  readonly enabled?: object;
  readonly effort?: { readonly enum?: readonly ReasoningEffort[] };
  readonly budgetTokens?: { readonly minimum?: number };
} {
  const { thinking } = (parameterSchema["properties"] ?? {}) as { thinking?: { properties?: object } };
  return thinking?.properties ?? {};
}
