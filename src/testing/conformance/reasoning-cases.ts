import { AssistantMessage, UserMessage } from "../../message/msg.ts";
import type { ChatModelBase } from "../../model/chat-model-base.ts";
import type { ChatResponse } from "../../model/chat-response.ts";
import type { GenerateOptions, ReasoningEffort } from "../../model/generate-options.ts";
import type { ConformanceCase, ConformanceContext, Outcome } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import { effortsOf } from "./request-cases.ts";
import { holdWireShapes } from "./case-shapes.ts";
import { SIGNATURE } from "./wire-fixtures.ts";

const EFFORTS: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** Section F of the table: what the model thinks, and how much it is asked to. */
export const reasoningCases: readonly ConformanceCase[] = [
  wireCase("F1", "reasoning in its first field"),
  wireCase("F2", "reasoning in its second field"),
  wireCase("F3", "the same reasoning in two fields is taken once"),
  wireCase("F4", "reasoning between tags in the text, the tags cut anywhere"),
  {
    id: "F5",
    title: "a signature is kept with its block and goes back unchanged",
    run: async (context) => {
      await holdWireShapes(context, "F5");
      for (const { request, title } of await replies(context, "F5")) {
        claim(request?.text.includes(SIGNATURE) === true, `${title}: the signature did not go back`);
      }
    },
  },
  {
    id: "F6",
    title: "reasoning that only the provider can read is kept as it came",
    run: async (context) => {
      await holdWireShapes(context, "F6");
      for (const { asked, title } of await replies(context, "F6")) {
        claim(JSON.stringify(asked.content).includes(SIGNATURE), `${title}: what is hidden was not kept`);
        claim(
          !asked.text.includes(SIGNATURE) && !asked.thinking.includes(SIGNATURE),
          `${title}: what is hidden is shown`,
        );
      }
    },
  },
  {
    id: "F7",
    title: "reasoning goes back to the provider and model that it came from",
    run: async (context) => {
      for (const { asked, request, title } of await replies(context, "F7")) {
        claim(asked.thinking !== "", `${title}: there is no reasoning`);
        claim(
          request?.text.includes(inJson(asked.thinking)) === true,
          `${title}: the reasoning did not go back`,
        );
      }
    },
  },
  {
    id: "F8",
    title: "reasoning of another provider does not go to this one as its own",
    run: async (context) => {
      const { provider, modelName } = context.model();
      for (const from of [
        { provider: "another", model: modelName },
        { provider, model: "another-model" },
      ]) {
        const content = [
          { type: "thinking" as const, thinking: "a thought" },
          { type: "text" as const, text: "an answer" },
        ];
        const { sent, request } = await context.send({
          messages: ["Hi", new AssistantMessage(content, from), "And?"],
        });
        // As words of the assistant it may go; hidden in a field of the provider's it may not.
        const told = sent.messages.some(({ text }) => text.includes("a thought"));
        claim(
          told || !request.text.includes("a thought"),
          `reasoning of ${from.provider}/${from.model} went out as this provider's`,
        );
        claim(
          sent.messages.some(({ text }) => text.includes("an answer")),
          "the answer beside the reasoning was lost",
        );
      }
    },
  },
  {
    id: "F9",
    title: "each effort of the card is sent as it is, any other as the nearest, with a warning",
    run: async (context) => {
      const models = modelsWhere(context, (model) => effortsOf(model.card).length > 0);
      claim(
        models.length > 0,
        "no model of the subject takes an effort: skip this case with that as the reason",
      );
      for (const model of models) {
        const levels = effortsOf(model.card);
        for (const effort of EFFORTS) {
          const { sent, last } = await context.send({ model, options: { thinking: { effort } } });
          const asked = (sent.options["thinking"] as { effort?: ReasoningEffort } | undefined)?.effort;
          const isWarned = last.warnings.some(({ option }) => option === "thinking.effort");
          const where = `${model.modelName} with effort ${effort}`;
          claim(asked !== undefined && levels.includes(asked), `${where}: ${String(asked)} was sent`);
          same([asked === effort, isWarned], levels.includes(effort) ? [true, false] : [false, true], where);
        }
      }
    },
  },
  {
    id: "F10",
    title: "sampling options that a reasoning model refuses are left out, with a warning",
    run: async (context) => {
      const models = modelsWhere(context, ({ card }) => card.capabilities.sampling !== "always");
      claim(
        models.length > 0,
        "every model of the subject samples freely: skip this case with that as the reason",
      );
      for (const model of models) {
        const options: GenerateOptions = {
          temperature: 0.5,
          topP: 0.5,
          frequencyPenalty: 0.5,
          presencePenalty: 0.5,
        };
        const { sent, last } = await context.send({ model, options });
        const names = Object.keys(options);
        same(
          names.filter((name) => sent.options[name] !== undefined),
          [],
          `${model.modelName}: what was sent`,
        );
        const warned = new Set(last.warnings.map(({ option }) => option));
        same(
          names.filter((name) => !warned.has(name)),
          [],
          `${model.modelName}: what has no warning`,
        );
      }
    },
  },
  wireCase("F11", "blank text around empty reasoning is layout, not content"),
];

function wireCase(id: string, title: string): ConformanceCase {
  return { id, title, run: (context) => holdWireShapes(context, id) };
}

/** Asks for each shape of a case, and then again with the answer in the history. */
async function replies(
  context: ConformanceContext,
  id: string,
): Promise<(Outcome & { readonly asked: ChatResponse; readonly title: string })[]> {
  const outcomes: (Outcome & { readonly asked: ChatResponse; readonly title: string })[] = [];
  const shapes = context.fixtures.shapes[id] ?? [];
  claim(
    shapes.length > 0,
    `the fixtures of ${context.fixtures.name} have no shape for ${id}: add one, or skip it with the reason`,
  );
  for (const { title, events } of shapes) {
    const model = context.model();
    const asked = await context.ask(context.streamed(events), { model });
    claim(asked.last !== undefined, `${title}: ${asked.error?.message ?? "no answer"}`);
    // Through JSON, as a conversation that was stored.
    const reply = JSON.parse(JSON.stringify(asked.last.toMessage())) as AssistantMessage;
    const messages = [new UserMessage("Hi"), reply, new UserMessage("And?")];
    const outcome = await context.ask(context.plain(), { model, messages });
    claim(outcome.last !== undefined, `${title}, replayed: ${outcome.error?.message ?? "no answer"}`);
    outcomes.push({ ...outcome, asked: asked.last, title });
  }
  return outcomes;
}

function modelsWhere(
  context: ConformanceContext,
  matches: (model: ChatModelBase) => boolean,
): ChatModelBase[] {
  const names = context.subject.models ?? [undefined];
  return names.map((modelName) => context.model({ modelName })).filter(matches);
}

/** A text as it stands inside a JSON string. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
