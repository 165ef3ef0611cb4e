import { Observable, type Subscription } from "../../rxjs.ts";
import { ContentFilterError, ParseError } from "../../error/errors-by-kind.ts";
import { ModelError } from "../../error/model-error.ts";
import type { ToolUseBlock } from "../../message/content-block.ts";
import {
  type MessageInput,
  type Msg,
  text,
  toMessages,
  ToolResultMessage,
  UserMessage,
} from "../../message/msg.ts";
import { checkToolName } from "../../tool/to-json-schema.ts";
import type { SchemaInput, SchemaOutput, SchemaTaken } from "../../tool/tool-schema.ts";
import { AnswerStream } from "../answer-stream.ts";
import type { ChatResponse } from "../chat-response.ts";
import type { FlowControl } from "../flow-control.ts";
import type { GenerateOptions } from "../generate-options.ts";
import { sumUsage } from "../sum-usage.ts";
import { AnswerSchema } from "./answer-schema.ts";
import { PartialText } from "./partial-text.ts";
import { type JsonInText, readJson } from "./read-json.ts";
import { STRUCTURED_DATA } from "./structured-data.ts";
import { type AskedValue, callFor, modesOf } from "./structured-modes.ts";
import type {
  AskedModel,
  PartialValue,
  StructuredAttempt,
  StructuredMode,
  StructuredOptions,
  StructuredResult,
  StructuredSnapshot,
} from "./structured-output.ts";

type SnapshotOf<Schema> = StructuredSnapshot<SchemaOutput<Schema>, SchemaTaken<Schema>>;

