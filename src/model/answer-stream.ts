import { Observable, type Subscription } from "../rxjs.ts";
import { ModelError } from "../error/model-error.ts";
import { FlowControl } from "./flow-control.ts";

/** How many values a pulling reader may be behind before the source is paused. */
const HIGH_WATER_MARK = 64;

/**
 * An answer as a cold Observable of snapshots, or of events: nothing is sent before someone subscribes, and two subscribers
 * are two requests.
 *
 * `for await` over it pulls: a slow reader pauses the socket, so memory stays bounded, and leaving the loop closes it.
 */
export class AnswerStream<Value> extends Observable<Value> implements AsyncIterable<Value> {
  private readonly open: (flow: FlowControl | undefined) => Observable<Value>;
  private readonly replaces: (newer: Value, older: Value) => boolean;

  /**
   * @param open makes the source; what is attached to `flow`, where there is one, follows the reader's demand
   * @param replaces whether a reader that is behind loses nothing when `newer` stands in the place of `older`
   */
  constructor(
    open: (flow: FlowControl | undefined) => Observable<Value>,
    replaces: (newer: Value, older: Value) => boolean = () => true,
  ) {
    super((subscriber) => open(undefined).subscribe(subscriber));
    this.open = open;
    this.replaces = replaces;
  }

  /** The source under the demand of another stream's reader: that stream is made of this one. @internal */
  pulledBy(flow: FlowControl | undefined): Observable<Value> {
    return this.open(flow);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Value> {
    const flow = new FlowControl();
    return new PullingReader(this.open(flow), flow, this.replaces);
  }
}

interface Waiting<Value> {
  resolve(result: IteratorResult<Value>): void;
  reject(error: unknown): void;
}

class PullingReader<Value> implements AsyncIterableIterator<Value> {
  private readonly source: Observable<Value>;
  private readonly flow: FlowControl;
  private readonly replaces: (newer: Value, older: Value) => boolean;
  private subscription: Subscription | undefined;
  private queue: Value[] = [];
  private waiting: Waiting<Value>[] = [];
  private isDone = false;
  private failure: { error: unknown } | undefined;

  constructor(
    source: Observable<Value>,
    flow: FlowControl,
    replaces: (newer: Value, older: Value) => boolean,
  ) {
    this.source = source;
    this.flow = flow;
    this.replaces = replaces;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Value>> {
    if (!this.isDone) this.subscription ??= this.subscribe();
    const value = this.queue.shift();
    if (value !== undefined) {
      if (this.queue.length === 0) this.flow.resume();
      return Promise.resolve({ value, done: false });
    }
    if (this.failure !== undefined) {
      const { error } = this.failure;
      this.failure = undefined;
      return Promise.reject(error);
    }
    if (this.isDone) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Value>> {
    this.subscription?.unsubscribe();
    this.queue = [];
    this.failure = undefined;
    this.finish();
    return Promise.resolve({ value: undefined, done: true });
  }

  private subscribe(): Subscription {
    return this.source.subscribe({
      next: (value) => this.receive(value),
      error: (error: unknown) => this.fail(error),
      complete: () => this.finish(),
    });
  }

  private receive(value: Value): void {
    const reader = this.waiting.shift();
    if (reader !== undefined) {
      reader.resolve({ value, done: false });
      return;
    }
    // A source that cannot pause would fill the memory: of what replaces each other the newest is kept.
    if (!this.flow.attached && this.queue.length >= HIGH_WATER_MARK) this.dropReplaced(value);
    this.queue.push(value);
    if (this.queue.length >= HIGH_WATER_MARK) this.flow.pause();
  }

  private dropReplaced(newer: Value): void {
    for (let older = this.queue.at(-1); older !== undefined; older = this.queue.at(-1)) {
      if (!this.replaces(newer, older)) return;
      this.queue.pop();
    }
  }

  private fail(error: unknown): void {
    this.isDone = true;
    // Whoever aborts does not want what was still on its way.
    if (ModelError.isInstance(error) && error.kind === "aborted") this.queue = [];
    const reader = this.waiting.shift();
    if (reader === undefined) this.failure = { error };
    else reader.reject(error);
    this.finish();
  }

  private finish(): void {
    this.isDone = true;
    for (const reader of this.waiting) reader.resolve({ value: undefined, done: true });
    this.waiting = [];
  }
}
