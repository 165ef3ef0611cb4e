import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import {
  builtinCredentials,
  type HttpCredential,
  type HttpCredentialOptions,
  ModelError,
  OpenAICredential,
} from "rxscope";
import { type Answer, serve } from "../transport/loopback.ts";

// Servers and what stands before them show what they were sent, in every place that an answer has. No shape gives this key away.

const KEY = "Zq7Lk2Vw9Xt4Rn1Hs8Bd";

/** Everything of a request that holds a key, as a page for those who look for a mistake shows it. */
const shown = ({ url, headers }: Parameters<Answer>[1]): string => `${url} ${JSON.stringify(headers)}`;

const ECHOES: Readonly<Record<string, Answer>> = {
  "an error": (response, request) => {
    response.writeHead(401, { "content-type": "application/json", "x-request-id": shown(request) });
    const error = { message: `Refused: ${shown(request)}`, code: shown(request), type: shown(request) };
    response.end(JSON.stringify({ error, request_id: shown(request) }));
  },
  "the words of a status": (response, request) => void response.writeHead(500, shown(request)).end(),
  "a page": (response, request) => {
    response.writeHead(200, { "content-type": "text/html" }).end(`<html>${shown(request)}</html>`);
  },
  "a text": (response, request) => {
    response.writeHead(200, { "content-type": "text/plain" }).end(shown(request));
  },
  "some other JSON": (response, request) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ headers: request.headers, url: request.url }));
  },
  "an event that is no JSON": (response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).end(`data: {oops ${shown(request)}\n\n`);
  },
  "an error in the stream": (response, request) => {
    const said = { message: shown(request), code: shown(request), type: shown(request) };
    const event = { ...said, type: "error", error: said };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`event: error\ndata: ${JSON.stringify(event)}\n\n`);
  },
  "lines of no event": (response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).end(`oops ${shown(request)}\n`);
  },
  "a redirect": (response, request) => {
    const key = shown(request).includes(KEY) ? KEY : "none";
    response.writeHead(302, { location: `http://elsewhere.test/${key}?key=${key}` }).end();
  },
  "an encoding": (response, request) => {
    response.writeHead(200, { "content-encoding": shown(request) }).end("x");
  },
};

const credentials = builtinCredentials.map((Credential) => [Credential.provider, Credential] as const);

test.each(credentials)("%s: a key that a server shows is in no error", async (_, Credential) => {
  for (const [echo, answer] of Object.entries(ECHOES)) {
    const server = await serve(answer);
    const fails = async (
      account: HttpCredential,
      options: HttpCredentialOptions["options"],
    ): Promise<void> => {
      const model = account.createChatModel("qwen3", { options: { retry: false, ...options } });
      await expectHidden(() => model.call("Hi"), `${echo}, streamed`);
      await expectHidden(() => model.call("Hi", { stream: false }), `${echo}, whole`);
      await expectHidden(() => model.countTokens("Hi"), `${echo}, counted`, true);
      await expectHidden(() => account.listModels(), `${echo}, listed`, true);
    };
    await fails(new Credential({ apiKey: KEY, baseUrl: server.url }), {});
    await fails(new Credential({ apiKey: "0-0-0-0-0-0", baseUrl: server.url }), {
      extraQuery: { key: KEY, sig: `${KEY}+/=` },
      extraHeaders: { "x-auth": KEY, "x-gateway-signature": KEY },
    });
    await server.close();
  }
});

/** A failure, if it must come, holds the key nowhere: not in a field, a cause, a stack or a text form. */
async function expectHidden(attempt: () => Promise<unknown>, what: string, mayPass = false): Promise<void> {
  let failure: unknown;
  try {
    await attempt();
    if (mayPass) return;
  } catch (error) {
    failure = error;
  }
  expect(ModelError.isInstance(failure), what).toBe(true);
  expect(whereKeyIs(failure), what).toEqual([]);
}

function whereKeyIs(value: unknown, path = "error", seen = new Set<unknown>()): string[] {
  if (typeof value === "string") return value.includes(KEY) ? [`${path}: ${value}`] : [];
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  const texts =
    path === "error" ? [inspect(value, { depth: 20, showHidden: true }), JSON.stringify(value)] : [];
  return [
    ...texts.flatMap((text) => whereKeyIs(text, `${path} as text`, seen)),
    ...Reflect.ownKeys(value).flatMap((name) =>
      whereKeyIs((value as Record<PropertyKey, unknown>)[name], `${path}.${String(name)}`, seen),
    ),
  ];
}

test("a key that is quoted from an answer that is not HTTP is in no error", async () => {
  for (const bytes of [`${KEY}\r\n\r\n`, `HTTP/1.1 200 OK\r\ncontent-length: ${KEY}\r\n\r\n`]) {
    const server = createServer((socket) => void socket.on("error", () => undefined).end(bytes));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void server.close());
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const model = new OpenAICredential({ apiKey: KEY, baseUrl }).createChatModel("gpt-4.1");
    await expectHidden(() => model.call("Hi", { retry: false }), bytes);
  }
});

test.each(credentials)(
  "%s: options with a key are in no text form of credential or model",
  (_, Credential) => {
    const options = { extraHeaders: { authorization: KEY }, extraQuery: { key: KEY } };
    const account = new Credential({ apiKey: "0-0-0-0-0-0", baseUrl: "http://127.0.0.1:1", options });
    const model = account.createChatModel("qwen3");
    for (const holder of [account, model, model.with((call, next) => next(call))])
      for (const text of [
        inspect(holder, { depth: 20, showHidden: true }),
        JSON.stringify(holder),
        String(holder),
      ])
        expect(text).not.toContain(KEY);
  },
);

test("a model says what it is", () => {
  const model = new OpenAICredential({ apiKey: KEY }).createChatModel("gpt-4.1");
  expect([inspect(model), String(model), JSON.stringify(model)]).toEqual([
    "OpenAIChatModel(openai/gpt-4.1)",
    "OpenAIChatModel(openai/gpt-4.1)",
    '{"provider":"openai","modelName":"gpt-4.1"}',
  ]);
});
