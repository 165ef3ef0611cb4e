import { expect, test } from "vitest";
import {
  type ContentBlockInput,
  DashScopeCredential,
  type GenerateOptions,
  type HttpCredential,
  image,
  type MessageInput,
  OpenAICredential,
  OpenRouterCredential,
} from "../../src/index.ts";
import { markCachedParts } from "../../src/model/openai-cache-markers.ts";
import { serve } from "../transport/loopback.ts";

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
  { role: "assistant", content: null },
  { role: "user", content: [{ type: "text", text: "a" }, { type: "image_url" }] },
] as const;

const EPHEMERAL = { cache_control: { type: "ephemeral" } };

function marked(
  ...rest: Parameters<typeof markCachedParts> extends [unknown, ...infer Rest] ? Rest : never
): unknown {
  return markCachedParts(MESSAGES, ...rest);
}

test("true marks the instructions and the last message, on their last part", () => {
  expect(marked(true, () => expect.fail("nothing to warn of"))).toEqual([
    { role: "system", content: [{ type: "text", text: "Be brief.", ...EPHEMERAL }] },
    MESSAGES[1],
    MESSAGES[2],
    {
      role: "user",
      content: [
        { type: "text", text: "a" },
        { type: "image_url", ...EPHEMERAL },
      ],
    },
  ]);
});

test("only what is named is marked, with the time that it is to last", () => {
  expect(marked({ system: true, ttl: "1h" }, () => undefined)).toEqual([
    {
      role: "system",
      content: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }],
    },
    ...MESSAGES.slice(1),
  ]);
});

test("tools bear no breakpoint: a warning says so, the messages stay", () => {
  const warned: string[] = [];
  expect(marked({ tools: true }, (option) => warned.push(option))).toEqual(MESSAGES);
  expect(warned).toEqual(["cacheControl.tools"]);
});

test("a message without content has no place for one, and one that is there stays", () => {
  const own = {
    role: "user",
    content: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "5m" } }],
  };
  expect(markCachedParts([{ role: "assistant", content: null }], true, () => undefined)).toEqual([
    { role: "assistant", content: null },
  ]);
  expect(markCachedParts([own], { lastMessage: true }, () => undefined)).toEqual([own]);
});

test("of too many breakpoints the last ones stay, with a warning", () => {
  const part = { type: "text", text: "a", ...EPHEMERAL };
  const warned: string[] = [];
  const messages = [
    { role: "system", content: [part] },
    { role: "user", content: [part, part] },
    { role: "user", content: [part, { type: "text", text: "b" }] },
  ];
  expect(markCachedParts(messages, { lastMessage: true }, (option) => warned.push(option))).toEqual([
    { role: "system", content: [{ type: "text", text: "a" }] },
    messages[1],
    { role: "user", content: [part, { type: "text", text: "b", ...EPHEMERAL }] },
  ]);
  expect(warned).toEqual(["cacheControl"]);
});

/** What a call sends as messages, and what it warns of. */
async function send(
  make: (baseUrl: string) => HttpCredential,
  messages: readonly MessageInput[],
  options: GenerateOptions = {},
  modelName = "qwen3-max",
): Promise<{ sent: readonly { content: unknown }[]; warned: readonly string[]; listed: boolean }> {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end('data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\n');
  });
  const model = make(server.url).createChatModel(modelName);
  const { warnings } = await model.call(messages, options);
  const { messages: sent } = JSON.parse(server.requests[0]?.body ?? "") as {
    messages: { content: unknown }[];
  };
  const listed = "cacheControl" in (model.card.parameterSchema["properties"] as object);
  return { sent, warned: warnings.map(({ option }) => option), listed };
}

const apiKey = "sk-cache-0123456789";
const TAKERS = [
  ["openrouter", (baseUrl: string) => new OpenRouterCredential({ apiKey, baseUrl })],
  ["dashscope", (baseUrl: string) => new DashScopeCredential({ apiKey, baseUrl })],
] as const;

test.each(TAKERS)(
  "%s: the card lists cacheControl, and the request bears the breakpoints",
  async (_, make) => {
    const { sent, warned, listed } = await send(
      make,
      [{ role: "system", content: "Be brief." }, "One", "Two"],
      { cacheControl: true },
    );
    expect(sent.map(({ content }) => content)).toEqual([
      [{ type: "text", text: "Be brief.", ...EPHEMERAL }],
      "One",
      [{ type: "text", text: "Two", ...EPHEMERAL }],
    ]);
    expect([warned, listed]).toEqual([[], true]);
  },
);

