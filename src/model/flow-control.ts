/**
 * The demand of a reader that pulls. A source that can pause attaches itself and then follows `pause` and `resume`;
 * whatever it still emits while paused is queued, never lost. Of a source that does not attach the newest snapshot is kept,
 * which loses nothing either, because a snapshot holds everything so far.
 */
export class FlowControl {
  private source: { pause(): void; resume(): void } | undefined;
  private isPaused = false;
  private wasAttached = false;
  private lastResume: number | undefined;
  private held: Set<() => void> | undefined;

  /** Whether a source follows this demand, or did until its answer was at its end. */
  get attached(): boolean {
    return this.wasAttached;
  }

  /** Whether the reader has enough for now. Deadlines do not run meanwhile. */
  get paused(): boolean {
    return this.isPaused;
  }

  /** When the reader last asked for more after it had enough, as `performance.now()` tells it. */
  get resumedAt(): number | undefined {
    return this.lastResume;
  }

  /** Makes `source` follow; returns the function that lets it go. A second source (a retry) takes the place of the first. */
  attach(source: { pause(): void; resume(): void }): () => void {
    this.source = source;
    this.wasAttached = true;
    if (this.isPaused) source.pause();
    return () => {
      if (this.source === source) this.source = undefined;
    };
  }

  /** Resolves once the reader wants more, or the signal fires: for what gives its values one by one when it is asked. */
  wanted(signal: AbortSignal): Promise<void> {
    if (!this.isPaused || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const release = (): void => {
        this.held?.delete(release);
        signal.removeEventListener("abort", release);
        resolve();
      };
      this.held ??= new Set();
      this.held.add(release);
      signal.addEventListener("abort", release);
    });
  }

  /** Called by the reader. */
  pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.source?.pause();
  }

  /** Called by the reader. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.lastResume = performance.now();
    this.source?.resume();
    for (const release of this.held ?? []) release();
  }
}
