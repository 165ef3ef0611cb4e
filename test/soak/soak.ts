import { setTimeout as wait } from "node:timers/promises";
import { ModelError } from "../../src/error/model-error.ts";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { DashScopeCredential } from "../../src/credential/dashscope.ts";
import type { VendorFacts } from "../../src/credential/http-credential.ts";
import type { ChatModelBase } from "../../src/model/chat-model-base.ts";
import type { EmulatedAnswer } from "../../src/testing/emulator/emulated-answer.ts";
import { type Emulator, startEmulator } from "../../src/testing/emulator/emulator.ts";
import { seededRandom } from "../../src/testing/emulator/seeded-random.ts";
import { type FaultProxy, startFaultProxy } from "../../src/testing/fault-proxy.ts";
import { type Ending, mistakesOf, read } from "./soak-call.ts";
import { faultOf, planCall, planConnection, type Random, troubleOf } from "./soak-plan.ts";

export interface SoakOptions {
  /** Of all chance in the run. */
  readonly seed: number;
  readonly calls: number;
  /** Calls at the same time. @default 32 */
  readonly concurrency?: number;
}

/** What came of a run. */
export interface SoakReport {
  readonly calls: number;
  /** How often each outcome was: `completed`, `cancelled`, or the kind of the error and whether it came with a part of the answer. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly byProvider: Readonly<Record<string, number>>;
  /** How often each fault was: of a connection, or of the provider. */
  readonly faults: Readonly<Record<string, number>>;
  /** Promises that were not kept, with the number of the call. */
  readonly broken: readonly string[];
  /** Rejections that nobody handled. */
  readonly unhandled: readonly string[];
  /** Answers that the emulator still sends, and connections that the library still holds, when all calls are over. */
  readonly left: { readonly answers: number; readonly connections: number; readonly timers: number };
}

/** Silence is the only thing that costs a call time. */
const TIMEOUT = { connectMs: 5000, firstEventMs: 2000, idleMs: 2000, totalMs: 60_000 } as const;

/** How long idle connections are kept for another call, and a little more. */
const IDLE_MS = 8000;

/**
 * Makes calls of every built-in provider against the emulator through the fault proxy, as many at the same time as asked
 * for, and holds each to its promises: one ending; an answer that completes is the whole answer; an error tells its kind and
 * carries the beginning of the answer; what is given up says nothing more.
 */
export async function soak({ seed, calls, concurrency = 32 }: SoakOptions): Promise<SoakReport> {
  const random = seededRandom(seed);
  const connectionRandom = seededRandom(seed + 1);
  const timers = countTimers();
  const unhandled: string[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(String(reason));
  process.on("unhandledRejection", onUnhandled);
  const emulator = await startEmulator({ lenient: true, requireKey: false });
  const faults = new Map<string, number>();
  const proxy = await startFaultProxy(emulator.url, {
    plan: () => {
      const plan = planConnection(connectionRandom);
      count(faults, faultOf(plan));
      return plan;
    },
  });
  const run = new SoakRun(emulator, modelsThrough(proxy), faults);
  try {
    const callers = Array.from({ length: concurrency }, async () => {
      while (run.begun < calls) await run.call(random);
    });
    await Promise.all(callers);
    const isQuiet = (): boolean =>
      emulator.openStreams === 0 && proxy.openConnections === 0 && countTimers() <= timers;
    for (let waited = 0; waited < IDLE_MS && !isQuiet(); waited += 50) await wait(50);
    const left = {
      answers: emulator.openStreams,
      connections: proxy.openConnections,
      timers: Math.max(0, countTimers() - timers),
    };
    return { calls: run.begun, ...run.report(), unhandled, left };
  } finally {
    process.off("unhandledRejection", onUnhandled);
    await proxy.close();
    await emulator.close();
  }
}

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((type) => type === "Timeout").length;
}

/** A model of every built-in provider, and of each wire that it speaks. */
function modelsThrough(proxy: FaultProxy): ChatModelBase[] {
  const accounts = builtinCredentials.map(
    (credential) => new credential({ apiKey: "sk-soak", baseUrl: addressOf(proxy, credential.facts) }),
  );
  const native = new DashScopeCredential({
    mode: "native",
    apiKey: "sk-soak",
    baseUrl: `${proxy.url}/dashscope/api/v1`,
  });
  return [...accounts, native].map((account) => {
    const cards = account.catalog.cards("chat");
    // Some providers show what a model thinks only where that is asked for.
    const card = cards.find(({ outputTypes }) => outputTypes.includes("application/x-thinking")) ?? cards[0];
    const options = { timeout: TIMEOUT, thinking: { enabled: true } };
    return account.createChatModel(card?.modelName ?? "any-model", { options });
  });
}

/** An address that has the provider's name and path, as the emulator knows its servers by. */
function addressOf(proxy: FaultProxy, { provider, baseUrl = "http://127.0.0.1/v1" }: VendorFacts): string {
  const { pathname } = new URL(baseUrl);
  return `${proxy.url}/${provider}${pathname === "/" ? "" : pathname}`;
}

/** The calls of a run and what came of them. */
class SoakRun {
  begun = 0;
  private readonly models: readonly ChatModelBase[];
  private readonly answers = new Map<string, EmulatedAnswer>();
  private readonly outcomes = new Map<string, number>();
  private readonly providers = new Map<string, number>();
  private readonly faults: Map<string, number>;
  private readonly broken: string[] = [];

  constructor(emulator: Emulator, models: readonly ChatModelBase[], faults: Map<string, number>) {
    this.models = models;
    this.faults = faults;
    emulator.when({}, ({ lastUserText }) => this.answers.get(lastUserText) ?? { status: 418 });
  }

  report(): Pick<SoakReport, "outcomes" | "byProvider" | "faults" | "broken"> {
    return {
      outcomes: sorted(this.outcomes),
      byProvider: sorted(this.providers),
      faults: sorted(this.faults),
      broken: this.broken,
    };
  }

  async call(random: Random): Promise<void> {
    this.begun += 1;
    const number = this.begun;
    const model = this.models[number % this.models.length] as ChatModelBase;
    const plan = planCall(random);
    count(this.faults, troubleOf(plan.answer));
    const question = `call ${number}`;
    this.answers.set(question, plan.answer);
    const ending = await read(model, question, plan);
    this.answers.delete(question);
    count(this.providers, model.provider);
    const mistakes = mistakesOf(ending, plan);
    const where = `call ${number} of ${model.provider} (${JSON.stringify(plan).slice(0, 400)})`;
    this.broken.push(...mistakes.map((mistake) => `${where}: ${mistake}`));
    count(this.outcomes, nameOf(ending));
  }
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => a.localeCompare(b)));
}

function count(counts: Map<string, number>, name: string | undefined): void {
  if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
}

function nameOf(ending: Ending): string {
  if (ending.type !== "failed") return ending.type;
  if (!ModelError.isInstance(ending.error)) return "foreign error";
  return `${ending.error.kind}${ending.error.partial === undefined ? "" : " with a part"}`;
}
