import { Observable } from "../rxjs.ts";
import { modelError } from "../error/errors-by-kind.ts";
import type { ModelErrorDetails, ModelErrorKind } from "../error/model-error.ts";
import type { Msg } from "../message/msg.ts";
import { accumulate, type ResponseDelta } from "../model/accumulate.ts";
import { ChatModelBase, type ChatModelInit } from "../model/chat-model-base.ts";
import type { ChatResponse, ChatUsage, FinishReason } from "../model/chat-response.ts";
import type { ResolvedOptions } from "../model/generate-options.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";
import { defaultAnswer } from "./emulator/default-answer.ts";
import { sampleOf } from "./emulator/schema-sample.ts";

/** One answer of a {@link ScriptedChatModel}. */
export interface ScriptedAnswer {
  /** Streamed word by word. */
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  readonly usage?: ChatUsage;
  /** @default what the content implies */
  readonly finishReason?: FinishReason;
  /** Fails with this, after what stands above was emitted. {@link failsWith} makes one. */
  readonly error?: Error;
  /** Wait before the first delta, in milliseconds. @default 0 */
  readonly firstDelayMs?: number;
  /** Wait before every delta, in milliseconds. @default 0 */
  readonly delayMs?: number;
}

/** A call of a tool in a scripted answer. */
export interface ScriptedToolCall {
  readonly name: string;
  /** Text is taken as it stands, valid JSON or not. @default what the schema of the offered tool of this name allows */
  readonly arguments?: Readonly<Record<string, unknown>> | string;
  /** @default one that no other call has */
  readonly id?: string;
}

/** One call that a {@link ScriptedChatModel} was asked. */
export interface RecordedCall {
  readonly messages: readonly Msg[];
  readonly tools: readonly ToolSchema[];
  readonly options: ResolvedOptions;
}

type Answer = string | ScriptedAnswer;

/** What a scripted model says: a text, an answer, or what a function makes of the call. */
export type Script = Answer | ((call: RecordedCall) => Answer | Promise<Answer>);

/**
 * A chat model that says what it is told to, in this process and without any request: for tests of code that uses a model.
 *
 * @example
 * ```ts
 * import { after, failsWith, ScriptedChatModel } from "rxscope/testing";
 *
 * const model = new ScriptedChatModel([
 *   failsWith("rate_limit", "Slow down.", { retryAfterMs: 0 }), // tried again, as of any model
 *   { toolCalls: [{ name: "get_weather" }] }, // arguments that the tool's schema allows
 *   after(20, ({ messages }) => `You said ${messages.at(-1)?.text}`),
 * ]);
 * console.log((await model.call("Hi")).toolCalls, model.calls.length);
 * ```
 */
export class ScriptedChatModel extends ChatModelBase {
  /** The calls so far, those that failed among them. */
  readonly calls: RecordedCall[] = [];
  private readonly queue: Script[];
  private readonly answerToAll: Script | undefined;

  /**
   * @param script one function for all calls, one answer for one call, or a list with one entry for each call; without it the
   *   model calls the tools it is offered, fills in schemas, counts and echoes, as the emulator does
   */
  constructor(script: Script | readonly Script[] = plausibleAnswer, init: Partial<ChatModelInit> = {}) {
    super({ provider: "test", modelName: "scripted", ...init });
    this.answerToAll = typeof script === "function" ? script : undefined;
    this.queue = typeof script === "function" ? [] : [script].flat();
  }

  /** Answers for the next calls, one each, behind those that wait already and before the function for all. */
  script(...answers: readonly Script[]): void {
    this.queue.push(...answers);
  }

