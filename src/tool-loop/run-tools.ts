import { Observable, type Subscriber, type Subscription } from "../rxjs.ts";
import {
  AbortedError,
  asModelError,
  ConfigurationError,
  ModelTimeoutError,
} from "../error/errors-by-kind.ts";
import type { ToolUseBlock } from "../message/content-block.ts";
import { type MessageInput, type Msg, toMessages, ToolResultMessage } from "../message/msg.ts";
import { AnswerStream } from "../model/answer-stream.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import type { ChatResponse } from "../model/chat-response.ts";
import type { FlowControl } from "../model/flow-control.ts";
import type { GenerateOptions } from "../model/generate-options.ts";
import { followSignal } from "../model/signal-followers.ts";
import { sumUsage } from "../model/sum-usage.ts";
import type { RunnableTool, ToolRun } from "../tool/tool.ts";
import { CallBudget } from "./call-budget.ts";
import { failed, isAsyncIterator, outputText, readArguments, toOutput } from "./run-tool.ts";
import type { ToolOutcome, ToolRound, ToolRunEnd, ToolRunEvent } from "./tool-run-events.ts";

/** A call that is about to be run. */
export interface ToolApproval {
  readonly call: ToolUseBlock;
  /** The arguments after their check. */
  readonly input: unknown;
  readonly round: number;
  readonly signal: AbortSignal;
}

/** Options of a run, beside those of every call of the model. */
export interface RunToolsOptions extends GenerateOptions {
  /** How often the model is asked at most. @default 10 */
  readonly maxRounds?: number;
  /** How many calls are run in all; those beyond are answered with an error. @default 150 */
  readonly maxCalls?: number;
  /** How many calls of one tool are run, unless the tool says so itself. @default 40 */
  readonly maxCallsPerTool?: number;
  /** The longest a run may take, tools included, in milliseconds; 0 is no limit. @default 0 */
  readonly deadlineMs?: number;
  /** How many tools of a round run at once. @default 8 */
  readonly concurrency?: number;
  /**
   * Asked before each call: `true` runs it; `false`, or a reason in words, is told to the model in its place.
   *
   * @default all are run
   */
  readonly approve?: (approval: ToolApproval) => boolean | string | Promise<boolean | string>;
  /** What the model is told of a tool's failure. What it throws itself ends the run. @default the error's message */
  readonly toolErrorText?: (error: unknown, call: ToolUseBlock) => string;
}

/** What tools share, and the model never sees: it must be given when a tool asks for it. */
type ContextOption<Context> = unknown extends Context
  ? { readonly context?: Context }
  : { readonly context: Context };

type OptionsOf<Context> = RunToolsOptions & ContextOption<Context>;

/**
 * Asks the model, runs the tools that it calls, and asks again, until it answers. Emits everything that happens; the last
 * event is `final`. Nothing happens before it is subscribed to or iterated; unsubscribing, or leaving the loop, stops the
 * model and aborts the running tools. A slow `for await` pauses the model's answer and tools that are async generators, no others.
 *
 * Unknown tools, arguments that do not fit and failures of tools are told to the model as error results, so that it can
 * correct itself. A forced `toolChoice` holds for the first round only, or the model could never answer.
 *
 * Fails with a `ModelError`: what the model fails with; `timeout` at the deadline; `aborted` by the signal.
 *
 * @example
 * ```ts
 * import { ModelRegistry, runTools, tool } from "rxscope";
 * import { z } from "zod";
 *
 * const weather = tool({
 *   name: "get_weather",
 *   parameters: z.object({ city: z.string() }),
 *   execute: ({ city }) => ({ city, celsius: 21 }),
 * });
 * runTools(ModelRegistry.create("openai:gpt-4.1"), "How is the weather in Paris?", [weather]).subscribe((event) => {
 *   if (event.type === "snapshot") process.stdout.write(event.response.textDelta);
 *   if (event.type === "tool_result") console.log(event.call.name, event.output);
 *   if (event.type === "final") console.log(event.usage);
 * });
 * ```
 */
export function runTools<Context = unknown>(
  model: ChatModelBase,
  messages: MessageInput | readonly MessageInput[],
  tools: readonly RunnableTool<Context>[],
  ...[options]: unknown extends Context ? [options?: OptionsOf<Context>] : [options: OptionsOf<Context>]
): AnswerStream<ToolRunEvent> {
  const { context, ...rest } = (options ?? {}) as RunToolsOptions & { context?: Context };
  const open = (flow: FlowControl | undefined): Observable<ToolRunEvent> =>
    new Observable((subscriber) => {
      const run = new Run(model, tools, rest, context as Context, subscriber, flow);
      void run.start(messages);
      return () => run.stop();
    });
  return new AnswerStream(open, replacesSnapshot);
}

