import { request } from "node:http";
import { createGunzip, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DELIVERIES } from "../../src/testing/emulator/deliver.ts";
import { type Emulator, startEmulator } from "../../src/testing/emulator/emulator.ts";
import { chat, send, sendBytes, textOf } from "./raw-client.ts";

let emulator: Emulator;
let url: string;

beforeEach(async () => {
  emulator = await startEmulator();
  url = `${emulator.baseUrl()}/chat/completions`;
});

afterEach(async () => {
  await emulator.close();
});

const ask = (text = "Hi"): ReturnType<typeof send> => send(url, chat(text, { stream: true }));

const TEXT = "Zürich, 東京 and 👩‍👩‍👧: all in one.";

test.each(Object.entries(DELIVERIES))(
  "an answer in the delivery %j says the same",
  async (_name, delivery) => {
    emulator.delivery = delivery;
    emulator.script({ text: TEXT }, { text: TEXT });
    expect(textOf((await ask()).text)).toBe(TEXT);
    const whole = await send(url, chat("Hi"));
    expect(whole.text).toContain(TEXT);
  },
);

test("one write brings the whole body in one piece", async () => {
  emulator.delivery = { writes: "whole" };
  const { chunks, text } = await ask();
  expect([chunks.length, chunks[0]?.length]).toEqual([1, Buffer.byteLength(text)]);
});

test("one byte per write brings every byte alone, halves of characters too", async () => {
  emulator.delivery = { writes: "byte" };
  emulator.script({ raw: TEXT });
  const { chunks } = await ask();
  expect(chunks.length).toBe(Buffer.byteLength(TEXT));
});

test("random splits are the same for the same seed, and others for another", async () => {
  const sizes = async (seed: number): Promise<number[]> => {
    emulator.delivery = { writes: "random", seed };
    emulator.script({ raw: "x".repeat(2000) });
    return (await ask()).chunks.map((chunk) => chunk.length);
  };
  const first = await sizes(1);
  expect(first.length).toBeGreaterThan(30);
  expect(await sizes(1)).toEqual(first);
  expect(await sizes(2)).not.toEqual(first);
});

test("CRLF line ends leave no bare line feed", async () => {
  emulator.delivery = { lineEnds: "crlf" };
  expect((await ask()).text).not.toMatch(/(?<!\r)\n/);
});

test("comments stand before every event", async () => {
  emulator.delivery = { comments: true };
  const { text } = await ask();
  expect(text.match(/^: keep-alive\n\ndata: /gm)?.length).toBe(text.match(/^data: /gm)?.length);
});

test("a delay between writes spreads the body over time", async () => {
  emulator.delivery = { delayMs: 15 };
  const began = Date.now();
  const { chunks } = await ask("count from 1 to 5");
  expect(chunks.length).toBeGreaterThanOrEqual(8);
  expect(Date.now() - began).toBeGreaterThan(100);
});

test("raw bytes are sent exactly as they are, whatever the delivery", async () => {
  emulator.delivery = { lineEnds: "crlf", comments: true };
  const raw = Buffer.from([0x64, 0x0a, 0x0a, 0xff, 0xfe, 0x00, 0x0d]);
  emulator.script({ raw, contentType: "application/x-thing" });
  const { chunks, headers } = await ask();
  expect(Buffer.concat(chunks).equals(raw)).toBe(true);
  expect(headers["content-type"]).toBe("application/x-thing");
});

test("raw text goes out event by event", async () => {
  emulator.script({
    raw: "data: 1\n\ndata: 2\n\ndata: 3\n\n",
    delayMs: 15,
    cut: { afterEvents: 2, how: "fin" },
  });
  const { chunks } = await ask();
  expect(chunks.map(String)).toEqual(["data: 1\n\n", "data: 2\n\n"]);
});

