import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AnthropicChatFormatter,
  AssistantMessage,
  audio,
  file,
  fileResolver,
  image,
  type MessageInput,
  Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
  video,
} from "../../src/index.ts";
import { ANY_TEXT } from "./histories.ts";

const PNG = new Uint8Array([137, 80, 78, 71]);
const BASE64 = "iVBORw==";
const CONTEXT = { provider: "anthropic", model: "claude-opus-4-8" };
const FROM_HERE = { provider: "anthropic", model: "claude-opus-4-8" };

interface Formatted {
  readonly messages: readonly unknown[];
  readonly warned: readonly string[];
}

async function format(
  messages: readonly MessageInput[],
  options = {},
  context: object = CONTEXT,
): Promise<Formatted> {
  const warned: string[] = [];
  const warn = (_option: string, reason: string): void => void warned.push(reason);
  const formatter = new AnthropicChatFormatter(options);
  const formatted = await formatter.format(
    messages.map((message) => Msg.from(message)),
    { ...context, warn },
  );
  return { messages: formatted, warned };
}

const words = (value: string): object => ({ type: "text", text: value });
const call = (id: string, input = {}) => ({ type: "tool_use", id, name: "look_up", input }) as const;

test("instructions stand at the head, turns alternate, neighbours of one role are joined", async () => {
  const { messages, warned } = await format([
    new SystemMessage("Be brief."),
    new SystemMessage("Be kind."),
    new UserMessage("a", { name: "ann" }),
    new UserMessage(["b", "c"]),
    new AssistantMessage("d"),
    new AssistantMessage("e"),
    new UserMessage("f"),
  ]);
  expect(messages).toEqual([
    { role: "system", content: [words("Be brief."), words("Be kind.")] },
    { role: "user", content: [words("a"), words("b"), words("c")] },
    { role: "assistant", content: [words("d"), words("e")] },
    { role: "user", content: [words("f")] },
  ]);
  expect(warned).toEqual([]);
});

test("instructions in the middle move to the head, with a warning", async () => {
  const { messages, warned } = await format(["a", new SystemMessage("Now in French."), "b"]);
  expect(messages).toEqual([
    { role: "system", content: [words("Now in French.")] },
    { role: "user", content: [words("a"), words("b")] },
  ]);
  expect(warned).toEqual([expect.stringContaining("above the conversation")]);
});

test("instructions alone are said by the user; an opening turn stands before the assistant's", async () => {
  const alone = await format([new SystemMessage("Say hi.")]);
  expect(alone).toEqual({
    messages: [{ role: "user", content: [words("Say hi.")] }],
    warned: [expect.any(String)],
  });
  const greeted = await format([new AssistantMessage("Welcome."), "Hi"]);
  expect(greeted.messages).toEqual([
    { role: "user", content: [expect.objectContaining({ type: "text" })] },
    { role: "assistant", content: [words("Welcome.")] },
    { role: "user", content: [words("Hi")] },
  ]);
  expect(greeted.warned).toHaveLength(1);
});

test("nothing to say is nothing to send", async () => {
  expect((await format(["", " ", new AssistantMessage([])])).messages).toEqual([]);
});