/** A snapshot holds all of those before it; nothing else that happens may be left out. */
function replacesSnapshot(newer: ToolRunEvent, older: ToolRunEvent): boolean {
  return newer.type === "snapshot" && older.type === "snapshot" && newer.round === older.round;
}

class Run<Context> {
  private readonly model: ChatModelBase;
  private readonly tools: readonly RunnableTool<Context>[];
  private readonly options: RunToolsOptions;
  private readonly callOptions: GenerateOptions;
  private readonly context: Context;
  private readonly subscriber: Subscriber<ToolRunEvent>;
  private readonly flow: FlowControl | undefined;
  private readonly stopping = new AbortController();
  private readonly rounds: ToolRound[] = [];
  private readonly budget: CallBudget;
  private said: Msg[] = [];
  private subscription: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;
  private leaveSignal: (() => void) | undefined;
  private last: ChatResponse | undefined;

  constructor(
    model: ChatModelBase,
    tools: readonly RunnableTool<Context>[],
    options: RunToolsOptions,
    context: Context,
    subscriber: Subscriber<ToolRunEvent>,
    flow: FlowControl | undefined,
  ) {
    const {
      maxRounds: _rounds,
      maxCalls: _calls,
      maxCallsPerTool: _perTool,
      deadlineMs: _deadline,
      concurrency: _concurrency,
      approve: _approve,
      toolErrorText: _text,
      ...callOptions
    } = options;
    this.model = model;
    this.tools = tools;
    this.options = options;
    this.callOptions = callOptions;
    this.budget = new CallBudget(options);
    this.context = context;
    this.subscriber = subscriber;
    this.flow = flow;
  }

