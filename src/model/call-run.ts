import type { Observable, Observer, Subscription } from "../rxjs.ts";
import { modelError } from "../error/errors-by-kind.ts";
import { ModelError } from "../error/model-error.ts";
import { type ChatResponse, type ChatWarning, isSnapshot, notASnapshot } from "./chat-response.ts";
import type { ResolvedOptions, RetryOptions, TimeoutOptions } from "./generate-options.ts";
import { leaveSource } from "./leave-source.ts";

/** Deadlines as they apply when nothing else is said. */
const DEFAULT_TIMEOUTS: Required<TimeoutOptions> = {
  connectMs: 10_000,
  firstEventMs: 600_000,
  idleMs: 300_000,
  totalMs: 0,
};

/** Retries as they apply when nothing else is said. */
const DEFAULT_RETRY: Required<RetryOptions> = { maxRetries: 2, baseDelayMs: 500, maxDelayMs: 60_000 };

/** The deadlines that options mean. */
export function timeoutsOf({ timeout }: ResolvedOptions): Required<TimeoutOptions> {
  if (timeout === undefined) return DEFAULT_TIMEOUTS;
  const { connectMs, firstEventMs, idleMs, totalMs } = {
    ...DEFAULT_TIMEOUTS,
    ...(typeof timeout === "number" ? { totalMs: timeout } : timeout),
  };
  return {
    connectMs: timerMs(connectMs),
    firstEventMs: timerMs(firstEventMs),
    idleMs: timerMs(idleMs),
    totalMs: timerMs(totalMs),
  };
}

/** Node lets a timer that is set further ahead (24.8 days) go off at once. */
const MAX_TIMER_MS = 2_147_483_647;

function timerMs(ms: number): number {
  return Math.min(ms, MAX_TIMER_MS);
}

function retryOf({ retry }: ResolvedOptions): Required<RetryOptions> {
  if (retry === undefined) return DEFAULT_RETRY;
  if (retry === false) return { ...DEFAULT_RETRY, maxRetries: 0 };
  if (typeof retry === "number") return { ...DEFAULT_RETRY, maxRetries: retry };
  return { ...DEFAULT_RETRY, ...retry };
}

/** What a run needs to know of the call. */
interface CallToRun {
  /** Makes the request; subscribed once per try. */
  readonly attempt: () => Observable<ChatResponse>;
  readonly options: ResolvedOptions;
  /** Is named in the errors, for example `openai/gpt-4.1`. */
  readonly who: string;
  /** Stand on the last snapshot before the model's own. */
  readonly warnings: readonly ChatWarning[];
}

/**
 * One run of a call: sends the request, watches the deadlines, and sends it again as long as nothing has been emitted and
 * the failure may pass. After the first snapshot every failure is final. Returns the function that ends it.
 */
export function runCall(call: CallToRun, observer: Observer<ChatResponse>): () => void {
  const run = new CallRun(call, observer);
  run.start();
  return () => run.stop();
}

/** What follows it comes when the turn of the event loop is over. */
const TURN = Promise.resolve();

/** The observer of each try. */
class CallRun implements Observer<ChatResponse> {
  private readonly attempt: () => Observable<ChatResponse>;
  private readonly who: string;
  private readonly warnings: readonly ChatWarning[];
  private readonly observer: Observer<ChatResponse>;
  private readonly timeouts: Required<TimeoutOptions>;
  private readonly retry: Required<RetryOptions>;
  private readonly flow: ResolvedOptions["flow"];
  private subscription: Subscription | undefined;
  private attempts = 0;
  private hasEmitted = false;
  private hasEnded = false;
  private isIdleWatched = false;
  private totalTimer: NodeJS.Timeout | undefined;
  /** The wait for the first event, then for the next one; or the wait before a retry. */
  private timer: NodeJS.Timeout | undefined;

  constructor({ attempt, options, who, warnings }: CallToRun, observer: Observer<ChatResponse>) {
    this.attempt = attempt;
    this.who = who;
    this.warnings = warnings;
    this.observer = observer;
    this.timeouts = timeoutsOf(options);
    this.retry = retryOf(options);
    this.flow = options.flow;
  }

  start(): void {
    const { totalMs } = this.timeouts;
    if (totalMs > 0)
      this.totalTimer = setTimeout(() => this.end(this.deadline("total", totalMs, "totalMs")), totalMs);
    this.try();
  }

  stop(): void {
    this.hasEnded = true;
    clearTimeout(this.totalTimer);
    clearTimeout(this.timer);
    leaveSource(this.subscription);
  }

