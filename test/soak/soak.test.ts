import { expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { soak } from "./soak.ts";

// A process of its own: timers are counted. The long form of this is `npm run soak`.

test("hundreds of calls of every provider over a broken network are all accounted for", async () => {
  const calls = 600;
  const { outcomes, byProvider, broken, unhandled, left } = await soak({ seed: 20_261_121, calls });
  expect(broken).toEqual([]);
  expect(unhandled).toEqual([]);
  expect(left).toEqual({ answers: 0, connections: 0, timers: 0 });
  expect(Object.keys(byProvider)).toHaveLength(builtinCredentials.length);
  // Every call has one outcome, and there are all sorts of them.
  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(calls);
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining([
      "completed",
      "cancelled",
      "network with a part",
      "rate_limit",
      "truncated with a part",
    ]),
  );
}, 60_000);