test("a status alone gives the provider's error, a body gives that body, text as text", async () => {
  emulator.script(
    { status: 503 },
    { status: 418, body: { pot: "tea" } },
    { status: 502, body: "<html>Bad Gateway</html>", contentType: "text/html" },
    { body: { error: "not really fine" } },
  );
  const answers = [await ask(), await ask(), await ask(), await ask()];
  expect(answers.map(({ status }) => status)).toEqual([503, 418, 502, 200]);
  expect(answers.map(({ headers }) => headers["content-type"])).toEqual([
    "application/json",
    "application/json",
    "text/html",
    "application/json",
  ]);
  expect(answers.map(({ json, text }) => json ?? text)).toEqual([
    {
      error: {
        message: "The engine is currently overloaded, please try again later.",
        type: "service_unavailable_error",
        param: null,
        code: "server_is_overloaded",
      },
    },
    { pot: "tea" },
    "<html>Bad Gateway</html>",
    { error: "not really fine" },
  ]);
});

test("an answer's headers replace the emulator's own", async () => {
  emulator.script({ status: 429, headers: { "retry-after": "3", "x-request-id": "mine" } });
  const { headers } = await ask();
  expect([headers["retry-after"], headers["x-request-id"]]).toEqual(["3", "mine"]);
});

test("the head of a stream comes before the wait for its first event", async () => {
  emulator.script({ text: "late", firstDelayMs: 30_000 });
  const head = await new Promise((resolve) => {
    const outgoing = request(url, { method: "POST", headers: { authorization: "Bearer k" } }, (response) => {
      response.on("error", () => {});
      resolve(response.statusCode);
      outgoing.destroy();
    });
    outgoing.on("error", () => {});
    outgoing.end(JSON.stringify(chat("Hi", { stream: true })));
  });
  expect(head).toBe(200);
});

test("an answer that is no stream waits before its head", async () => {
  emulator.script({ text: "late", firstDelayMs: 60 });
  const began = Date.now();
  await send(url, chat("Hi"));
  expect(Date.now() - began).toBeGreaterThanOrEqual(55);
});

test("every event but the first waits", async () => {
  emulator.script({ text: "a b c", delayMs: 20 });
  const began = Date.now();
  const { chunks } = await ask();
  // Role, three words, finish, end mark.
  expect(chunks.length).toBe(6);
  expect(Date.now() - began).toBeGreaterThanOrEqual(95);
});

test("keep-alive comments come while a stream waits, and after its end while it is kept open", async () => {
  emulator.script({ text: "a", firstDelayMs: 50, keepAlive: { everyMs: 10 }, keepOpen: true });
  const controller = new AbortController();
  const { text } = await send(url, chat("Hi", { stream: true }), {
    signal: controller.signal,
    onData: (seen) =>
      (seen.split("[DONE]")[1]?.match(/: keep-alive/g)?.length ?? 0) >= 3 && controller.abort(),
  });
  expect(text).toMatch(/^(?:: keep-alive\n\n){2,4}data: /);
});

test("a drip sends so many bytes at a time", async () => {
  emulator.script({ raw: "0123456789", drip: { bytes: 4, everyMs: 10 } });
  expect((await ask()).chunks.map(String)).toEqual(["0123", "4567", "89"]);
});

test.each(["fin", "rst"] as const)("a cut after bytes sends exactly those, then a %s", async (how) => {
  const cut = { afterBytes: 333, how };
  emulator.script({ text: TEXT, cut }, { text: TEXT, cut });
  const { chunks, error } = await ask();
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect([Buffer.concat(chunks).length, error?.code]).toEqual([333, "ECONNRESET"]);
  expect([entry.bytesSent, entry.closedByClient]).toEqual([333, false]);
  expect((await sendBytes(url, chat("Hi", { stream: true }))).ending).toBe(how);
});

test("a cut before the first byte leaves the head", async () => {
  emulator.script({ text: TEXT, cut: { afterBytes: 0, how: "fin" } });
  const { status, text, error } = await ask();
  expect([status, text, error?.code]).toEqual([200, "", "ECONNRESET"]);
});

