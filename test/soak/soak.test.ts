import { expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { ModelError } from "../../src/error/model-error.ts";
import { ChatResponse } from "../../src/model/chat-response.ts";
import type { EmulatedAnswer } from "../../src/testing/emulator/emulated-answer.ts";
import { type Ending, mistakesOf } from "./soak-call.ts";
import { soak } from "./soak.ts";

// A process of its own: timers are counted. The long form of this is `npm run soak`.

test("hundreds of calls of every provider over a broken network are all accounted for", async () => {
  const calls = 400;
  const { outcomes, byProvider, faults, broken, unhandled, left } = await soak({ seed: 20_261_121, calls });
  expect(broken).toEqual([]);
  expect(unhandled).toEqual([]);
  expect(left).toEqual({ answers: 0, connections: 0, timers: 0 });
  expect(Object.keys(byProvider)).toHaveLength(builtinCredentials.length);
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(calls);
  // All sorts of them: nothing would be broken if nothing had been tried.
  const names = Object.keys(outcomes);
  expect(names).toEqual(expect.arrayContaining(["completed", "cancelled", "network"]));
  expect(names.some((name) => name.endsWith("with a part"))).toBe(true);
  expect(Object.keys(faults).length).toBeGreaterThan(10);
}, 120_000);

/** What is found of a call that should have said this. */
function found(ending: Partial<Ending>, answer: EmulatedAnswer): string {
  const plan = { answer, reader: { reads: "all", after: 0 }, isStream: true, retries: 0 } as const;
  return mistakesOf({ type: "completed", late: [], ...ending }, plan).join("; ");
}

const said = (text: string, more: object = {}): ChatResponse =>
  new ChatResponse({
    id: "r",
    provider: "p",
    model: "m",
    createdAt: "2026-11-01T00:00:00.000Z",
    delta: [],
    content: [{ type: "text", id: "t", text }],
    isLast: true,
    ...more,
  });

test.each<[what: string, ending: Partial<Ending>, answer: EmulatedAnswer, mistake: string]>([
  ["nothing wrong", { last: said("Hi.") }, { text: "Hi." }, ""],
  ["lost text", { last: said("Hi") }, { text: "Hi." }, "completed with"],
  [
    "a lost call",
    { last: said("Hi.") },
    { text: "Hi.", toolCalls: [{ name: "f", arguments: {} }] },
    "completed with",
  ],
  ["no last snapshot", { last: said("Hi.", { isLast: false }) }, { text: "Hi." }, "without a last snapshot"],
  ["a swallowed status", { last: said("Hi.") }, { text: "Hi.", status: 500 }, "though the status was 500"],
  [
    "a swallowed error",
    { last: said("Hi.") },
    { text: "Hi.", errorEvent: {} },
    "the provider said that it failed",
  ],
  [
    "a signal too many",
    { last: said("Hi."), late: ["a snapshot"] },
    { text: "Hi." },
    "a snapshot came after the end",
  ],
  ["a foreign error", { type: "failed", error: new TypeError("x") }, {}, "foreign error"],
  ["an unexpected kind", { type: "failed", error: new ModelError("parse", "x") }, {}, "failed as parse"],
  [
    "a lost part",
    { type: "failed", last: said("Hi"), error: new ModelError("network", "x") },
    { text: "Hi." },
    "carries nothing",
  ],
  [
    "a wrong part",
    { type: "failed", last: said("Ho"), error: new ModelError("network", "x", { partial: said("Ho") }) },
    { text: "Hi." },
    "no beginning",
  ],
])("the soak finds %s", (_what, ending, answer, mistake) => {
  if (mistake === "") expect(found(ending, answer)).toBe("");
  else expect(found(ending, answer)).toContain(mistake);
});
