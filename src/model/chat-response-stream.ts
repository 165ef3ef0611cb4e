import { Observable, type Subscription } from "../rxjs.ts";
import { ModelError } from "../error/model-error.ts";
import type { ChatResponse } from "./chat-response.ts";
import { FlowControl } from "./flow-control.ts";

/** How many snapshots a pulling reader may be behind before the source is paused. */
const HIGH_WATER_MARK = 64;

/**
 * The answer of a model as a cold Observable of snapshots: nothing is sent before someone subscribes, and two subscribers
 * are two requests.
 *
 * `for await` over it pulls: a slow reader pauses the socket, so memory stays bounded, and leaving the loop closes it.
 */
export class ChatResponseStream extends Observable<ChatResponse> implements AsyncIterable<ChatResponse> {
  private readonly open: (flow: FlowControl | undefined) => Observable<ChatResponse>;

  constructor(open: (flow: FlowControl | undefined) => Observable<ChatResponse>) {
    super((subscriber) => open(undefined).subscribe(subscriber));
    this.open = open;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ChatResponse> {
    const flow = new FlowControl();
    return new SnapshotReader(this.open(flow), flow);
  }
}

interface Waiting {
  resolve(result: IteratorResult<ChatResponse>): void;
  reject(error: unknown): void;
}

class SnapshotReader implements AsyncIterableIterator<ChatResponse> {
  private readonly source: Observable<ChatResponse>;
  private readonly flow: FlowControl;
  private subscription: Subscription | undefined;
  private queue: ChatResponse[] = [];
  private waiting: Waiting[] = [];
  private isDone = false;
  private failure: { error: unknown } | undefined;

  constructor(source: Observable<ChatResponse>, flow: FlowControl) {
    this.source = source;
    this.flow = flow;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ChatResponse>> {
    if (!this.isDone) this.subscription ??= this.subscribe();
    const snapshot = this.queue.shift();
    if (snapshot !== undefined) {
      if (this.queue.length === 0) this.flow.resume();
      return Promise.resolve({ value: snapshot, done: false });
    }
    if (this.failure !== undefined) {
      const { error } = this.failure;
      this.failure = undefined;
      return Promise.reject(error);
    }
    if (this.isDone) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<ChatResponse>> {
    this.subscription?.unsubscribe();
    this.queue = [];
    this.failure = undefined;
    this.finish();
    return Promise.resolve({ value: undefined, done: true });
  }

  private subscribe(): Subscription {
    return this.source.subscribe({
      next: (snapshot) => this.receive(snapshot),
      error: (error: unknown) => this.fail(error),
      complete: () => this.finish(),
    });
  }

  private receive(snapshot: ChatResponse): void {
    const reader = this.waiting.shift();
    if (reader !== undefined) {
      reader.resolve({ value: snapshot, done: false });
      return;
    }
    // A source that cannot pause would fill the memory: it is read as "the newest snapshot", which holds everything.
    if (!this.flow.attached && this.queue.length >= HIGH_WATER_MARK) this.queue.length = 0;
    this.queue.push(snapshot);
    if (this.queue.length >= HIGH_WATER_MARK) this.flow.pause();
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
