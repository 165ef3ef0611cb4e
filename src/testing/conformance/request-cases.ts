import { inspect } from "node:util";
import type { MessageInput } from "../../message/msg.ts";
import { image } from "../../message/data-blocks.ts";
import type { GenerateOptions } from "../../model/generate-options.ts";
import { claim, type ConformanceCase, type ConformanceContext, same } from "./conformance-context.ts";
import type { RecordedRequest } from "./wire-fixtures.ts";

/** What these messages and options look like on the wire. */
async function sent(
  context: ConformanceContext,
  messages: readonly MessageInput[],
  options: GenerateOptions = {},
  tools: readonly { readonly name: string }[] = [],
): Promise<RecordedRequest & { readonly headers: Readonly<Record<string, unknown>>; readonly path: string }> {
  const { request, error } = await context.ask(undefined, { messages, options, tools });
  claim(error === undefined && request !== undefined, error?.message ?? "nothing was sent");
  return { ...context.fixtures.readRequest(request.body), headers: request.headers, path: request.path };
}

/** Sections A (construction), B (requests) and N (media) of the table. */
export const requestCases: readonly ConformanceCase[] = [
  {
    id: "A4",
    title: "the key is in no text form of the model",
    run: async (context) => {
      const model = context.model();
      const shown = `${JSON.stringify(model)}${inspect(model, { depth: 9, showHidden: true })}${String(model)}`;
      claim(!shown.includes(context.key), "the key is shown");
    },
  },
  {
    id: "A5",
    title: "the base URL may end in a slash",
    run: async (context) => {
      const model = context.subject.createModel({ baseUrl: `${context.emulator.url}${context.fixtures.basePath}/`, apiKey: context.key });
      const { request, error } = await context.ask(undefined, { model });
      claim(error === undefined, error?.message ?? "");
      claim(request?.path.startsWith(`${context.fixtures.basePath}/`) === true && !request.path.includes("//"), `the path was ${request?.path ?? ""}`);
    },
  },
  {
    id: "A6",
    title: "headers and query of a call are sent, and win",
    run: async (context) => {
      const { headers, path } = await sent(context, ["Hi"], { extraHeaders: { Authorization: "Bearer other-key", "X-Mine": "1" }, extraQuery: { trace: "on" } });
      same([headers["authorization"], headers["x-mine"], path.includes("trace=on")], ["Bearer other-key", "1", true], "the request");
    },
  },
  {
    id: "A7",
    title: "messages, tools and options are not changed",
    run: async (context) => {
      const messages: MessageInput[] = [{ role: "system", content: "Be brief." }, "Hi"];
      const options: GenerateOptions = { stop: ["x"], extraBody: {} };
      const tools = [{ name: "a", parameters: { type: "object", properties: {} } }];
      const before = JSON.stringify([messages, options, tools]);
      await sent(context, messages, options, tools);
      same(JSON.parse(JSON.stringify([messages, options, tools])), JSON.parse(before), "what was passed in");
    },
  },
  {
    id: "A8",
    title: "an option that does not exist is a warning",
    run: async (context) => {
      const { last } = await context.ask(undefined, { options: { temprature: 1 } as GenerateOptions });
      claim(last?.warnings.some(({ option }) => option === "temprature") === true, "there is no warning");
    },
  },
  {
    id: "B2",
    title: "instructions and the user's text arrive",
    run: async (context) => {
      const { texts } = await sent(context, [{ role: "system", content: "Be brief." }, "Who are you?"]);
      same(texts, ["Be brief.", "Who are you?"], "the texts");
    },
  },
  {
    id: "B3",
    title: "several turns arrive in order",
    run: async (context) => {
      const { texts } = await sent(context, ["one", { role: "assistant", content: "two" }, "three"]);
      same(texts, ["one", "two", "three"], "the texts");
    },
  },
  {
    id: "B4",
    title: "doubled roles lose nothing",
    run: async (context) => {
      const { texts } = await sent(context, [{ role: "system", content: "a" }, { role: "system", content: "b" }, "c", "d"]);
      same(texts.join("|").replaceAll("\n", "|"), "a|b|c|d", "the texts");
    },
  },
  {
    id: "B5",
    title: "a history may begin with the assistant",
    run: async (context) => {
      const { texts } = await sent(context, [{ role: "assistant", content: "Welcome." }, "Hi"]);
      claim(texts.includes("Welcome.") && texts.includes("Hi"), `the texts were ${texts.join(", ")}`);
    },
  },
  {
    id: "B6",
    title: "empty and blank turns are left out",
    run: async (context) => {
      const { texts } = await sent(context, ["", "  \n", { role: "assistant", content: [] }, "Hi"]);
      same(texts, ["Hi"], "the texts");
    },
  },
  {
    id: "B8",
    title: "half characters are mended, emoji stay",
    run: async (context) => {
      const { texts } = await sent(context, ["broken \uD83D here, whole 👋🏽"]);
      same(texts, ["broken \uFFFD here, whole 👋🏽"], "the texts");
    },
  },
  {
    id: "B9",
    title: "each option reaches the wire, or is a warning; nothing else changes",
    run: async (context) => {
      const values = { temperature: 0.5, topP: 0.5, maxTokens: 17, stop: ["END"], seed: 7 } satisfies GenerateOptions;
      const without = await sent(context, ["Hi"]);
      for (const [name, value] of Object.entries(values)) {
        const { request, last } = await context.ask(undefined, { messages: ["Hi"], options: { [name]: value } });
        const { options } = context.fixtures.readRequest(request?.body);
        const isTaken = Object.hasOwn((context.model().card.parameterSchema["properties"] ?? {}) as object, name);
        const isWarned = last?.warnings.some(({ option }) => option === name) === true;
        same(options, isTaken ? { ...without.options, [name]: value } : without.options, `with ${name}`);
        same(isWarned, !isTaken, `a warning about ${name}`);
      }
    },
  },
  {
    id: "B11",
    title: "no tools, no tool choice and no parallel flag are sent when none are offered",
    run: async (context) => {
      const { hasTools, options } = await sent(context, ["Hi"], { toolChoice: "auto", parallelToolCalls: true });
      same([hasTools, options["toolChoice"], options["parallelToolCalls"]], [false, undefined, undefined], "the request");
    },
  },
  {
    id: "B13",
    title: "the extra body is merged last",
    run: async (context) => {
      const { request } = await context.ask(undefined, { options: { temperature: 0.1, extraBody: { temperature: 0.9, some_new_field: [1] } } });
      const body = request?.body as { temperature?: unknown; some_new_field?: unknown };
      same([body.temperature, body.some_new_field], [0.9, [1]], "the body");
    },
  },
  {
    id: "B14",
    title: "a longer history begins like the shorter one: the prompt cache holds",
    run: async (context) => {
      const first = await context.ask(undefined, { messages: [{ role: "system", content: "s" }, "one"] });
      const second = await context.ask(undefined, { messages: [{ role: "system", content: "s" }, "one", { role: "assistant", content: "two" }, "three"] });
      const prefix = first.request?.rawBody.slice(0, first.request.rawBody.indexOf("one") + 3) ?? "nothing";
      claim(second.request?.rawBody.startsWith(prefix) === true, "the beginning changed");
    },
  },
  {
    id: "E14",
    title: "a forced tool that is not offered is a mistake told before anything is sent",
    run: async (context) => {
      for (const toolChoice of [{ name: "absent" }, "required"] as const) {
        const tools = toolChoice === "required" ? [] : [{ name: "present" }];
        const { error } = await context.ask(undefined, { tools, options: { toolChoice } });
        same([error?.kind, context.emulator.journal.length], ["configuration", 0], JSON.stringify(toolChoice));
      }
    },
  },
  {
    id: "N4",
    title: "media that the model does not read fail before anything is sent",
    run: async (context) => {
      const { error } = await context.ask(undefined, { messages: [{ role: "user", content: ["Look", image(new Uint8Array(4), { mediaType: "image/x-unheard-of" })] }] });
      same([error?.kind, context.emulator.journal.length], ["unsupported", 0], "the error");
    },
  },
];
