import { Observable } from "../rxjs.ts";
import { ConfigurationError, modelError } from "../error/errors-by-kind.ts";
import type { Msg } from "../message/msg.ts";
import { accumulate, type ResponseDelta } from "../model/accumulate.ts";
import { ChatModelBase, type ChatModelInit } from "../model/chat-model-base.ts";
import type { ChatResponse, ChatUsage, FinishReason } from "../model/chat-response.ts";
import type { ResolvedOptions } from "../model/generate-options.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";

/** One answer of a {@link ScriptedChatModel}. */
export interface ScriptedAnswer {
  /** Streamed word by word. */
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly id?: string;
  }[];
  readonly usage?: ChatUsage;
  readonly finishReason?: FinishReason;
  /** Fails with this, after what stands above was emitted. */
  readonly error?: Error;
  /** Wait before every delta, in milliseconds. @default 0 */
  readonly delayMs?: number;
}

/** One call that a {@link ScriptedChatModel} was asked. */
export interface RecordedCall {
  readonly messages: readonly Msg[];
  readonly tools: readonly ToolSchema[];
  readonly options: ResolvedOptions;
}

/** What a scripted model says: a text, an answer, or what a function makes of the call. */
export type Script = string | ScriptedAnswer | ((call: RecordedCall) => string | ScriptedAnswer);

/**
 * A chat model that says what it is told to, in this process and without any request: for tests of code that uses a model.
 * Answers are used in order; a function answers every call.
 */
export class ScriptedChatModel extends ChatModelBase {
  /** The calls so far. */
  readonly calls: RecordedCall[] = [];
  private readonly queue: Exclude<Script, (call: RecordedCall) => unknown>[];
  private readonly answerTo: ((call: RecordedCall) => string | ScriptedAnswer) | undefined;

  /** @param script one function for all calls, or one answer a call */
  constructor(script: Script | readonly Script[], init: Partial<ChatModelInit> = {}) {
    super({ provider: "test", modelName: "scripted", ...init });
    const list = Array.isArray(script) ? (script as readonly Script[]) : [script as Script];
    const functions = list.filter((entry) => typeof entry === "function");
    if (functions.length > 0 && list.length > 1) {
      throw new ConfigurationError("A script is one function, or a list of answers, not both.");
    }
    this.answerTo = functions[0];
    this.queue = list.filter((entry) => typeof entry !== "function");
  }

  protected doStream(
    messages: Msg[],
    tools: ToolSchema[],
    options: ResolvedOptions,
  ): Observable<ChatResponse> {
    const call = { messages, tools, options };
    this.calls.push(call);
    const answer = this.answerTo?.(call) ?? this.queue.shift();
    if (answer === undefined) {
      const reason = `The script has no answer for call ${this.calls.length}; give it one more.`;
      return new Observable((subscriber) => subscriber.error(modelError("configuration", reason)));
    }
    return accumulate(deltasOf(typeof answer === "string" ? { text: answer } : answer), this);
  }
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

function deltasOf(answer: ScriptedAnswer): Observable<ResponseDelta> {
  const deltas: ResponseDelta[] = [
    ...words(answer.thinking).map((thinking) => ({ thinking })),
    ...words(answer.text).map((text) => ({ text })),
    ...(answer.toolCalls ?? []).map(({ name, id, arguments: input }, index) => ({
      toolCall: { index, id, name, arguments: JSON.stringify(input) },
    })),
    ...(answer.usage === undefined ? [] : [{ usage: answer.usage }]),
    ...(answer.finishReason === undefined ? [] : [{ finishReason: answer.finishReason }]),
  ];
  return new Observable((subscriber) => {
    const { delayMs = 0, error } = answer;
    const rest = [...deltas];
    const finish = (): void => (error === undefined ? subscriber.complete() : subscriber.error(error));
    const tell = (): void => {
      const delta = rest.shift();
      if (delta !== undefined) subscriber.next(delta);
    };
    if (delayMs === 0) while (rest.length > 0) tell();
    if (rest.length === 0) return finish();
    const timer = setInterval(() => {
      tell();
      if (rest.length > 0) return;
      clearInterval(timer);
      finish();
    }, delayMs);
    return () => clearInterval(timer);
  });
}

/** Words with the blanks after them. */
function words(text: string | undefined): string[] {
  return text === undefined ? [] : (text.match(/\S+\s*|\s+/g) ?? []);
}
