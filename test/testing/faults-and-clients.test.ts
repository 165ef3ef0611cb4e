// Every fault of the proxy, on every wire, as a model of this library and as the official client meets it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { type FaultPlan, type FaultProxy, startFaultProxy } from "../../src/testing/fault-proxy.ts";
import { WIRE_READERS } from "./wire-readers.ts";

const emulator = await emulatorOfFile();
let proxy: FaultProxy;

const TEXT = "Zürich, 東京 and a few words more.";

beforeEach(() => {
  emulator.when({}, { text: TEXT });
});

afterEach(() => proxy.close());

/** What slows an answer down, or cuts it into pieces, and must change nothing. */
const HARMLESS: Readonly<Record<string, FaultPlan>> = {
  "no fault": {},
  "a split into single bytes": { splitBytes: 1 },
  "a split inside of characters": { splitBytes: 7 },
  "a drip": { drip: { bytes: 150, everyMs: 1 } },
  "a delay": { delayMs: 10 },
};

/** What breaks an answer off, and must not pass for its end. */
const FATAL: Readonly<Record<string, FaultPlan>> = Object.fromEntries(
  (["fin", "rst"] as const).flatMap((how): [string, FaultPlan][] => [
    [`a ${how} before the head`, { cut: { afterBytes: 0, how } }],
    [`a ${how} inside of the head`, { cut: { afterBytes: 20, how } }],
    [`a ${how} after the head`, { cut: { afterHead: true, how } }],
    [`a ${how} before a word of the answer`, { cut: { beforePattern: "東京", how } }],
    [`a ${how} inside of a character`, { cut: { beforePattern: Buffer.from("東").subarray(1), how } }],
  ]),
);

/** What a client waits for in vain, until the connection ends. */
const SILENT: Readonly<Record<string, FaultPlan>> = {
  "a hang before the head": { cut: { afterBytes: 0, how: "hang" } },
  "a hang after the head": { cut: { afterHead: true, how: "hang" } },
  "a hang in the answer": { cut: { beforePattern: "東京", how: "hang" } },
  "a server that ignores its clients": { ignoresClient: true },
};

describe.each(WIRE_READERS.map((reader) => [reader.name, reader] as const))("%s", (_name, reader) => {
  async function behind(plan: FaultPlan): Promise<ReturnType<typeof reader.read>> {
    proxy = await startFaultProxy(emulator.url, { plan });
    return reader.read(proxy.url + reader.basePath);
  }

  test.each(Object.entries(HARMLESS))("reads the whole answer through %s", async (_what, plan) => {
    expect(await behind(plan)).toMatchObject({ text: TEXT, finish: reader.words.stop });
  });

  test.each(Object.entries(FATAL))("fails on %s", async (_what, plan) => {
    await expect(behind(plan)).rejects.toThrow(Error);
    await expect.poll(() => proxy.openConnections).toBe(0);
  });

  test.each(Object.entries(SILENT))(
    "waits through %s, and fails when the connection ends",
    async (_what, plan) => {
      let isOver = false;
      proxy = await startFaultProxy(emulator.url, { plan });
      const reading = reader.read(proxy.url + reader.basePath).finally(() => (isOver = true));
      const failure = expect(reading).rejects.toThrow(Error);
      if (plan.ignoresClient) await expect.poll(() => proxy.connections.length).toBe(1);
      else await expect.poll(() => emulator.journal[0]?.finishedAt).toBeTypeOf("number");
      expect([isOver, proxy.openConnections]).toEqual([false, 1]);
      await proxy.close();
      await failure;
    },
  );
});