test("the results of parallel calls open the next turn, before what the user says", async () => {
  const { messages } = await format([
    "Hi",
    new AssistantMessage(["Let me see.", call("toolu_1", { a: 1 }), call("toolu_2")]),
    new UserMessage("hurry"),
    new ToolResultMessage(call("toolu_2"), "no such word", { isError: true }),
    new ToolResultMessage(call("toolu_1"), ""),
  ]);
  expect(messages).toEqual([
    { role: "user", content: [words("Hi")] },
    {
      role: "assistant",
      content: [
        words("Let me see."),
        { type: "tool_use", id: "toolu_1", name: "look_up", input: { a: 1 } },
        { type: "tool_use", id: "toolu_2", name: "look_up", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_1", content: "(empty tool output)" },
        { type: "tool_result", tool_use_id: "toolu_2", content: "no such word", is_error: true },
        words("hurry"),
      ],
    },
  ]);
});

test("ids of other providers are fitted, calls and results alike", async () => {
  const foreign = { type: "tool_use", id: "functions.look_up:0", name: "look_up", input: {} } as const;
  const { messages } = await format([
    "Hi",
    new AssistantMessage([foreign]),
    new ToolResultMessage(foreign, "x"),
  ]);
  expect(messages.slice(1)).toMatchObject([
    { content: [{ id: "functions_look_up_0" }] },
    { content: [{ tool_use_id: "functions_look_up_0" }] },
  ]);
});

test("arguments that could not be read go back inside an object", async () => {
  const broken = { ...call("toolu_1"), rawInput: "not json", inputError: "no JSON" };
  const cut = { ...call("toolu_2", { a: 1 }), rawInput: '{"a":1,', inputError: "no JSON" };
  const { messages } = await format(["Hi", new AssistantMessage([broken, cut])]);
  expect(messages[1]).toMatchObject({
    content: [{ input: { invalid_arguments: "not json" } }, { input: { a: 1 } }],
  });
});

test("thinking goes back signed, unchanged and in its place; hidden blocks go back verbatim", async () => {
  const hidden = { type: "redacted_thinking", data: "opaque" };
  const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } };
  const content = [
    { type: "thinking", thinking: " hm \n", providerMetadata: { anthropic: { signature: "sig" } } },
    { type: "thinking", thinking: "", providerMetadata: { anthropic: { block: hidden } } },
    { type: "thinking", thinking: "", providerMetadata: { anthropic: { block: search } } },
    { type: "text", text: "Found.", providerMetadata: { anthropic: { citations: [{ url: "u" }] } } },
    call("toolu_1"),
  ] as const;
  const { messages, warned } = await format(["Hi", new AssistantMessage(content, FROM_HERE)]);
  expect(messages[1]).toEqual({
    role: "assistant",
    content: [
      { type: "thinking", thinking: " hm \n", signature: "sig" },
      hidden,
      search,
      { ...words("Found."), citations: [{ url: "u" }] },
      { type: "tool_use", id: "toolu_1", name: "look_up", input: {} },
    ],
  });
  expect(warned).toEqual([]);
});

test("thinking of another provider or model, or without a signature, stays here", async () => {
  const thought = {
    type: "thinking",
    thinking: "hm",
    providerMetadata: { anthropic: { signature: "s" } },
  } as const;
  for (const from of [
    { provider: "openai", model: "gpt-5" },
    { provider: "anthropic", model: "claude-haiku-4-5" },
  ]) {
    const { messages } = await format(["Hi", new AssistantMessage([thought, "yes"], from)]);
    expect(messages[1]).toEqual({ role: "assistant", content: [words("yes")] });
  }
  const unsigned = await format([
    "Hi",
    new AssistantMessage([{ type: "thinking", thinking: "hm" }, "yes"], FROM_HERE),
  ]);
  expect(unsigned.messages[1]).toEqual({ role: "assistant", content: [words("yes")] });
  expect(unsigned.warned).toEqual([expect.stringContaining("signature")]);
});

test("what the provider's own tools did goes to all its models, and to no other provider's", async () => {
  const own = (block: object): object => ({
    type: "thinking",
    thinking: "",
    providerMetadata: { anthropic: { block } },
  });
  const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] };
  const summary = { type: "compaction", content: "They spoke of Paris.", encrypted_content: "b3BhcXVl" };
  const content = [own(summary), own({ type: "redacted_thinking", data: "opaque" }), own(found), "yes"];
  const said = (from: object): AssistantMessage =>
    new AssistantMessage(content as ConstructorParameters<typeof AssistantMessage>[0], from);
  const sibling = await format(["Hi", said({ provider: "anthropic", model: "claude-haiku-4-5" })]);
  expect(sibling.messages[1]).toEqual({ role: "assistant", content: [summary, found, words("yes")] });
  const stranger = await format(["Hi", said({ provider: "openai", model: "claude-opus-4-8" })]);
  expect(stranger.messages[1]).toEqual({ role: "assistant", content: [words("yes")] });
});

test("a user's block in the wire's own spelling is sent in place of the words that stand for it", async () => {
  const source = { type: "search_result", source: "kb", title: "Paris", content: [words("It rains.")] };
  const upload = { type: "container_upload", file_id: "file_1" };
  const block = (verbatim: object) =>
    ({
      type: "text",
      id: "t",
      text: "Paris: it rains.",
      providerMetadata: { anthropic: { block: verbatim } },
    }) as const;
  const history = [
    new UserMessage([block(source), block(upload), "Well?"]),
    new AssistantMessage([call("c1")]),
    new ToolResultMessage(call("c1"), [block(source)]),
  ];
  const { messages } = await format(history);
  expect(messages).toEqual([
    { role: "user", content: [source, upload, words("Well?")] },
    expect.objectContaining({ role: "assistant" }),
    { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: [source] }] },
  ]);
  const elsewhere = await format(history, {}, { ...CONTEXT, provider: "other" });
  expect(elsewhere.messages[0]).toMatchObject({ content: [words("Paris: it rains."), {}, {}] });
});

