import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import { accumulationCases } from "./accumulation-cases.ts";
import { ByteServer } from "./byte-server.ts";
import { cancelCases } from "./cancel-cases.ts";
import {
  type CaseNeed,
  type ConformanceCase,
  ConformanceContext,
  type ConformanceSubject,
  type ContextOptions,
} from "./conformance-context.ts";
import { constructionCases } from "./construction-cases.ts";
import { errorCases } from "./error-cases.ts";
import { eventually } from "./expectations.ts";
import { formatterCases } from "./formatter-cases.ts";
import { mediaCases } from "./media-cases.ts";
import { missingCases } from "./missing-cases.ts";
import { reactiveCases } from "./reactive-cases.ts";
import { reasoningCases } from "./reasoning-cases.ts";
import { registryCases } from "./registry-cases.ts";
import { requestCases } from "./request-cases.ts";
import { retryCases } from "./retry-cases.ts";
import { streamCases } from "./stream-cases.ts";
import { structuredCases } from "./structured-cases.ts";
import { tokenCases } from "./token-cases.ts";
import { toolCases } from "./tool-cases.ts";
import { finishCases, usageCases } from "./usage-and-finish-cases.ts";

/** What came of one case. */
export interface ConformanceResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: "pass" | "fail" | "skip";
  /** Why it failed, or why it is skipped. */
  readonly reason?: string;
  /** Whether a case that the subject skips would pass: then the skip should go. */
  readonly wouldPass?: boolean;
  /** How many calls were made to find out. */
  readonly calls: number;
}

/** Which cases are run, and how. */
export interface ConformanceOptions extends ContextOptions {
  /** Only these cases. @default all */
  readonly only?: readonly string[];
  /** The longest a case may take, in milliseconds. @default 20_000 */
  readonly timeoutMs?: number;
}

/** Why a case does not run without what it needs. */
const LACKS: Readonly<Record<CaseNeed, string>> = {
  environment: "it needs the environment; pass { environment: process.env }",
  plugin: "it needs a plugin that makes the models by their ids; give the subject one",
  multiAgentFormatter: "it needs a formatter for several agents; give the fixtures one",
};

/** How long it is tried whether a skipped case would pass after all, in milliseconds. */
const SKIPPED_CASE_MS = 2000;

/** The part of a test runner's `test` that is used: vitest's, jest's and `node:test`'s have it. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip(name: string, run: () => Promise<void>): unknown;
}

/** The table, in the order of its sections. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...constructionCases,
  ...requestCases,
  ...streamCases,
  ...accumulationCases,
  ...toolCases,
  ...reasoningCases,
  ...usageCases,
  ...finishCases,
  ...errorCases,
  ...cancelCases,
  ...retryCases,
  ...formatterCases,
  ...structuredCases,
  ...mediaCases,
  ...tokenCases,
  ...registryCases,
  ...reactiveCases,
  ...missingCases,
].toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));

/**
 * Runs the table over a subject, offline, and tells what came of each case. For any test runner, or for none.
 *
 * @throws Error for a skip of an unknown case, or without a reason
 *
 * @example
 * ```ts
 * import { OpenAICredential } from "rxscope";
 * import { openaiChatFixtures, runConformance } from "rxscope/testing";
 *
 * const results = await runConformance({
 *   name: "OpenAI",
 *   fixtures: openaiChatFixtures(),
 *   createModel: ({ modelName = "gpt-4.1", options, card, formatter, ...account }) =>
 *     new OpenAICredential(account).createChatModel(modelName, { options, card, formatter }),
 * });
 * console.table(results.filter(({ outcome }) => outcome === "fail"));
 * ```
 */
export async function runConformance(
  subject: ConformanceSubject,
  options: ConformanceOptions = {},
): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const each of chosen(subject, options)) {
    const { id, title, run } = each;
    const reason = skipReason(subject, each, options);
    if (run === undefined || (reason !== undefined && !isDeclared(subject, id))) {
      results.push({ id, title, outcome: "skip", ...(reason !== undefined && { reason }), calls: 0 });
      continue;
    }
    const { error, calls } = await runCase(subject, run, options);
    if (reason !== undefined)
      results.push({ id, title, outcome: "skip", reason, wouldPass: error === undefined, calls });
    else if (error === undefined) results.push({ id, title, outcome: "pass", calls });
    else
      results.push({
        id,
        title,
        outcome: "fail",
        reason: error instanceof Error ? error.message : inspect(error),
        calls,
      });
  }
  return results;
}