/** A structured answer as it arrives; the last snapshot has the value. */
export function streamStructured<Schema extends SchemaInput>(
  model: AskedModel,
  messages: MessageInput | readonly MessageInput[],
  schema: Schema,
  options: StructuredOptions,
): AnswerStream<SnapshotOf<Schema>> {
  const open = (flow?: FlowControl): Observable<SnapshotOf<Schema>> =>
    new Observable((subscriber) => {
      const run = new StructuredRun<Schema>(model, options, (snapshot) => subscriber.next(snapshot), flow);
      run.result(messages, schema).then(
        (result) => {
          subscriber.next({
            isLast: true,
            partial: result.message.metadata[STRUCTURED_DATA] as PartialValue<SchemaTaken<Schema>>,
            ...result,
          });
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
      return () => run.stop();
    });
  return new AnswerStream(open);
}

/** The value of a structured answer. */
export function structured<Schema extends SchemaInput>(
  model: AskedModel,
  messages: MessageInput | readonly MessageInput[],
  schema: Schema,
  options: StructuredOptions,
): Promise<StructuredResult<SchemaOutput<Schema>>> {
  return new StructuredRun<Schema>(model, options).result(messages, schema);
}

/** What was found in an answer. */
interface Found extends JsonInText {
  /** The call that it came in; undefined for a text. */
  readonly call: ToolUseBlock | undefined;
}

/** Asks in one mode after the other, and in each until the value fits or the corrections are used up. */
class StructuredRun<Schema extends SchemaInput> {
  private readonly model: AskedModel;
  private readonly settings: StructuredOptions;
  /** What is left of the settings for each request. */
  private readonly options: GenerateOptions;
  private readonly show: ((snapshot: SnapshotOf<Schema>) => void) | undefined;
  private readonly flow: FlowControl | undefined;
  private readonly attempts: StructuredAttempt[] = [];
  private subscription: Subscription | undefined;
  private isStopped = false;
  /** What was shown last of the value. */
  private partial: unknown = undefined;

  constructor(
    model: AskedModel,
    options: StructuredOptions | null,
    show?: (snapshot: SnapshotOf<Schema>) => void,
    flow?: FlowControl,
  ) {
    // Without types null stands for no options, as it does in `call`.
    const settings = options ?? {};
    const {
      strategy: _strategy,
      name: _name,
      description: _description,
      maxCorrections: _max,
      ...rest
    } = settings;
    this.model = model;
    this.settings = settings;
    this.options = rest;
    this.show = show;
    this.flow = flow;
  }

  stop(): void {
    this.isStopped = true;
    this.subscription?.unsubscribe();
  }

  async result(
    input: MessageInput | readonly MessageInput[],
    schema: Schema,
  ): Promise<StructuredResult<SchemaOutput<Schema>>> {
    const { strategy = "auto", name = "answer", description, maxCorrections = 2 } = this.settings;
    checkToolName(name);
    const answer = await AnswerSchema.of(schema);
    const asked: AskedValue = { schema: answer.json, name, description };
    const modes = modesOf(strategy, this.model.card, this.options);
    let messages: readonly Msg[] = toMessages(input);
    let corrections = 0;
    for (;;) {
      const mode = modes[0] as StructuredMode;
      const { response, error } = await this.ask(mode, messages, asked, answer);
      if (response === undefined) {
        if (modes.length === 1) throw error;
        modes.shift();
        continue;
      }
      const found = await this.find(mode, name, response);
      const checked = found === undefined ? undefined : await answer.check(found.value);
      if (found !== undefined && checked !== undefined && checked.issues === undefined) {
        this.note({ mode, outcome: found.isRepaired ? "repaired" : "ok" }, response);
        return {
          value: checked.value,
          message: messageOf(response, checked.data),
          response,
          attempts: this.attempts,
          usage: sumUsage(this.attempts.map(({ usage }) => usage)),
        };
      }
      const issues = checked?.issues ?? ["There is no JSON in the answer."];
      this.note({ mode, outcome: found === undefined ? "no_value" : "invalid", issues }, response);
      const failure = this.failure(response, found, issues, name);
      if (failure.kind === "content_filter" || response.finishReason === "length") throw failure;
      if (found === undefined && modes.length > 1) {
        modes.shift();
        continue;
      }
      if (corrections === maxCorrections) throw failure;
      corrections += 1;
      messages = [...messages, ...correction(response, found, issues)];
    }
  }

  /** One request. A refusal of the provider comes back, any other failure is thrown. */
  private async ask(
    mode: StructuredMode,
    messages: readonly Msg[],
    asked: AskedValue,
    answer: AnswerSchema<Schema>,
  ): Promise<{ response?: ChatResponse; error?: unknown }> {
    const { card } = this.model;
    const call = callFor(mode, messages, asked, this.options, card);
    // A value that was shown must not shrink: where it is asked for again, it stands until the new one is whole.
    const shows = this.partial === undefined;
    const reader = mode.startsWith("tool") ? callReader(asked.name) : textReader();
    try {
      const response = await this.send(call.messages, call.tools, call.options, (snapshot) => {
        if (this.show === undefined) return;
        if (shows) this.partial = answer.partial(reader(snapshot)) ?? this.partial;
        const partial = this.partial as PartialValue<SchemaTaken<Schema>> | undefined;
        this.show({ isLast: false, partial, response: snapshot });
      });
      return { response };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.attempts.push({ mode, outcome: "refused", error });
      return { error };
    }
  }

  private send(
    messages: readonly Msg[],
    tools: Parameters<AskedModel["stream"]>[1],
    options: GenerateOptions,
    next: (response: ChatResponse) => void,
  ): Promise<ChatResponse> {
    return new Promise((resolve, reject) => {
      // Whoever unsubscribed waits for nothing any more, and nothing more is sent.
      if (this.isStopped) return;
      let last: ChatResponse | undefined;
      const stream = this.model.stream(messages, tools, options).pulledBy(this.flow);
      this.subscription = stream.subscribe({
        next: (response) => {
          last = response;
          next(response);
        },
        error: reject,
        complete: () => resolve(last as ChatResponse),
      });
    });
  }

  /** The value in an answer, not yet held against the schema. */
  private async find(mode: StructuredMode, name: string, response: ChatResponse): Promise<Found | undefined> {
    const wasCut = response.finishReason === "length";
    const call = response.toolCalls.find((each) => each.name === name);
    if (mode.startsWith("tool") && call !== undefined) {
      if (call.inputError === undefined) return { value: call.input, isRepaired: false, call };
      const mended = await readJson(call.rawInput, !wasCut);
      return mended && { ...mended, call };
    }
    // Some servers give the value of a reasoning model as its reasoning (DeepSeek on Azure).
    const words = response.text.trim() === "" ? response.thinking : response.text;
    const json = await readJson(words, !wasCut);
    return json && { ...json, call: undefined };
  }

  private failure(
    response: ChatResponse,
    found: Found | undefined,
    issues: readonly string[],
    name: string,
  ): ModelError {
    const { provider, modelName } = this.model;
    const who = `${provider}/${modelName}`;
    const raw = found?.call?.rawInput ?? rawCall(response, name) ?? response.text;
    const details = { provider, model: modelName, partial: response, body: raw.slice(0, MAX_BODY) };
    if (response.finishReason === "content_filter" && found === undefined) {
      return new ContentFilterError(
        `${who} refused to give the value: ${quote(raw)}. Ask for it in other words.`,
        details,
      );
    }
    if (response.finishReason === "length") {
      return new ParseError(
        `The structured answer of ${who} was cut at the token limit: ${quote(raw)}. Raise maxTokens.`,
        details,
      );
    }
    const tries = this.attempts.map(({ mode }) => mode).join(", ");
    return new ParseError(
      `${who} gave no value that fits the schema (tried ${tries}): ${issues.join("; ")}. It wrote ${quote(raw)}. Raise maxCorrections, or ask for less.`,
      details,
    );
  }

  private note(attempt: StructuredAttempt, { usage }: ChatResponse): void {
    this.attempts.push({ ...attempt, ...(usage !== undefined && { usage }) });
  }
}

/** The most characters of an answer in an error's `body`; all of it is in `partial`. */
const MAX_BODY = 10_000;

/** Whether a provider, or a dialect, will not have the request in this form. */
function isRefusal(error: unknown): error is ModelError {
  if (!ModelError.isInstance(error) || error.partial !== undefined) return false;
  return error.kind === "invalid_request" || error.kind === "unsupported";
}

/** Reads the input of the call from each snapshot. */
function callReader(name: string): (response: ChatResponse) => unknown {
  return (response) => {
    for (const block of response.content)
      if (block.type === "tool_use" && block.name === name) return block.input;
    return undefined;
  };
}

/** Reads the JSON of the text, each character once. */
function textReader(): (response: ChatResponse) => unknown {
  const reader = new PartialText();
  return (response) => {
    const added = response.textDelta;
    const { text } = response;
    // A middleware may leave snapshots out; then the delta does not tell everything.
    reader.push(reader.read + added.length === text.length ? added : text.slice(reader.read));
    return reader.value;
  };
}

/** The model's own answer, and what is wrong with it. */
function correction(response: ChatResponse, found: Found | undefined, issues: readonly string[]): Msg[] {
  const said = response.toMessage();
  const problem = `The answer does not fit the schema:\n${issues.map((issue) => `- ${issue}`).join("\n")}\n`;
  if (found?.call !== undefined) {
    const words = `${problem}Call the tool again with the whole answer, corrected.`;
    return [said, new ToolResultMessage(found.call, words, { isError: true })];
  }
  return [
    said,
    new UserMessage(`${problem}Give the whole answer again, corrected, as JSON and nothing else.`),
  ];
}

/** The answer as a message: what came through a tool that nobody else knows becomes text. */
function messageOf(response: ChatResponse, data: unknown): Msg {
  const message = response.toMessage();
  const kept = message.content.filter(({ type }) => type !== "tool_use" && type !== "text");
  return message.with({
    content: [...kept, text(JSON.stringify(data))],
    metadata: { ...message.metadata, [STRUCTURED_DATA]: data },
  });
}

function rawCall(response: ChatResponse, name: string): string | undefined {
  return response.toolCalls.find((call) => call.name === name)?.rawInput;
}

function quote(raw: string): string {
  return JSON.stringify(raw.length > 200 ? `${raw.slice(0, 200)}…` : raw);
}