test("nothing is put before a summary of the history", async () => {
  const summary = { type: "compaction", content: "They spoke of Paris.", encrypted_content: null };
  const kept = {
    type: "thinking",
    thinking: "",
    providerMetadata: { anthropic: { block: summary } },
  } as const;
  const { messages, warned } = await format([new AssistantMessage([kept], FROM_HERE), "Go on."]);
  expect(messages).toEqual([
    { role: "assistant", content: [summary] },
    { role: "user", content: [words("Go on.")] },
  ]);
  expect(warned).toEqual([]);
});

test("the result of a toolset's call names the set, as the call does", async () => {
  const click = {
    ...call("toolu_1", { x: 1 }),
    providerMetadata: { anthropic: { toolsetName: "browser" } },
  };
  const { messages } = await format([
    "Hi",
    new AssistantMessage([click, call("toolu_2")], FROM_HERE),
    new ToolResultMessage(click, "done"),
    new ToolResultMessage(call("toolu_2"), "found"),
  ]);
  expect(messages.slice(1)).toEqual([
    {
      role: "assistant",
      content: [
        { type: "tool_use", id: "toolu_1", name: "look_up", input: { x: 1 }, toolset_name: "browser" },
        { type: "tool_use", id: "toolu_2", name: "look_up", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_1", content: "done", toolset_name: "browser" },
        { type: "tool_result", tool_use_id: "toolu_2", content: "found" },
      ],
    },
  ]);
});

test("a picture may be refused rather than made smaller", async () => {
  const transformations = { oversized_image: "error" };
  const large = {
    ...image("https://example.com/a.png"),
    providerMetadata: { anthropic: { transformations } },
  };
  const { messages } = await format([new UserMessage([large])]);
  expect(messages[0]).toMatchObject({
    content: [{ type: "image", source: { type: "url", url: "https://example.com/a.png" }, transformations }],
  });
});

test("pictures and documents by address, bytes and file id", async () => {
  const { messages } = await format([
    new UserMessage([
      image("https://a.b/c.png"),
      image(PNG, { mediaType: "image/png" }),
      image({ fileId: "file_1" }),
      file("https://a.b/c.pdf"),
      file(PNG, { mediaType: "application/pdf", name: "report.pdf" }),
      file({ fileId: "file_2" }, { providerMetadata: { anthropic: { citations: true, context: "old" } } }),
      file(Buffer.from("héllo"), { mediaType: "text/plain" }),
    ]),
  ]);
  expect(messages).toEqual([
    {
      role: "user",
      content: [
        { type: "image", source: { type: "url", url: "https://a.b/c.png" } },
        { type: "image", source: { type: "base64", media_type: "image/png", data: BASE64 } },
        { type: "image", source: { type: "file", file_id: "file_1" } },
        { type: "document", source: { type: "url", url: "https://a.b/c.pdf" } },
        {
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: BASE64 },
          title: "report.pdf",
        },
        {
          type: "document",
          source: { type: "file", file_id: "file_2" },
          context: "old",
          citations: { enabled: true },
        },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "héllo" } },
      ],
    },
  ]);
});

test("media that the wire or the model does not take fail with what it takes", async () => {
  for (const block of [
    video("https://a.b/c.mp4"),
    audio(PNG, { mediaType: "audio/wav" }),
    image(PNG),
    image(PNG, { mediaType: "image/tiff" }),
    file(PNG),
    file("https://a.b/notes.txt"),
  ]) {
    await expect(format([new UserMessage([block])])).rejects.toMatchObject({ kind: "unsupported" });
  }
  const onlyText = { ...CONTEXT, inputTypes: ["text/plain"] };
  await expect(
    format([new UserMessage([image(PNG, { mediaType: "image/png" })])], {}, onlyText),
  ).rejects.toThrow(/reads text\/plain/);
  await expect(format([new SystemMessage([image("https://a.b/c.png")])])).rejects.toThrow(/only text/);
});