test("a cut after events leaves whole events", async () => {
  emulator.script({ text: "a b c", cut: { afterEvents: 3, how: "rst" } });
  const { text, error } = await ask();
  expect([textOf(text), text.endsWith("\n\n"), error?.code]).toEqual(["a b ", true, "ECONNRESET"]);
});

test("a cut of a body in one write leaves whole events too", async () => {
  emulator.delivery = { writes: "whole" };
  emulator.script({ text: "a b c", cut: { afterEvents: 2, how: "fin" } });
  expect(textOf((await ask()).text)).toBe("a ");
});

test("a body shorter than its cut is cut at its end", async () => {
  emulator.script({ text: "a", cut: { afterEvents: 100, how: "fin" } });
  const { text, error } = await ask();
  expect([text.endsWith("data: [DONE]\n\n"), error?.code]).toEqual([true, "ECONNRESET"]);
});

test("an answer that is no stream can be cut", async () => {
  emulator.script({ text: "a", cut: { afterBytes: 20, how: "fin" } });
  const { text, error } = await send(url, chat("Hi"));
  expect([text.length, error?.code]).toEqual([20, "ECONNRESET"]);
});

test("a stream without its end mark ends all the same", async () => {
  emulator.script({ text: "a", omitDone: true });
  const { text, error } = await ask();
  expect([text.includes("[DONE]"), text.includes('"finish_reason":"stop"'), error]).toEqual([
    false,
    true,
    undefined,
  ]);
});

test("a compressed stream can be read event by event", async () => {
  emulator.script({ text: "a b c", gzip: true, delayMs: 15 });
  const { chunks, headers } = await ask();
  expect(headers["content-encoding"]).toBe("gzip");
  const gunzip = createGunzip();
  const seen: string[] = [];
  gunzip.on("data", (bytes: Buffer) => seen.push(bytes.toString()));
  for (const chunk of chunks.slice(0, 3)) await new Promise((resolve) => gunzip.write(chunk, resolve));
  expect(textOf(seen.join(""))).toBe("a b ");
  gunzip.destroy();
  expect(textOf(gunzipSync(Buffer.concat(chunks)).toString())).toBe("a b c");
});

test("large compressed pieces come through", async () => {
  emulator.script({ text: "x".repeat(1_000_000), gzip: true });
  const { chunks } = await ask();
  expect(textOf(gunzipSync(Buffer.concat(chunks)).toString()).length).toBe(1_000_000);
});

test("an answer goes no faster than it is read, and counts what the network took", async () => {
  const size = 64 * 1024 * 1024;
  emulator.script({ text: "x".repeat(size), chunkSize: 16 * 1024 });
  await new Promise<void>((resolve) => {
    const outgoing = request(url, { method: "POST", headers: { authorization: "Bearer k" } }, (response) => {
      response.on("error", () => {});
      // Nothing reads the response.
      setTimeout(() => {
        outgoing.destroy();
        resolve();
      }, 300);
    });
    outgoing.on("error", () => {});
    outgoing.end(JSON.stringify(chat("Hi", { stream: true })));
  });
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect(entry.closedByClient).toBe(true);
  expect(entry.bytesSent).toBeGreaterThan(16 * 1024);
  expect(entry.bytesSent).toBeLessThan(size / 4);
});

test("a client that reads all of a large answer gets all of it", async () => {
  const text = "0123456789abcdef".repeat(500_000);
  emulator.script({ text, chunkSize: 4096 });
  const answer = await ask();
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect(textOf(answer.text)).toBe(text);
  expect([entry.bytesSent, entry.closedByClient]).toEqual([Buffer.byteLength(answer.text), false]);
});

test("no wait outlives its connection", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  emulator.script({ text: "a b", delayMs: 2 ** 30 });
  const controller = new AbortController();
  await send(url, chat("Hi", { stream: true }), {
    signal: controller.signal,
    onData: () => controller.abort(),
  });
  await (
    await emulator.waitForRequest()
  ).finished;
  expect(timers()).toBeLessThanOrEqual(before);
});
