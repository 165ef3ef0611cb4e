import { type MessageInput, ToolResultMessage, UserMessage } from "../message/msg.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatResponse } from "../model/chat-response.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import { AnswerPrinter, summaryOf } from "./answer-printer.ts";
import { type CliIo, hasColor, styled } from "./cli-io.ts";

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

/** The main job in one go: an answer streamed as it arrives, one round with a tool that really runs, and what it cost. */
export async function runDemo(model: ChatModelBase, io: CliIo): Promise<void> {
  const color = hasColor(io);
  const history: MessageInput[] = [new UserMessage("Count from 1 to 5.")];
  await ask(model, history, [], io);

  const question = new UserMessage("What time is it in Paris? Use get_local_time.");
  io.stdout.write(`\n${styled(`> ${question.text}`, "bold", color)}\n`);
  const asked = await ask(model, [question], [CLOCK], io);
  const results = asked.toolCalls.map((call) => {
    const output = call.inputError ?? localTime(call.input["timeZone"]);
    io.stdout.write(`${styled(`← ${output}`, "cyan", color)}\n`);
    return new ToolResultMessage(call, output);
  });
  const last =
    results.length === 0 ? asked : await ask(model, [question, asked.toMessage(), ...results], [CLOCK], io);
  io.stdout.write(`\n${styled(summaryOf(last), "dim", color)}\n`);
}

async function ask(
  model: ChatModelBase,
  history: readonly MessageInput[],
  tools: readonly ToolInput[],
  io: CliIo,
): Promise<ChatResponse> {
  const printer = new AnswerPrinter(io);
  let last: ChatResponse | undefined;
  try {
    for await (const response of model.stream(history, tools)) {
      printer.print(response);
      last = response;
    }
  } catch (error) {
    printer.breakOff();
    throw error;
  }
  return last as ChatResponse;
}

function localTime(timeZone: unknown): string {
  const now = new Date();
  try {
    return `It is ${now.toLocaleTimeString("en-GB", { timeZone: String(timeZone), hour: "2-digit", minute: "2-digit" })} in ${String(timeZone)}.`;
  } catch {
    return `There is no time zone ${String(timeZone)}.`;
  }
}