test("local files are read by the resolver only", async () => {
  const message = new UserMessage([file("./LICENSE", { mediaType: "text/plain" })]);
  await expect(format([message])).rejects.toMatchObject({ kind: "configuration" });
  const { messages } = await format([message], { mediaResolver: fileResolver() });
  expect(messages[0]).toMatchObject({
    content: [
      { type: "document", source: { type: "text", data: expect.stringContaining("Apache License") } },
    ],
  });
});

test("a tool's pictures stay in its result, and are described to a model without eyes", async () => {
  const output = [
    { type: "text", id: "t", text: "Here:" },
    image(PNG, { mediaType: "image/png" }),
    audio(PNG, { mediaType: "audio/wav" }),
  ] as const;
  const history = ["Hi", new AssistantMessage([call("c1")]), new ToolResultMessage(call("c1"), output)];
  const described = (type: string): object => words(expect.stringContaining(`${type}, 4 bytes`) as string);
  expect((await format(history)).messages[2]).toEqual({
    role: "user",
    content: [
      {
        type: "tool_result",
        tool_use_id: "c1",
        content: [
          words("Here:"),
          { type: "image", source: { type: "base64", media_type: "image/png", data: BASE64 } },
          described("audio/wav"),
        ],
      },
    ],
  });
  const blind = await format(history, {}, { ...CONTEXT, inputTypes: ["text/plain"] });
  expect(blind.messages[2]).toMatchObject({
    content: [{ content: [words("Here:"), described("image/png"), described("audio/wav")] }],
  });
});

test("blocks bear the cache breakpoints that they bring", async () => {
  const marked = (cacheControl: unknown): object => ({ providerMetadata: { anthropic: { cacheControl } } });
  const { messages } = await format([
    new SystemMessage([{ type: "text", text: "s", ...marked({ ttl: "1h" }) }]),
    new UserMessage([
      { type: "text", text: "u", ...marked(true) },
      { type: "text", text: "v", ...marked(false) },
    ]),
    new AssistantMessage([{ ...call("c1"), ...marked({ type: "ephemeral" }) }]),
  ]);
  expect(messages.slice(0, 3)).toMatchObject([
    { content: [{ cache_control: { type: "ephemeral", ttl: "1h" } }] },
    { content: [{ cache_control: { type: "ephemeral" } }, {}] },
    { content: [{ cache_control: { type: "ephemeral" } }] },
  ]);
  expect(JSON.stringify(messages).match(/cache_control/g)).toHaveLength(3);
});

test("an answer that is begun does not end in white space", async () => {
  const { messages } = await format(["Hi", new AssistantMessage(["a \n", "Sure: \n\t"])]);
  expect(messages[1]).toEqual({ role: "assistant", content: [words("a \n"), words("Sure:")] });
});

test("an assistant's own media are described, with a warning", async () => {
  const { messages, warned } = await format([
    "Hi",
    new AssistantMessage([image(PNG, { mediaType: "image/png" })]),
    "And?",
  ]);
  expect(messages[1]).toMatchObject({ content: [{ type: "text" }] });
  expect(warned).toEqual([expect.stringContaining("described")]);
});

test("formatting changes nothing, loses no text, alternates, and is the same after JSON", async () => {
  const text = ANY_TEXT.map((value) => `${value}.`);
  const message = fc.oneof(
    text.map((value) => new UserMessage(value)),
    text.map((value) => new AssistantMessage(value)),
    text.map((value) => new SystemMessage(value)),
    text.map((value) => new AssistantMessage([call(value), value])),
    text.map((value) => new ToolResultMessage({ id: value, name: "look_up" }, value)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 7 }), async (history) => {
      const before = JSON.stringify(history);
      const { messages } = await format(history);
      expect(JSON.stringify(history)).toBe(before);
      const roles = messages.map((each) => (each as { role: string }).role);
      const turns = roles.filter((role) => role !== "system");
      expect(turns).toEqual(turns.map((_, index) => (index % 2 === 0 ? "user" : "assistant")));
      expect(roles.lastIndexOf("system")).toBeLessThanOrEqual(0);
      const all = JSON.stringify(messages);
      for (const each of history)
        if (each.text !== "") expect(all).toContain(JSON.stringify(each.text).slice(1, -1));
      expect((await format(JSON.parse(before) as MessageInput[])).messages).toEqual(messages);
    }),
  );
});