  async start(input: MessageInput | readonly MessageInput[]): Promise<void> {
    try {
      checkLimits(this.options);
      this.watch();
      await this.loop(toMessages(input));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Read anew each time: whoever hears of an event may stop the run. */
  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.leaveSignal?.();
    this.subscription?.unsubscribe();
    this.stopping.abort();
  }

  /** Follows the caller's signal and the deadline. */
  private watch(): void {
    const { deadlineMs = 0, signal } = this.options;
    if (deadlineMs > 0) {
      this.timer = setTimeout(() => {
        this.fail(
          new ModelTimeoutError(
            `The run took longer than deadlineMs (${deadlineMs} ms). Raise it, or leave it out for none.`,
          ),
        );
      }, deadlineMs);
    }
    if (signal?.aborted) this.onAbort();
    else if (signal) this.leaveSignal = followSignal(signal, this.onAbort);
  }

  private readonly onAbort = (): void => {
    this.fail(
      new AbortedError("The run was aborted by its signal.", {
        cause: this.options.signal?.reason as unknown,
      }),
    );
  };

  private fail(error: unknown): void {
    if (this.isStopped) return;
    this.stop();
    const { provider, modelName } = this.model;
    const failure = asModelError(error, "configuration", "The run failed inside");
    this.subscriber.error(failure.addContext({ provider, model: modelName, partial: this.last }));
  }

  private async loop(messages: readonly Msg[]): Promise<void> {
    const { maxRounds = 10 } = this.options;
    for (let round = 1; ; round++) {
      const response = await this.ask([...messages, ...this.said], round);
      this.said.push(response.toMessage());
      const calls = callsOf(response);
      const outcomes = await this.runCalls(calls, [...messages, ...this.said], round);
      // A call that is for the caller has no outcome; theirs is the next message.
      for (const { call, output, isError } of outcomes)
        this.said.push(new ToolResultMessage(call, output, isError ? { isError } : {}));
      const done: ToolRound = { round, response, outcomes, usage: response.usage };
      this.rounds.push(done);
      this.subscriber.next({ type: "round_end", ...done });
      const reason = this.endOf(response, calls, outcomes) ?? (round >= maxRounds ? "max_rounds" : undefined);
      if (reason !== undefined) return this.finish(reason, response, outcomes);
    }
  }

  private ask(messages: readonly Msg[], round: number): Promise<ChatResponse> {
    const { toolChoice } = this.callOptions;
    const isForced = toolChoice !== undefined && toolChoice !== null && toolChoice !== "none";
    const options =
      round > 1 && isForced ? { ...this.callOptions, toolChoice: "auto" as const } : this.callOptions;
    return new Promise((resolve, reject) => {
      // Nobody waits any more.
      if (this.isStopped) return;
      const stream = this.model.stream(messages, this.tools, options).pulledBy(this.flow);
      this.subscription = stream.subscribe({
        next: (response) => {
          this.last = response;
          this.subscriber.next({ type: "snapshot", round, response });
        },
        error: reject,
        complete: () => resolve(this.last as ChatResponse),
      });
    });
  }

  /** Runs the calls of a round, some at a time; the outcomes are in the order of the calls. */
  private async runCalls(
    calls: readonly ToolUseBlock[],
    messages: readonly Msg[],
    round: number,
  ): Promise<ToolOutcome[]> {
    const { concurrency = 8 } = this.options;
    const outcomes: (ToolOutcome | undefined)[] = [];
    const waiting = [...calls.entries()];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, call] = next;
        const outcome = await this.runCall(call, messages, round);
        if (this.isStopped) return;
        outcomes[index] = outcome;
        if (outcome !== undefined) this.subscriber.next({ type: "tool_result", round, ...outcome });
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, calls.length) }, work));
    return outcomes.filter((outcome) => outcome !== undefined);
  }

  /** Undefined for a call that is the caller's to run. */
  private async runCall(
    call: ToolUseBlock,
    messages: readonly Msg[],
    round: number,
  ): Promise<ToolOutcome | undefined> {
    const tool = this.toolOf(call);
    if (tool === undefined) {
      const known = this.tools.map(({ name }) => name).join(", ");
      return failed(call, "unknown_tool", `There is no tool "${call.name}". The tools are: ${known}.`);
    }
    const read = await readArguments(call, tool);
    if (!("input" in read)) return read;
    if (tool.execute === undefined) return undefined;
    const limit = this.budget.take(tool);
    if (limit !== undefined) return failed(call, "limit", limit);
    const { input } = read;
    const { signal } = this.stopping;
    const approval = await (this.options.approve?.({ call, input, round, signal }) ?? true);
    if (approval !== true) {
      this.budget.giveBack(tool.name);
      const reason = approval === false ? "The user did not allow this call." : approval;
      return failed(call, "not_approved", reason);
    }
    if (this.isStopped) return undefined;
    this.subscriber.next({ type: "tool_start", round, call, input });
    if (this.isStopped) return undefined; // by whoever was told
    try {
      const run: ToolRun<Context> = { context: this.context, signal, call, messages, round };
      const given = await tool.execute(input as never, run);
      const value = isAsyncIterator(given) ? await this.exhaust(given, call, round) : given;
      return { call, output: toOutput(value), isError: false, value };
    } catch (error) {
      if (this.isStopped) return undefined;
      const text = this.options.toolErrorText ?? errorText;
      return { call, output: text(error, call), isError: true, error };
    }
  }

  /** Shows what a generator yields. Gives what it returns, or its last yield where it returns nothing. */
  private async exhaust(
    generator: AsyncIterator<unknown>,
    call: ToolUseBlock,
    round: number,
  ): Promise<unknown> {
    let last: unknown;
    try {
      while (!this.isStopped) {
        const { value, done } = await generator.next();
        if (done) return value === undefined ? last : value;
        last = value;
        this.subscriber.next({ type: "tool_progress", round, call, output: toOutput(value), value });
        await this.flow?.wanted(this.stopping.signal);
      }
      return undefined;
    } finally {
      // One that is left early must be able to clean up.
      await generator.return?.();
    }
  }

  private toolOf(call: ToolUseBlock): RunnableTool<Context> | undefined {
    return this.tools.find(({ name }) => name === call.name);
  }

  private endOf(
    response: ChatResponse,
    calls: readonly ToolUseBlock[],
    outcomes: readonly ToolOutcome[],
  ): ToolRunEnd | undefined {
    if (calls.length === 0) return response.finishReason === "pause" ? undefined : "answer";
    if (outcomes.length < calls.length) return "caller_tool";
    const isDirect = outcomes.every(
      ({ call, isError }) => !isError && this.toolOf(call)?.returnDirect === true,
    );
    return isDirect ? "return_direct" : undefined;
  }

  private finish(reason: ToolRunEnd, response: ChatResponse, outcomes: readonly ToolOutcome[]): void {
    if (this.isStopped) return;
    const direct = outcomes.map(({ output }) => outputText(output)).join("\n");
    this.subscriber.next({
      type: "final",
      reason,
      response,
      text: reason === "return_direct" ? direct : response.text,
      messages: this.said,
      rounds: this.rounds,
      usage: sumUsage(this.rounds.map(({ usage }) => usage)),
    });
    this.subscriber.complete();
  }
}

/** The calls of an answer that nobody has answered: providers run tools of their own. */
function callsOf(response: ChatResponse): readonly ToolUseBlock[] {
  const answered = new Set(
    response.content.flatMap((block) => (block.type === "tool_result" ? [block.id] : [])),
  );
  return response.toolCalls.filter(({ id }) => !answered.has(id));
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkLimits(options: RunToolsOptions): void {
  for (const name of ["maxRounds", "concurrency"] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 1))
      throw new ConfigurationError(
        `Option ${name} must be a number of at least 1, not ${JSON.stringify(value)}.`,
      );
  }
  for (const name of ["maxCalls", "maxCallsPerTool", "deadlineMs"] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 0))
      throw new ConfigurationError(
        `Option ${name} must be a number of at least 0, not ${JSON.stringify(value)}.`,
      );
  }
}