/**
 * Registers a test for each case of the table, and one that fails when a declared skip is not needed.
 *
 * @throws Error for a skip of an unknown case, or without a reason
 *
 * @example
 * ```ts
 * import { OpenAICredential } from "rxscope";
 * import { type ConformanceSubject, defineConformance, openaiChatFixtures } from "rxscope/testing";
 * import { test } from "vitest";
 *
 * const subject: ConformanceSubject = {
 *   name: "OpenAI",
 *   fixtures: openaiChatFixtures(),
 *   createModel: ({ modelName = "gpt-4.1", options, card, formatter, ...account }) =>
 *     new OpenAICredential(account).createChatModel(modelName, { options, card, formatter }),
 *   skips: { A2: "this account always brings its key" },
 * };
 * defineConformance(subject, { test, environment: process.env });
 * ```
 */
export function defineConformance(
  subject: ConformanceSubject,
  { test, ...options }: ConformanceOptions & { readonly test: TestFunction },
): void {
  const declared: string[] = [];
  for (const each of chosen(subject, options)) {
    const { id, title, run } = each;
    const name = `${subject.name} ${id} ${title}`;
    const reason = skipReason(subject, each, options);
    const isRunnable = run !== undefined;
    if (isRunnable && isDeclared(subject, id)) declared.push(id);
    if (isRunnable && reason === undefined) {
      test(name, async () => {
        const { error } = await runCase(subject, run, options);
        if (error !== undefined) throw error as Error;
      });
    } else {
      // Declared by the subject, or not to be run by any: why stands in its name, which is printed.
      test.skip(`${name} (${reason ?? "there is nothing to run"})`, () => Promise.resolve());
    }
  }
  test(`${subject.name} needs every skip that it declares`, async () => {
    const timeoutMs = Math.min(SKIPPED_CASE_MS, options.timeoutMs ?? SKIPPED_CASE_MS);
    const results =
      declared.length === 0 ? [] : await runConformance(subject, { ...options, only: declared, timeoutMs });
    const needless = results.filter(({ wouldPass }) => wouldPass === true).map(({ id }) => id);
    if (needless.length > 0)
      throw new Error(`${subject.name} skips ${needless.join(", ")}, which would pass.`);
  });
}

/** The cases that are asked for, after a look at the skips. */
function chosen(subject: ConformanceSubject, { only }: ConformanceOptions): readonly ConformanceCase[] {
  const known = new Set(conformanceCases.map(({ id }) => id));
  for (const [id, reason] of [
    ...Object.entries(subject.fixtures.skips),
    ...Object.entries(subject.skips ?? {}),
  ]) {
    if (!known.has(id)) throw new Error(`${subject.name} skips ${id}, but there is no such case.`);
    if (reason.trim() === "") throw new Error(`${subject.name} skips ${id} without a reason.`);
  }
  const unknown = only?.find((id) => !known.has(id));
  if (unknown !== undefined) throw new Error(`There is no case ${unknown}.`);
  return only === undefined ? conformanceCases : conformanceCases.filter(({ id }) => only.includes(id));
}

function skipReason(
  subject: ConformanceSubject,
  each: ConformanceCase,
  options: ConformanceOptions,
): string | undefined {
  const declared = subject.skips?.[each.id] ?? subject.fixtures.skips[each.id] ?? each.skipped;
  if (declared !== undefined) return declared;
  const given: Readonly<Record<CaseNeed, unknown>> = {
    environment: options.environment,
    plugin: subject.plugin,
    multiAgentFormatter: subject.fixtures.multiAgentFormatter,
  };
  const lack = each.needs?.find((need) => given[need] === undefined);
  return lack === undefined ? undefined : LACKS[lack];
}

/** Whether it is the subject, or its wire, that skips a case. */
function isDeclared({ skips, fixtures }: ConformanceSubject, id: string): boolean {
  return skips?.[id] !== undefined || fixtures.skips[id] !== undefined;
}

/** One case, with a server of its own, and what it must leave behind: no open answer, no rejection that nobody handles. */
async function runCase(
  subject: ConformanceSubject,
  run: NonNullable<ConformanceCase["run"]>,
  options: ConformanceOptions,
): Promise<{ error: unknown; calls: number }> {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  const server = await ByteServer.start();
  const context = new ConformanceContext(subject, server, options);
  const stop = new AbortController();
  try {
    const timeoutMs = options.timeoutMs ?? 20_000;
    const tooLong = wait(timeoutMs, undefined, { signal: stop.signal }).then(
      () => Promise.reject(new Error(`The case did not end within ${timeoutMs} ms.`)),
      () => undefined,
    );
    await Promise.race([run(context), tooLong]);
    await eventually(
      () => server.openAnswers === 0,
      "A connection was left open: the server still waits for its client.",
    );
    // A rejection is known to be unhandled one turn after it came about.
    await wait(0);
    if (unhandled.length > 0) throw new Error(`A rejection was not handled: ${String(unhandled[0])}`);
    return { error: undefined, calls: context.calls };
  } catch (error) {
    return { error, calls: context.calls };
  } finally {
    stop.abort();
    process.off("unhandledRejection", onUnhandled);
    await server.close();
  }
}