  private try(): void {
    this.attempts += 1;
    const { firstEventMs } = this.timeouts;
    if (firstEventMs > 0) this.timer = setTimeout(() => this.noFirstEvent(firstEventMs), firstEventMs);
    // The source may answer, fail or end before `subscribe` returns.
    const subscription = this.attempt().subscribe(this);
    if (this.hasEnded) leaveSource(subscription);
    else this.subscription = subscription;
  }

  next(response: ChatResponse): void {
    if (!isSnapshot(response)) {
      this.error(notASnapshot(response, this.who));
      return;
    }
    this.watchIdle();
    this.observer.next(response.isLast ? this.settle(response) : response);
    // What comes after the last snapshot is not part of the answer.
    if (response.isLast) this.complete();
  }

  private settle(response: ChatResponse): ChatResponse {
    return response.with({
      warnings: [...this.warnings, ...response.warnings],
      metadata: Object.assign({}, response.metadata, { attempts: this.attempts }),
    });
  }

  complete(): void {
    if (this.hasEnded) return;
    this.stop();
    this.observer.complete();
  }

  error(error: unknown): void {
    if (this.hasEnded) return;
    clearTimeout(this.timer);
    leaveSource(this.subscription);
    this.subscription = undefined;
    const delayMs = this.retryDelay(error);
    if (delayMs === undefined) this.end(error);
    else this.timer = setTimeout(() => this.try(), timerMs(delayMs));
  }

  private end(error: unknown): void {
    if (this.hasEnded) return;
    this.stop();
    if (ModelError.isInstance(error)) error.addContext({ attempts: this.attempts });
    this.observer.error(error);
  }

  /** How long to wait before the next try; undefined when there is none. */
  private retryDelay(error: unknown): number | undefined {
    const { maxRetries, baseDelayMs, maxDelayMs } = this.retry;
    if (this.hasEmitted || this.attempts > maxRetries) return undefined;
    if (!ModelError.isInstance(error) || !error.retryable) return undefined;
    if (error.retryAfterMs !== undefined)
      return error.retryAfterMs <= maxDelayMs ? error.retryAfterMs : undefined;
    // Full jitter: many clients that failed together do not come back together.
    return Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (this.attempts - 1));
  }

  /**
   * From now the next snapshot is waited for. One read may hold hundreds of snapshots, or a whole answer: the timer is set once
   * for all of them, when their turn is over (V8 11.3: 45 ns a snapshot, and a microsecond a short answer).
   */
  private watchIdle(): void {
    if (this.isIdleWatched) return;
    this.isIdleWatched = true;
    if (!this.hasEmitted) {
      this.hasEmitted = true;
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    void TURN.then(this.setIdleTimer);
  }

  private readonly setIdleTimer = (): void => {
    this.isIdleWatched = false;
    const { idleMs } = this.timeouts;
    if (this.hasEnded || idleMs === 0) return;
    if (this.timer === undefined) this.timer = setTimeout(() => this.idle(idleMs), idleMs);
    else this.timer.refresh();
  };

  private noFirstEvent(firstEventMs: number): void {
    if (this.isReaderBehind(firstEventMs)) this.timer?.refresh();
    else
      this.afterReading(() => {
        if (!this.hasEmitted) this.error(this.deadline("first event", firstEventMs, "firstEventMs"));
      });
  }

  private idle(idleMs: number): void {
    if (this.isReaderBehind(idleMs)) this.timer?.refresh();
    else this.afterReading(() => this.end(this.deadline("idle", idleMs, "idleMs")));
  }

  /**
   * Timers come before what sockets have to give: where the program held the event loop up, the answer lies there unread. So it
   * is read before its silence is judged; what comes sets a timer.
   */
  private afterReading(judge: () => void): void {
    this.timer = undefined;
    setImmediate(() => {
      if (this.timer === undefined) judge();
    });
  }

  /** Whether the reader held the answer up in these last milliseconds: then the silence is his, not the provider's. */
  private isReaderBehind(ms: number): boolean {
    if (this.flow === undefined) return false;
    const { paused, resumedAt = Number.NEGATIVE_INFINITY } = this.flow;
    return paused || performance.now() - resumedAt < ms;
  }

  private deadline(name: string, ms: number, option: string): ModelError {
    return modelError(
      "timeout",
      `${this.who}: the ${name} deadline of ${ms} ms passed. Raise timeout.${option}, or set it to 0 for none.`,
    );
  }
}