  protected doStream(
    messages: Msg[],
    tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse> {
    const call = { messages, tools, options };
    this.calls.push(call);
    const script = this.queue.shift() ?? this.answerToAll;
    if (script === undefined) {
      const reason = `The script has no answer for call ${this.calls.length}; give it one more, or a function that answers all.`;
      return new Observable((subscriber) => subscriber.error(modelError("configuration", reason)));
    }
    const answer = typeof script === "function" ? script(call) : script;
    const deltas =
      answer instanceof Promise
        ? whenThere(answer.then((each) => deltasOf(each, call)))
        : deltasOf(answer, call);
    return accumulate(deltas, this);
  }
}

/** An answer that is an error of this kind, as a provider's would be; `partial` is what arrives before it. */
export function failsWith(
  kind: ModelErrorKind,
  message = `The script fails with ${kind}.`,
  details: ModelErrorDetails = {},
  partial: Omit<ScriptedAnswer, "error"> = {},
): ScriptedAnswer {
  return { ...partial, error: modelError(kind, message, details) };
}

/** The same answer, later: its first delta comes after so many milliseconds. */
export function after(ms: number, script: Script): Script {
  const later = (answer: Answer): ScriptedAnswer => ({ ...asAnswer(answer), firstDelayMs: ms });
  return typeof script === "function" ? async (call) => later(await script(call)) : later(script);
}

/** What a model could say to a call: a call of an offered tool with arguments that fit, JSON that fits the schema, a text. */
export function plausibleAnswer({ messages, tools, options }: RecordedCall): ScriptedAnswer {
  const { toolChoice, responseFormat, parallelToolCalls } = options;
  const userAt = messages.findLastIndex(({ role }) => role === "user");
  const choice = typeof toolChoice === "object" && toolChoice !== null ? toolChoice : undefined;
  const allowed = choice && ("name" in choice ? [choice.name] : choice.names);
  const callable = toolChoice === "none" ? [] : tools.filter(({ name }) => allowed?.includes(name) ?? true);
  const answer = defaultAnswer({
    model: "",
    lastUserText: messages[userAt]?.text ?? "",
    toolResults: messages.slice(userAt + 1).flatMap(toolOutputs),
    tools: callable.map(({ name, parameters = {} }) => ({ name, parameters })),
    mustCall: toolChoice === "required" || (choice !== undefined && "name" in choice),
    mayCallSeveral: parallelToolCalls !== false,
    mayThink: options.thinking?.enabled === true,
    form:
      responseFormat?.type === "json_schema"
        ? { schema: responseFormat.schema }
        : (responseFormat?.type ?? "text"),
  });
  const { text, thinking, toolCalls } = answer;
  return { ...(thinking && { thinking }), ...(text && { text }), ...(toolCalls && { toolCalls }) };
}

function toolOutputs({ content }: Msg): string[] {
  return content.flatMap((block) => {
    if (block.type !== "tool_result") return [];
    const { output } = block;
    if (typeof output === "string") return [output];
    return [output.map((part) => (part.type === "text" ? part.text : "")).join("")];
  });
}

/** A model that repeats the last message of the user: `ModelRegistry.create("test:echo")`. */
export function echoModel(init: Partial<ChatModelInit> = {}): ScriptedChatModel {
  return new ScriptedChatModel(
    ({ messages }) => messages.findLast((message) => message.role === "user")?.text ?? "",
    {
      modelName: "echo",
      ...init,
    },
  );
}

function asAnswer(answer: Answer): ScriptedAnswer {
  return typeof answer === "string" ? { text: answer } : answer;
}

function deltasOf(said: Answer, { tools, messages }: RecordedCall): Observable<ResponseDelta> {
  const answer = asAnswer(said);
  const { firstDelayMs = 0, delayMs = 0 } = answer;
  const argumentsOf = ({ name, arguments: input }: ScriptedToolCall): string => {
    if (typeof input === "string") return input;
    const schema = tools.find((tool) => tool.name === name)?.parameters;
    const source = { text: messages.findLast(({ role }) => role === "user")?.text ?? "" };
    return JSON.stringify(input ?? sampleOf(schema, source));
  };
  const deltas: ResponseDelta[] = [
    ...words(answer.thinking).map((thinking) => ({ thinking })),
    ...words(answer.text).map((text) => ({ text })),
    ...(answer.toolCalls ?? []).map((call, index) => ({
      toolCall: { index, id: call.id, name: call.name, arguments: argumentsOf(call) },
    })),
    ...(answer.usage === undefined ? [] : [{ usage: answer.usage }]),
    ...(answer.finishReason === undefined ? [] : [{ finishReason: answer.finishReason }]),
  ];
  return new Observable((subscriber) => {
    let timer: NodeJS.Timeout | undefined;
    const tell = (start: number): void => {
      for (let at = start; at < deltas.length; at++) {
        if (at > start && delayMs > 0) {
          timer = setTimeout(tell, delayMs, at);
          return;
        }
        subscriber.next(deltas[at] as ResponseDelta);
      }
      if (answer.error === undefined) subscriber.complete();
      else subscriber.error(answer.error);
    };
    const wait = firstDelayMs + delayMs;
    if (wait > 0) timer = setTimeout(tell, wait, 0);
    else tell(0);
    return () => clearTimeout(timer);
  });
}

function whenThere<T>(coming: Promise<Observable<T>>): Observable<T> {
  return new Observable((subscriber) => {
    coming.then(
      (there) => there.subscribe(subscriber),
      (error: unknown) => subscriber.error(error),
    );
  });
}

/** Words with the blanks after them. */
function words(text: string | undefined): string[] {
  return text === undefined ? [] : (text.match(/\S+\s*|\s+/g) ?? []);
}
