import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { sharedDispatcher } from "../../src/transport/dispatcher.ts";
import { serve } from "./loopback.ts";

// The environment counts when the first request is made, so every case is a process of its own.

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rxscope-proxy-"));
  program = join(folder, "send.cjs");
  const http = fileURLToPath(new URL("../../src/transport/http.ts", import.meta.url));
  await build({
    stdin: {
      contents: `
        import { sendHttp } from ${JSON.stringify(http)};
        const endpoint = { baseUrl: process.argv[2], headers: () => ({ authorization: "Bearer sk-test-0123456789" }) };
        let text = "";
        sendHttp(endpoint, { method: "POST", path: "/chat", body: "{}" }, {
          head: ({ status }) => { text += status + " "; },
          data: (chunk) => { text += chunk; },
          end: () => { console.log(text); process.exit(); },
          fail: (error) => { console.log(error.kind + " " + error.message); process.exit(); },
        });`,
      resolveDir: folder,
      loader: "js",
    },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "silent",
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(
  baseUrl: string,
  environment: Record<string, string>,
): Promise<{ output: string; errors: string }> {
  const child = spawn(process.execPath, [program, baseUrl], { env: environment });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", () => resolve({ output: output.trim(), errors }));
  });
}

/** A proxy that knows one server, whatever host it is asked for, and notes what it was asked for. */
async function startProxy(port: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on("connect", (request, client: Socket, head: Buffer) => {
    asked.push(`CONNECT ${request.url}`);
    const server = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      server.write(head);
      server.pipe(client);
      client.pipe(server);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

test.each(["HTTP_PROXY", "http_proxy"])(
  "a request goes through the proxy that %s names",
  async (variable) => {
    const server = await serve((response) => void response.end("hello"));
    const proxy = await startProxy(server.port);
    const { output, errors } = await run("http://api.example.test/v1", { [variable]: proxy.url });
    expect(output).toBe("200 hello");
    expect(proxy.asked).toEqual(["CONNECT api.example.test:80"]);
    expect(server.requests).toMatchObject([
      {
        url: "/v1/chat",
        body: "{}",
        headers: { host: "api.example.test", authorization: "Bearer sk-test-0123456789" },
      },
    ]);
    expect(errors).toBe("");
  },
);

test("a host that NO_PROXY names is asked without the proxy", async () => {
  const server = await serve((response) => void response.end("hello"));
  const proxy = await startProxy(server.port);
  const { output } = await run("http://api.invalid/v1", {
    HTTP_PROXY: proxy.url,
    NO_PROXY: "other.test,.invalid",
  });
  expect(output).toMatch(/^network .*the host name/);
  expect(proxy.asked).toEqual([]);
});

test.each(["127.0.0.1", "localhost"])(
  "this machine, as %s, is never asked through the proxy",
  async (host) => {
    const server = await serve((response) => void response.end("hello"));
    const proxy = await startProxy(server.port);
    const { output } = await run(`http://${host}:${server.port}/v1`, { HTTP_PROXY: proxy.url });
    expect(output).toBe("200 hello");
    expect(proxy.asked).toEqual([]);
  },
);

test("a proxy that is not there is a network error, and the key is not shown", async () => {
  const server = await serve((response) => void response.end());
  await server.close();
  const { output, errors } = await run("http://api.example.test/v1", { HTTP_PROXY: server.url });
  expect(output).toMatch(/^network /);
  expect(output + errors).not.toContain("sk-test");
});

test("one dispatcher serves the whole process; where a proxy is named, one more serves this machine", async () => {
  const direct = sharedDispatcher("api.example.test");
  expect(await direct).toHaveProperty("dispatch");
  expect(sharedDispatcher("localhost")).toBe(direct);
  vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
  const dispatcher = sharedDispatcher("api.example.test");
  expect(dispatcher).not.toBe(direct);
  expect(await dispatcher).toHaveProperty("dispatch");
  expect(sharedDispatcher("other.example.test")).toBe(dispatcher);
  for (const host of ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
    expect(sharedDispatcher(host)).toBe(direct);
  for (const host of ["127.example.test", "localhost.example.test"])
    expect(sharedDispatcher(host)).toBe(dispatcher);
  vi.unstubAllEnvs();
});
