import { Agent } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../src/testing/emulator/emulator.ts";
import { type FaultPlan, type FaultProxy, startFaultProxy } from "../../src/testing/fault-proxy.ts";
import { chat, send, sendBytes, textOf } from "./raw-client.ts";

let emulator: Emulator;
let proxy: FaultProxy | undefined;

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(async () => {
  await proxy?.close();
  await emulator.close();
});

async function behind(plan?: FaultPlan | ((connection: number) => FaultPlan)): Promise<string> {
  proxy = await startFaultProxy(emulator.baseUrl(), plan === undefined ? {} : { plan });
  return `${proxy.url}/chat/completions`;
}

const hi = chat("Hi", { stream: true });

test("without a plan everything passes, and both ways are counted", async () => {
  const url = await behind();
  const agent = new Agent({ keepAlive: true });
  const { text } = await send(url, hi, { agent });
  await send(url, chat("again"), { agent });
  expect(textOf(text)).toBe("You said: Hi");
  expect(proxy?.connections).toMatchObject([
    { number: 1, plan: {}, isOpen: true, clientClosedAt: undefined },
  ]);
  expect(proxy?.connections[0]?.bytesToServer).toBeGreaterThan(JSON.stringify(hi).length);
  expect(proxy?.connections[0]?.bytesToClient).toBeGreaterThan(text.length);
  expect(proxy?.openConnections).toBe(1);
  agent.destroy();
  await expect.poll(() => [proxy?.openConnections, emulator.openConnections]).toEqual([0, 0]);
  expect(proxy?.connections[0]?.clientClosedAt).toBeGreaterThan(0);
});

test("the target can be a URL, whose path is kept, or an address", async () => {
  const byUrl = await startFaultProxy(new URL(`${emulator.url}/v1/`));
  const byAddress = await startFaultProxy({ host: "127.0.0.1", port: emulator.port });
  expect(byUrl.url).toBe(`http://127.0.0.1:${byUrl.port}/v1`);
  expect(byAddress.url).toBe(`http://127.0.0.1:${byAddress.port}`);
  expect((await send(`${byUrl.url}/models`)).status).toBe(200);
  expect((await send(`${byAddress.url}/v1/models`)).status).toBe(200);
  await Promise.all([byUrl.close(), byAddress.close()]);
  await expect(startFaultProxy("https://api.example.com")).rejects.toThrow("http: servers only");
});

test("a plan can be made for each connection", async () => {
  const url = await behind((connection) => (connection === 1 ? { cut: { afterBytes: 0, how: "rst" } } : {}));
  await expect(send(url, hi)).rejects.toThrow("ECONNRESET");
  expect((await send(url, hi)).status).toBe(200);
  expect(proxy?.connections.map(({ plan }) => plan.cut?.how)).toEqual(["rst", undefined]);
});

test.each(["fin", "rst"] as const)("a cut after bytes passes exactly those, then a %s", async (how) => {
  const { bytes, ending } = await sendBytes(await behind({ cut: { afterBytes: 700, how } }), hi);
  expect([bytes.length, ending]).toEqual([700, how]);
  await expect.poll(() => proxy?.openConnections).toBe(0);
  expect(proxy?.connections[0]).toMatchObject({ bytesToClient: 700, clientClosedAt: undefined });
});

test("the server sees that its client is gone after a cut", async () => {
  emulator.script({ text: "a b c", delayMs: 30_000 });
  await sendBytes(await behind({ cut: { beforePattern: '"content":""', how: "fin" } }), hi);
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect(entry.closedByClient).toBe(true);
});

test.each([
  ["text", '"finish_reason":"stop"'],
  ["bytes", Buffer.from('"finish_reason":"stop"')],
])(
  "a cut before a pattern of %s passes nothing of it, however the bytes come",
  async (_kind, beforePattern) => {
    const raw = 'data: {"finish_reason":"st"}\n\ndata: {"finish_reason":"stop"}\n\n';
    emulator.when({}, { raw });
    for (const splitBytes of [1000, 7, 1]) {
      const splitting = await startFaultProxy(emulator.baseUrl(), { plan: { splitBytes } });
      const cutting = await startFaultProxy(splitting.url, { plan: { cut: { beforePattern, how: "fin" } } });
      const { text } = await send(`${cutting.url}/chat/completions`, hi);
      expect(text).toBe(raw.slice(0, raw.indexOf('"finish_reason":"stop"')));
      await Promise.all([cutting.close(), splitting.close()]);
    }
  },
);

test("a pattern that never comes holds nothing back for good", async () => {
  emulator.script({ raw: "abc[DON" });
  const { text, error } = await send(await behind({ cut: { beforePattern: "[DONE]", how: "fin" } }), hi);
  expect([text, error]).toEqual(["abc[DON", undefined]);
});

