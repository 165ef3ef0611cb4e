import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { z } from "zod";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { catalogOf } from "../../src/credential/catalog/catalog.ts";
import { DashScopeCredential } from "../../src/credential/dashscope.ts";
import {
  AssistantMessage,
  type Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/message/msg.ts";
import { truncate } from "../../src/middleware/truncate.ts";
import type { ChatModelBase } from "../../src/model/chat-model-base.ts";
import { runTools } from "../../src/tool-loop/run-tools.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { emulatorEnvironment } from "../../src/testing/emulator-environment.ts";
import { tool, type ToolRun } from "../../src/tool/tool.ts";
import { NATIVE } from "./builtin-subjects.ts";

// The emulator refuses a request that the provider would refuse, and answers in the form that was asked for.

const emulator = await emulatorOfFile();

const seen: unknown[] = [];
const weather = tool({
  name: "get_weather",
  parameters: z.object({
    city: z.string(),
    unit: z.enum(["C", "F"]).default("C"),
    at: z.coerce.date().optional(),
  }),
  execute: (input) => {
    seen.push(input);
    return `21 °${input.unit} in ${input.city}`;
  },
});
const orders = tool({
  name: "list_orders",
  parameters: z.object({ limit: z.number().int().min(1).max(5), tags: z.array(z.string()).nullish() }),
  execute: ({ limit }, { context }: ToolRun<{ readonly customer: string }>) => {
    seen.push(limit);
    return { orders: limit, of: context.customer };
  },
});

interface Section {
  readonly title: string;
  readonly parts?: readonly Section[] | undefined;
}
const Section: z.ZodType<Section> = z.lazy(() =>
  z.object({ title: z.string(), parts: z.array(Section).optional() }),
);
const Invoice = z.object({
  number: z.string(),
  issued: z.coerce.date(),
  seller: z.object({ name: z.string().min(1), email: z.email().optional() }),
  lines: z
    .array(z.object({ text: z.string(), cents: z.number().transform((amount) => Math.round(amount * 100)) }))
    .min(1),
  payment: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("card"), last4: z.string() }),
    z.object({ kind: z.literal("transfer"), iban: z.string(), bic: z.string().nullable() }),
  ]),
  currency: z.enum(["EUR", "USD"]).default("EUR"),
});

/** Every provider at the emulator, with the models of its catalogue that take tools. */
const accounts = [
  ...builtinCredentials.map((credential) => ({ label: credential.name, credential, own: {} })),
  { label: "DashScopeCredential, native", credential: DashScopeCredential, own: NATIVE },
];

function modelsOf({ credential, own }: (typeof accounts)[number]): ChatModelBase[] {
  const { facts } = credential;
  const environment = emulatorEnvironment(emulator);
  const [address] = facts.baseUrlVariables.flatMap((name) => environment[name] ?? []);
  const account = new credential({
    apiKey: "sk-emulator",
    baseUrl: "mode" in own ? emulator.baseUrl("dashscope") : address,
    options: { retry: false },
    ...own,
  });
  const cards = catalogOf(facts)
    .cards("chat")
    .filter(({ status, capabilities }) => status === "active" && capabilities.tools !== false);
  return cards.length === 0
    ? [account.createChatModel("some-model")]
    : cards.map((card) => account.createChatModel(card.modelName));
}

test.each(accounts)("$label: a run of tools goes round until the model answers", async (account) => {
  for (const model of modelsOf(account)) {
    seen.length = 0;
    const question = "Use get_weather for Paris and list_orders.";
    const context = { customer: "C7" };
    const final = await lastValueFrom(runTools(model, question, [weather, orders], { context }));
    if (final.type !== "final") expect.fail("the last event is not the final one");
    const told = final.messages.flatMap(({ content }) =>
      content.flatMap((block) => (block.type === "tool_result" ? [block] : [])),
    );
    expect(
      told.filter(({ isError }) => isError === true),
      model.modelName,
    ).toEqual([]);
    expect(final.reason, model.modelName).toBe("answer");
    expect(seen.length, model.modelName).toBe(told.length);
    expect(final.text, model.modelName).toContain("21 °C in");
    expect(final.usage.totalTokens, model.modelName).toBeGreaterThan(0);
  }
});

test.each(accounts)(
  "$label: values come by whichever way the card names first, and stream",
  async (account) => {
    for (const model of modelsOf(account)) {
      for (const strategy of ["auto", "tool"] as const) {
        const snapshots = await lastValueFrom(
          model.streamStructured("The invoice?", Invoice, { strategy }).pipe(toArray()),
        );
        const last = snapshots.at(-1);
        if (last?.isLast !== true) expect.fail("there is no value");
        expect(last.value.issued, model.modelName).toBeInstanceOf(Date);
        expect(last.value.currency, model.modelName).toMatch(/EUR|USD/);
        // What a provider does not take is known beforehand: it had nothing to refuse.
        const sent = last.attempts.filter(({ error }) => error?.kind !== "unsupported");
        expect(
          sent.map(({ outcome }) => outcome),
          model.modelName,
        ).toEqual(["ok"]);
        const sizes = snapshots.map(({ partial }) => JSON.stringify(partial ?? "").length);
        expect(sizes.slice(0, -1), model.modelName).toEqual(sizes.slice(0, -1).toSorted((a, b) => a - b));
      }
      const list = await model.structured("Three words.", z.array(z.string()).min(1));
      expect(list.value.length, model.modelName).toBeGreaterThan(0);
      const tree = await model.structured("A table of contents.", Section);
      expect(typeof tree.value.title, model.modelName).toBe("string");
    }
  },
);

test.each(accounts)(
  "$label: what is left of a long history of tools is one that the provider takes",
  async (account) => {
    const [model] = modelsOf(account);
    if (model === undefined) expect.fail("there is no model");
    const history: Msg[] = [new SystemMessage("Будь краток.")];
    for (let turn = 0; turn < 40; turn++) {
      const called = {
        type: "tool_use" as const,
        id: `call_${turn}`,
        name: "get_weather",
        input: { city: "北京" },
      };
      history.push(new UserMessage(`今天天气怎么样？ ${turn}`));
      history.push(new AssistantMessage([called]));
      history.push(new ToolResultMessage(called, `晴天，${turn} 度`));
      history.push(new AssistantMessage(`It is ${turn} °C.`));
    }
    history.push(new UserMessage("Thanks!"));
    const whole = (await model.countTokens(history)).tokens;
    // Wherever the cut falls: before a call, before an answer, before a question.
    for (const part of [0.9, 0.7, 0.5, 0.48, 0.46, 0.44, 0.42, 0.3]) {
      const short = model.with(truncate({ maxTokens: Math.floor(whole * part) }));
      const reply = await short.call(history);
      expect(reply.text).toBe("You said: Thanks!");
      expect(reply.warnings.map(({ reason }) => reason).join("\n")).toContain("messages were left out");
    }
  },
);
