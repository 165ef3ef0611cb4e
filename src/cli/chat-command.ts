import { text as readText } from "node:stream/consumers";
import { ModelError } from "../error/model-error.ts";
import { type MessageInput, SystemMessage, UserMessage } from "../message/msg.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatResponse } from "../model/chat-response.ts";
import type { GenerateOptions } from "../model/generate-options.ts";
import { type CreateOptions, ModelRegistry } from "../model/model-registry.ts";
import { runTools } from "../tool-loop/run-tools.ts";
import type { RunnableTool } from "../tool/tool.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import { summaryOf } from "./answer-summary.ts";
import { CHAT_HELP, type ChatFlags, optionsOf, readChatFlags } from "./chat-flags.ts";
import { type CliIo, UsageError } from "./cli-io.ts";
import { runDemo } from "./demo.ts";
import { type Ask, runInteractiveChat } from "./interactive-chat.ts";
import { loadSchema, loadTools } from "./load-files.ts";
import { type PickedModel, pickModel } from "./pick-model.ts";
import { type AnswerForm, showAnswer } from "./show-answer.ts";
import { showToolRun } from "./show-tool-run.ts";
import { showValue } from "./show-value.ts";
import { styled } from "./terminal-text.ts";

/** What the shell gives for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** `rxscope chat`; returns the exit code. */
export async function chatCommand(args: readonly string[], io: CliIo): Promise<number> {
  const { values: flags, positionals } = readChatFlags(args);
  if (flags.help) {
    io.stdout.write(CHAT_HELP);
    return 0;
  }
  const options = optionsOf(flags);
  const form: AnswerForm = flags.json ? "json" : "text";
  if (flags.schema !== undefined && flags.tool !== undefined)
    throw new UsageError("--schema and --tool do not go together: ask for the value in a second call.");
  const schema = flags.schema === undefined ? undefined : await loadSchema(flags.schema);
  const tools = await loadTools(flags.tool ?? []);
  const { modelId, words } = splitPositionals(positionals);
  const task = await taskOf(flags, modelId, words, io);
  if (task.type === "demo" && (flags.schema ?? flags.tool) !== undefined)
    throw new UsageError("The demo asks questions of its own; --schema and --tool need a prompt.");
  const system = flags.system ? [new SystemMessage(flags.system)] : [];
  const { model, reason, close } = await modelFor(modelId, options, flags["base-url"], io);
  if (reason !== undefined) {
    (form === "text" && io.stdout.isTTY ? io.stdout : io.stderr).write(`${reason}\n`);
  }
  try {
    const ask = asking(model, { form, schema, tools }, io);
    if (task.type === "prompt") return await askOnce(ask, [...system, new UserMessage(task.prompt)], io);
    if (task.type === "demo") await runDemo(model, { system, form, withTool: !flags["no-tools"] }, io);
    else await runInteractiveChat(ask, system, io);
    return 0;
  } finally {
    await close?.();
  }
}

/** The first word is a model if it looks like an id; everything else is the prompt. */
function splitPositionals(positionals: readonly string[]): { modelId?: string; words?: string } {
  const [first, ...rest] = positionals;
  if (first === undefined) return {};
  if (/^[\w.-]+:\S+$/.test(first))
    return { modelId: first, ...(rest.length > 0 && { words: rest.join(" ") }) };
  // A prompt is not held against every id there is, only a word that could be one without its provider.
  const { suggestions } = /^[\w./-]{1,64}$/.test(first) ? ModelRegistry.explain(first) : { suggestions: [] };
  const meant = suggestions.find((id) => id.endsWith(`:${first}`));
  if (meant !== undefined)
    throw new UsageError(`A model's id begins with its provider: write ${meant}, not ${first}.`);
  return { words: positionals.join(" ") };
}

type Task = { readonly type: "prompt"; readonly prompt: string } | { readonly type: "conversation" | "demo" };

/** What to do, by the words that were given and where standard input comes from. */
async function taskOf(
  flags: ChatFlags,
  modelId: string | undefined,
  words: string | undefined,
  io: CliIo,
): Promise<Task> {
  if (flags.demo) {
    if (words !== undefined) throw new UsageError(`--demo asks questions of its own; leave out "${words}".`);
    return { type: "demo" };
  }
  if (io.stdin.isTTY && words === undefined) {
    const needing = flags.json ? "--json" : flags.schema === undefined ? undefined : "--schema";
    if (needing !== undefined)
      throw new UsageError(`${needing} needs a prompt: give one after the model, or on standard input.`);
    return { type: "conversation" };
  }
  const prompt = (words ?? (await readText(io.stdin))).trim();
  if (prompt !== "") return { type: "prompt", prompt };
  if (words === undefined && modelId === undefined) return { type: "demo" };
  throw new UsageError("There is no prompt: give one after the model, or on standard input.");
}

/** The model that was named, or the first that can be used and why. */
async function modelFor(
  id: string | undefined,
  options: GenerateOptions,
  baseUrl: string | undefined,
  io: CliIo,
): Promise<PickedModel> {
  if (id !== undefined) return { model: modelNamed(id, { options, ...(baseUrl && { baseUrl }) }) };
  if (baseUrl !== undefined)
    throw new UsageError("--base-url needs a model: which provider's language is spoken there?");
  return pickModel(io, options);
}

function modelNamed(id: string, options: CreateOptions): ChatModelBase {
  try {
    return ModelRegistry.create(id, options);
  } catch (error) {
    // The advice of the library is for code: here a missing key or address has other remedies.
    if (ModelError.isInstance(error) && ModelRegistry.canCreate(id))
      throw new UsageError(
        `${error.message} On the command line: rxscope doctor shows what is set, --base-url leads elsewhere, and the model test:echo needs nothing.`,
      );
    throw error;
  }
}

/** How the model is asked, and what is shown of it. */
function asking(
  model: ChatModelBase,
  how: {
    readonly form: AnswerForm;
    readonly schema: JsonSchema | undefined;
    readonly tools: readonly RunnableTool[];
  },
  io: CliIo,
): Ask {
  const { form, schema, tools } = how;
  const sumUp = (answer: ChatResponse): void => {
    if (form === "text") io.stderr.write(`${styled(summaryOf(answer), "dim", "stderr", io)}\n`);
  };
  return async (messages, signal) => {
    if (schema !== undefined) {
      await showValue(model.streamStructured(messages, schema, { signal }), form, io);
      return [];
    }
    if (tools.length > 0) {
      const run = await showToolRun(runTools(model, messages, tools, { signal }), form, io);
      sumUp(run.response.with({ usage: run.usage }));
      if (run.reason === "max_rounds") io.stderr.write("The model still calls tools; it was stopped.\n");
      return run.messages;
    }
    const answer = await showAnswer(model.stream(messages, { signal }), form, io);
    sumUp(answer);
    return [answer.toMessage()];
  };
}

async function askOnce(ask: Ask, messages: readonly MessageInput[], io: CliIo): Promise<number> {
  const stop = new AbortController();
  const stopListening = io.onInterrupt(() => {
    // A second Ctrl-C ends the program as it would any other.
    stopListening();
    stop.abort();
  });
  try {
    await ask(messages, stop.signal);
    return 0;
  } catch (error) {
    if (!ModelError.isInstance(error) || error.kind !== "aborted") throw error;
    io.stderr.write("(stopped)\n");
    return INTERRUPTED;
  } finally {
    stopListening();
  }
}