test.each(TAKERS)("%s: a block brings a breakpoint of its own", async (provider, make) => {
  const own = { providerMetadata: { [provider]: { cacheControl: { ttl: "1h" } } } };
  const picture = { ...image(new Uint8Array([1]), { mediaType: "image/png" }), ...own };
  const blocks: ContentBlockInput[] = [{ type: "text", text: "Book", ...own }];
  const { sent, warned } = await send(make, [
    { role: "system", content: blocks },
    { role: "user", content: provider === "openrouter" ? [picture, "What is it?"] : blocks },
    { role: "assistant", content: blocks },
    { role: "user", content: "And?" },
  ]);
  const cache_control = { type: "ephemeral", ttl: "1h" };
  const book = [{ type: "text", text: "Book", cache_control }];
  const shown = [
    { type: "image_url", image_url: { url: "data:image/png;base64,AQ==" }, cache_control },
    { type: "text", text: "What is it?" },
  ];
  expect(sent.map(({ content }) => content)).toEqual([
    book,
    provider === "openrouter" ? shown : book,
    book,
    "And?",
  ]);
  expect(warned).toEqual([]);
});

test.each(["gpt-5.6-sol", "gpt-6-of-tomorrow"])(
  "%s has breakpoints in OpenAI's own form, as many as are asked for, without a lifetime",
  async (modelName) => {
    const own = { providerMetadata: { openai: { cacheControl: { ttl: "1h" } } } };
    const block: ContentBlockInput = { type: "text", text: "Book", ...own };
    const { sent, warned, listed } = await send(
      (baseUrl) => new OpenAICredential({ apiKey, baseUrl }),
      [
        { role: "system", content: "Be brief." },
        { role: "user", content: [block, block, block, block] },
        "And?",
      ],
      { cacheControl: { system: true, lastMessage: true, ttl: "5m" } },
      modelName,
    );
    const explicit = { prompt_cache_breakpoint: { mode: "explicit" } };
    const book = { type: "text", text: "Book", ...explicit };
    expect(sent).toEqual([
      { role: "developer", content: [{ type: "text", text: "Be brief.", ...explicit }] },
      { role: "user", content: [book, book, book, book] },
      { role: "user", content: [{ type: "text", text: "And?", ...explicit }] },
    ]);
    expect(new Set(warned)).toEqual(new Set(["cacheControl.ttl"]));
    expect(listed).toBe(true);
  },
);

test("a server without breakpoints gets none, and a warning says so", async () => {
  const own = { providerMetadata: { openai: { cacheControl: {} } } };
  const { sent, warned, listed } = await send(
    (baseUrl) => new OpenAICredential({ apiKey, baseUrl }),
    [{ role: "user", content: [{ type: "text", text: "Book", ...own }] }],
    { cacheControl: true },
  );
  expect(sent[0]?.content).toBe("Book");
  expect(warned).toEqual(["cacheControl", "cacheControl"]);
  expect(listed).toBe(false);
});

test("DashScope's own wire takes breakpoints in lists of parts; in plain texts there is no place, and a warning", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const message = { role: "assistant", content: "ok" };
    response.end(
      `data: ${JSON.stringify({ output: { choices: [{ finish_reason: "stop", message }] } })}\n\n`,
    );
  });
  const credential = new DashScopeCredential({ apiKey, baseUrl: server.url, mode: "native" });
  const own = { providerMetadata: { dashscope: { cacheControl: {} } } };
  const messages: MessageInput[] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "Book", ...own }] },
    "And?",
  ];
  const warned: string[][] = [];
  for (const modelName of ["qwen3-vl-plus", "qwen3-max"]) {
    const { warnings } = await credential
      .createChatModel(modelName)
      .call(messages, { cacheControl: { system: true } });
    warned.push(warnings.map(({ option }) => option));
  }
  const sent = server.requests.map(({ body }) => (JSON.parse(body) as { input: unknown }).input);
  expect(sent).toMatchObject([
    {
      messages: [
        { content: [{ text: "Be brief.", ...EPHEMERAL }] },
        { content: [{ text: "Book", ...EPHEMERAL }] },
        { content: [{ text: "And?" }] },
      ],
    },
    { messages: [{ content: "Be brief." }, { content: "Book" }, { content: "And?" }] },
  ]);
  expect(warned).toEqual([[], ["cacheControl", "cacheControl"]]);
});