test("what can only begin a pattern goes on as soon as it does not", async () => {
  emulator.script({ raw: "a[D\n\nb\n\n", delayMs: 10, keepOpen: true });
  const controller = new AbortController();
  const { text } = await send(await behind({ cut: { beforePattern: "[DONE]", how: "fin" } }), hi, {
    signal: controller.signal,
    onData: (seen) => seen.includes("b") && controller.abort(),
  });
  expect(text).toBe("a[D\n\nb\n\n");
});

test("a hang before the head leaves the client waiting, while the server has answered", async () => {
  const controller = new AbortController();
  const answer = send(await behind({ cut: { afterBytes: 0, how: "hang" } }), hi, {
    signal: controller.signal,
  });
  await (
    await emulator.waitForRequest()
  ).finished;
  controller.abort();
  await expect(answer).rejects.toThrow("aborted");
  await expect.poll(() => [proxy?.openConnections, proxy?.connections[0]?.bytesToClient]).toEqual([0, 0]);
  expect(proxy?.connections[0]?.clientClosedAt).toBeGreaterThan(0);
});

test("a hang after the head passes the head alone", async () => {
  const url = new URL(await behind({ cut: { afterHead: true, how: "hang" } }));
  const seen = await new Promise<string>((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) }, () => {
      const body = JSON.stringify(hi);
      socket.write(
        `POST ${url.pathname} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      setTimeout(() => {
        socket.destroy();
        resolve(text);
      }, 50);
    });
  });
  expect(seen).toMatch(/^HTTP\/1\.1 200 OK\r\n[^{]*\r\n\r\n$/);
  await expect.poll(() => emulator.openConnections).toBe(0);
});

test("a proxy that ignores its client never calls the server", async () => {
  const controller = new AbortController();
  const answer = send(await behind({ ignoresClient: true }), hi, { signal: controller.signal });
  await expect.poll(() => proxy?.openConnections).toBe(1);
  expect(emulator.openConnections).toBe(0);
  controller.abort();
  await expect(answer).rejects.toThrow("aborted");
  await expect.poll(() => proxy?.openConnections).toBe(0);
  expect(proxy?.connections[0]?.bytesToServer).toBe(0);
});

test("a drip passes so many bytes at a time", async () => {
  emulator.script({ raw: "x".repeat(200) });
  const began = Date.now();
  const { text } = await send(await behind({ drip: { bytes: 100, everyMs: 10 } }), hi);
  expect([text.length, Date.now() - began > 40]).toEqual([200, true]);
});

test("a split cuts every write", async () => {
  const url = new URL(await behind({ splitBytes: 50 }));
  const sizes: number[] = [];
  await new Promise<void>((resolve) => {
    const body = JSON.stringify(hi);
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    socket.on("data", (chunk: Buffer) => {
      sizes.push(chunk.length);
      if (chunk.includes("\r\n0\r\n\r\n") || chunk.toString().endsWith("0\r\n\r\n")) socket.end();
    });
    socket.on("close", () => resolve());
    socket.write(
      `POST ${url.pathname} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
  expect(sizes.length).toBeGreaterThan(20);
  expect(textOf((await send(url.href, hi)).text)).toBe("You said: Hi");
});

test("a delay holds the answer back", async () => {
  const began = Date.now();
  await send(await behind({ delayMs: 60 }), hi);
  expect(Date.now() - began).toBeGreaterThanOrEqual(55);
});

test("the server goes no faster than the client reads", async () => {
  const size = 64 * 1024 * 1024;
  emulator.script({ text: "x".repeat(size), chunkSize: 16 * 1024 });
  const url = new URL(await behind());
  const body = JSON.stringify(hi);
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  socket.write(
    `POST ${url.pathname} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const entry = await emulator.waitForRequest();
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.destroy();
  await entry.finished;
  expect(entry.bytesSent).toBeGreaterThan(16 * 1024);
  expect(entry.bytesSent).toBeLessThan(size / 3);
});

test("a server that resets resets the client too", async () => {
  emulator.script({ text: "a b", cut: { afterEvents: 1, how: "rst" } });
  expect((await sendBytes(await behind(), hi)).ending).toBe("rst");
});

test("a server that is not there resets the client", async () => {
  const server: Server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  proxy = await startFaultProxy({ host: "127.0.0.1", port });
  await expect(send(proxy.url, hi)).rejects.toThrow(/ECONNRESET|hang up/);
});

test("close ends every connection, and no client is to blame", async () => {
  emulator.script({ text: "a b", delayMs: 30_000 });
  const url = await behind();
  const { error } = await send(url, hi, { onData: () => void proxy?.close() });
  expect(error?.code).toBe("ECONNRESET");
  expect(proxy?.connections[0]).toMatchObject({ isOpen: false, clientClosedAt: undefined });
});
