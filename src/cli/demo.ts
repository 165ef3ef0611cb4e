import { ModelError } from "../error/model-error.ts";
import type { ToolUseBlock } from "../message/content-block.ts";
import { type MessageInput, ToolResultMessage, UserMessage } from "../message/msg.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatResponse } from "../model/chat-response.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import { summaryOf } from "./answer-summary.ts";
import type { CliIo } from "./cli-io.ts";
import { type AnswerForm, showAnswer } from "./show-answer.ts";
import { oneLine, styled } from "./terminal-text.ts";

/** A tool that does no harm anywhere, and whose result no model can know. */
const CLOCK: ToolInput = {
  name: "get_local_time",
  description: "The time now in a time zone of the IANA database.",
  parameters: {
    type: "object",
    properties: { timeZone: { type: "string", enum: ["Europe/Paris", "Asia/Shanghai", "America/New_York"] } },
    required: ["timeZone"],
    additionalProperties: false,
  },
};

/** What to show. */
export interface DemoOptions {
  readonly system: readonly MessageInput[];
  readonly form: AnswerForm;
  /** Whether the tool is offered. */
  readonly withTool: boolean;
}

/** The main job in one go: an answer as it arrives, one round with a tool that really runs, and what it cost. */
export async function runDemo(model: ChatModelBase, options: DemoOptions, io: CliIo): Promise<void> {
  const { form, system, withTool } = options;
  const say = (line: string, style: "bold" | "cyan" | "dim"): void => {
    if (form === "text") io.stdout.write(`${styled(line, style, "stdout", io)}\n`);
  };
  const history: MessageInput[] = [...system];
  const ask = async (tools: readonly ToolInput[] = []): Promise<ChatResponse> => {
    const answer = await showAnswer(model.stream(history, tools), form, io);
    history.push(answer.toMessage());
    say(summaryOf(answer), "dim");
    return answer;
  };
  const question = (text: string): void => {
    say(`> ${text}`, "bold");
    history.push(new UserMessage(text));
  };

  question("Think for a moment, then count from 1 to 10.");
  await ask();
  if (!withTool) return;
  say("", "dim");
  question("What time is it in Paris? Use get_local_time.");
  const asked = await ask([CLOCK]).catch((error: unknown) => refusedTool(error, io));
  if (asked === undefined || asked.toolCalls.length === 0) return;
  for (const call of asked.toolCalls) {
    const result = runClock(call);
    say(`← ${oneLine(result.output)}`, "cyan");
    history.push(new ToolResultMessage(call, result.output, { isError: result.isError }));
  }
  await ask([CLOCK]);
}

/** There are models without tools, and one of them may be all that this machine has: the rest of the demo still counts. */
function refusedTool(error: unknown, io: CliIo): undefined {
  if (!ModelError.isInstance(error)) throw error;
  if (error.kind !== "invalid_request" && error.kind !== "unsupported") throw error;
  io.stderr.write(`No tool round, the model refuses it: ${oneLine(error.message)}\n`);
}

function runClock({ name, input, inputError }: ToolUseBlock): { output: string; isError: boolean } {
  if (inputError !== undefined) return { output: inputError, isError: true };
  if (name !== CLOCK.name) return { output: `There is no tool ${name}.`, isError: true };
  const timeZone = String(input["timeZone"]);
  try {
    const time = new Date().toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
    return { output: `It is ${time} in ${timeZone}.`, isError: false };
  } catch {
    return { output: `There is no time zone ${timeZone}.`, isError: true };
  }
}
