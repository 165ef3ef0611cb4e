import type { ContentBlock } from "../message/content-block.ts";

/**
 * How many blocks at the end of a list are copied for each change, at most. Hardly an answer has more in all, and so far the
 * copy is as cheap as content that is made when it is read (`bench/`, 200 calls).
 */
const MAX_RECENT = 128;

/** A list of blocks that never changes, or what makes it: it is only made for who reads it. */
export type BlockView = readonly ContentBlock[] | (() => readonly ContentBlock[]);

/**
 * The blocks of one answer while it grows, of which each snapshot sees the state of its time. What has been handed out never
 * changes: the next change is made to a copy. Of many blocks only the last ones are copied; those before them are a list that
 * all snapshots share, each as far as it went at its time. A change there is rare, and copies it.
 */
export class BlockList {
  private settled: ContentBlock[] = [];
  private recent: ContentBlock[] = [];
  private isSettledShared = false;
  private isRecentShared = false;

  get length(): number {
    return this.settled.length + this.recent.length;
  }

  at(position: number): ContentBlock | undefined {
    const { settled } = this;
    return position < settled.length ? settled[position] : this.recent[position - settled.length];
  }

  push(block: ContentBlock): void {
    if (this.recent.length === MAX_RECENT) {
      // To add to a shared list changes nothing that a snapshot sees.
      this.settled.push(...this.recent.slice(0, MAX_RECENT / 2));
      this.recent = this.recent.slice(MAX_RECENT / 2);
      this.isRecentShared = false;
    }
    this.ownRecent().push(block);
  }

  replace(position: number, block: ContentBlock): void {
    const { length } = this.settled;
    if (position >= length) {
      this.ownRecent()[position - length] = block;
      return;
    }
    if (this.isSettledShared) this.settled = this.settled.slice();
    this.isSettledShared = false;
    this.settled[position] = block;
  }

  /** The blocks of now. */
  get view(): BlockView {
    const { settled, recent } = this;
    this.isRecentShared = true;
    if (settled.length === 0) return recent;
    this.isSettledShared = true;
    const { length } = settled;
    return () => [...settled.slice(0, length), ...recent];
  }

  private ownRecent(): ContentBlock[] {
    if (this.isRecentShared) this.recent = this.recent.slice();
    this.isRecentShared = false;
    return this.recent;
  }
}

/** The blocks of a view. */
export function blocksOf(view: BlockView): readonly ContentBlock[] {
  return typeof view === "function" ? view() : view;
}
