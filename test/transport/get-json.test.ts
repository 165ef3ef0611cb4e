import { expect, test } from "vitest";
import { askJson, getJson, postJson } from "../../src/transport/get-json.ts";
import { serve, until } from "./loopback.ts";
import { failureOf } from "../failures.ts";

const NO_HEADERS = { headers: () => ({}) };

test("a GET gives head and body as JSON", async () => {
  const server = await serve((response) => void response.end('{"data":["ä"]}'));
  const { head, body } = await getJson({ baseUrl: `${server.url}/v1`, ...NO_HEADERS }, "/models");
  expect(body).toEqual({ data: ["ä"] });
  expect(head.status).toBe(200);
  expect(server.requests[0]).toMatchObject({ method: "GET", url: "/v1/models", body: "" });
});

test("a POST sends its question as JSON", async () => {
  const server = await serve((response) => void response.end('{"answer":1}'));
  const { body } = await postJson({ baseUrl: server.url, ...NO_HEADERS }, "/show", { model: "ä" });
  expect(body).toEqual({ answer: 1 });
  expect(server.requests[0]).toMatchObject({ method: "POST", url: "/show", body: '{"model":"ä"}' });
  expect(server.requests[0]?.headers).toMatchObject({
    "content-type": "application/json",
    accept: "application/json",
  });
});

test("a body that is no JSON is its text, and an error status is given like any other", async () => {
  const server = await serve((response) => void response.writeHead(502).end("<h1>Bad Gateway</h1>"));
  const { head, body } = await getJson({ baseUrl: server.url, ...NO_HEADERS }, "/models");
  expect([head.status, body]).toEqual([502, "<h1>Bad Gateway</h1>"]);
});

test("an answer that does not come in time is an error and closes the connection", async () => {
  const server = await serve((response) => void response.write("{"));
  const error = await failureOf(getJson({ baseUrl: server.url, ...NO_HEADERS }, "/models", 50));
  expect(error.kind).toBe("timeout");
  expect(error.message).toContain(`${server.url}/models`);
  await until(() => server.open === 0);
});

test("an answer that does not end is an error and closes the connection", async () => {
  const block = Buffer.alloc(1024 * 1024, " ");
  const server = await serve((response) => {
    const write = (): void => {
      while (response.write(block)) {
        // as fast as it can
      }
      response.once("drain", write);
    };
    write();
  });
  const error = await failureOf(getJson({ baseUrl: server.url, ...NO_HEADERS }, "/models"));
  expect(error.kind).toBe("parse");
  await until(() => server.open === 0);
});

test("a failure leaves no timer behind", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const server = await serve((response) => void response.end("{}"));
  const before = timers();
  await getJson({ baseUrl: server.url, ...NO_HEADERS }, "/models", 60_000);
  await server.close();
  expect((await failureOf(getJson({ baseUrl: server.url, ...NO_HEADERS }, "/models", 60_000))).kind).toBe(
    "network",
  );
  const failing = { baseUrl: server.url, headers: () => Promise.reject(new Error("no key")) };
  expect((await failureOf(getJson(failing, "/models", 60_000))).kind).toBe("configuration");
  expect(timers()).toBeLessThanOrEqual(before);
});

test("a signal ends the exchange and closes the connection, and one that has fired sends nothing", async () => {
  const server = await serve((response) => void response.write("{"));
  const endpoint = { baseUrl: server.url, ...NO_HEADERS };
  const stop = new AbortController();
  const asking = failureOf(askJson(endpoint, { method: "GET", path: "/models" }, undefined, stop.signal));
  await until(() => server.open === 1);
  stop.abort(new Error("enough"));
  expect(await asking).toMatchObject({
    kind: "aborted",
    cause: expect.objectContaining({ message: "enough" }),
  });
  await until(() => server.open === 0);
  const before = server.requests.length;
  const late = askJson(endpoint, { method: "GET", path: "/models" }, undefined, AbortSignal.abort());
  expect((await failureOf(late)).kind).toBe("aborted");
  expect(server.requests.length).toBe(before);
});
