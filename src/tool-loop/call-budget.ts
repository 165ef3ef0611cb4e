/** How many calls of tools a run still has. */
export class CallBudget {
  private readonly most: number;
  private readonly mostPerTool: number;
  private readonly taken = new Map<string, number>();
  private takenInAll = 0;

  constructor({ maxCalls = 150, maxCallsPerTool = 40 }: { maxCalls?: number; maxCallsPerTool?: number }) {
    this.most = maxCalls;
    this.mostPerTool = maxCallsPerTool;
  }

  /** Counts a call. What the model is told in its place where there are too many. */
  take({
    name,
    maxCalls = this.mostPerTool,
  }: {
    readonly name: string;
    readonly maxCalls?: number;
  }): string | undefined {
    const taken = this.taken.get(name) ?? 0;
    if (taken >= maxCalls)
      return `${name} may be called ${maxCalls} times at most. Answer with what you have.`;
    if (this.takenInAll >= this.most)
      return `Tools may be called ${this.most} times at most. Answer with what you have.`;
    this.taken.set(name, taken + 1);
    this.takenInAll += 1;
    return undefined;
  }

  /** A call that was not run does not count. */
  giveBack(name: string): void {
    this.taken.set(name, (this.taken.get(name) ?? 1) - 1);
    this.takenInAll -= 1;
  }
}
