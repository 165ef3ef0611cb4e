import { ModelError } from "../../error/model-error.ts";
import type { ChatModelBase } from "../../model/chat-model-base.ts";
import type { StructuredOptions, StructuredResult } from "../../model/structured/structured-output.ts";
import type { ModelCapabilities } from "../../model/model-card.ts";
import { jsonSchema } from "../../tool/json-schema.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import type { AnswerPart, RecordedRequest } from "./wire-fixtures.ts";

interface Place {
  readonly city: string;
  readonly celsius: number;
}

const PLACE = jsonSchema<Place>({
  type: "object",
  properties: { city: { type: "string" }, celsius: { type: "number" } },
  required: ["city", "celsius"],
  additionalProperties: false,
});
const PARIS: Place = { city: "Paris", celsius: 21 };
const TEXT = JSON.stringify(PARIS);

/** Section M of the table: values in place of texts. */
export const structuredCases: readonly ConformanceCase[] = [
  {
    id: "M1",
    title:
      "a structured answer by the provider's own schema mode, where it has one; one that does not fit is asked for again",
    run: async (context) => {
      const right = [{ text: TEXT.slice(0, 9) }, { text: TEXT.slice(9) }];
      const { result, sent } = await value(context, [right]);
      same([result.value, result.message.text], [PARIS, TEXT], "the value and its message");
      const [first] = result.attempts;
      same([first?.mode, sent.length], ["native", 1], "the first way, and the requests");
      const isAsked = JSON.stringify(sent[0]?.options["responseFormat"] ?? null).includes("celsius");
      claim(
        isAsked || first?.error?.kind === "unsupported",
        "the schema did not reach the wire, and the attempt was not refused before it was sent",
      );
      const again = await value(context, [[{ text: '{"city":"Paris"}' }], right]);
      same(again.result.value, PARIS, "the value at the second time");
      const [, second] = again.sent;
      const roles = second?.messages.map(({ role }) => role);
      same(roles, ["user", "assistant", "user"], "the second request");
      claim(
        second?.messages.at(-1)?.text.includes("celsius") === true,
        "the model was not told what is wrong with its value",
      );
    },
  },
  {
    id: "M2",
    title: "a structured answer through a tool",
    run: async (context) => {
      const pieces: AnswerPart[] = [
        { tool: { index: 0, id: "call_1", name: "answer", arguments: TEXT.slice(0, 9) } },
        { tool: { index: 0, arguments: TEXT.slice(9) } },
      ];
      const finish = context.fixtures.finishReasons.tool_calls ?? context.fixtures.finishReasons.stop;
      const { result, sent } = await value(context, [pieces], finish, { strategy: "tool" });
      same([result.value, result.attempts[0]?.mode], [PARIS, "tool_forced"], "the value");
      const [tool] = sent[0]?.tools ?? [];
      same([tool?.name, JSON.stringify(tool?.parameters).includes("celsius")], ["answer", true], "the tool");
      const choice = JSON.stringify(sent[0]?.toolChoice);
      // Where it is the only one, the tool that must be called is this one.
      const isForced =
        choice === '{"name":"answer"}' || (choice === '"required"' && sent[0]?.tools?.length === 1);
      const isWarned = result.response.warnings.some(({ option }) => option === "toolChoice");
      claim(isForced || isWarned, "the tool was neither forced nor is there a warning");
    },
  },
  {
    id: "M3",
    title: "a refusal in place of a structured answer is an error with its text",
    run: async (context) => {
      const refusal = "I cannot help with that.";
      const { content_filter: filtered } = context.fixtures.finishReasons;
      claim(
        filtered !== undefined,
        "the wire has no word for a refusal: skip this case with that as the reason",
      );
      const failure = await failed(context, [{ text: refusal }], filtered);
      same([failure.kind, failure.partial?.text], ["content_filter", refusal], "the error");
    },
  },
  {
    id: "M4",
    title: "a structured answer that was cut is an error with its text",
    run: async (context) => {
      const text = TEXT.slice(0, -2);
      const { length } = context.fixtures.finishReasons;
      const failure = await failed(context, [{ text }], length);
      same([failure.kind, failure.partial?.text], ["parse", text], "the error");
    },
  },
];

/** A model whose card knows a schema mode and tools, whatever the subject's own says. */
function able(context: ConformanceContext): ChatModelBase {
  const { card } = context.model();
  const capabilities: ModelCapabilities = {
    ...card.capabilities,
    structuredOutput: "json_schema",
    tools: true,
  };
  return context.model({ card: { ...card, capabilities } });
}

/** Asks for the value; the server answers with one stream after the other. */
async function value(
  context: ConformanceContext,
  answers: readonly (readonly AnswerPart[])[],
  finish?: string,
  options: StructuredOptions = {},
): Promise<{ result: StructuredResult<Place>; sent: readonly RecordedRequest[] }> {
  const { server, fixtures } = context;
  for (const parts of answers)
    server.script(context.streamed(fixtures.stream([...parts, ...context.ending(finish)])));
  const before = server.requests.length;
  const result = await able(context).structured("How warm is it in Paris?", PLACE, options);
  return { result, sent: server.requests.slice(before).map((request) => fixtures.readRequest(request)) };
}

async function failed(
  context: ConformanceContext,
  parts: readonly AnswerPart[],
  finish?: string,
): Promise<ModelError> {
  const outcome = await value(context, [parts], finish).catch((error: unknown) => error);
  claim(ModelError.isInstance(outcome), `there is no error but ${JSON.stringify(outcome)}`);
  return outcome;
}
