import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  audio,
  type ContentBlockInput,
  file,
  GeminiChatFormatter,
  type GeminiFormatContext,
  image,
  type MessageInput,
  Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
  video,
} from "../../src/index.ts";
import { CALL_WITH_LIST } from "./histories.ts";

const PNG = new Uint8Array([137, 80, 78, 71]);
const PNG_DATA = Buffer.from(PNG).toString("base64");
const CONTEXT = { provider: "gemini", model: "gemini-3-pro" };
const DUMMY = "skip_thought_signature_validator";

const format = (
  messages: readonly MessageInput[],
  context: GeminiFormatContext = {},
  options = {},
): Promise<unknown[]> =>
  new GeminiChatFormatter(options).format(
    messages.map((message) => Msg.from(message)),
    { ...CONTEXT, ...context },
  );

/** What becomes of messages that follow one of the user. */
const formatRest = async (...[messages, ...how]: Parameters<typeof format>): Promise<unknown[]> =>
  (await format(["Hi", ...messages], ...how)).slice(1);

/** What an answer of Gemini's own is in a history. */
const answer = (...content: (string | ContentBlockInput)[]): AssistantMessage =>
  new AssistantMessage(content, CONTEXT);

const call = (id: string, own?: Readonly<Record<string, unknown>>): ContentBlockInput => ({
  type: "tool_use",
  id,
  name: "get_weather",
  input: { city: "Paris" },
  ...(own !== undefined && { providerMetadata: { gemini: own } }),
});

const FUNCTION_CALL = { name: "get_weather", args: { city: "Paris" } };

test("instructions stand above, the assistant is the model, neighbours of one role are one content", async () => {
  expect(
    await format([
      new SystemMessage("Be brief."),
      new SystemMessage("Be kind."),
      new UserMessage("Hi", { name: "ann" }),
      new UserMessage(["a", "b"]),
      answer("Hello."),
      answer("There."),
      new UserMessage("Bye"),
    ]),
  ).toEqual([
    { role: "system", parts: [{ text: "Be brief." }, { text: "Be kind." }] },
    { role: "user", parts: [{ text: "Hi" }, { text: "a" }, { text: "b" }] },
    { role: "model", parts: [{ text: "Hello." }, { text: "There." }] },
    { role: "user", parts: [{ text: "Bye" }] },
  ]);
});

test("instructions in the middle, and those of a model that knows none, are said by the user in their place", async () => {
  expect(await format(["Hi", answer("Hello."), new SystemMessage("Now in French."), "Bye"])).toEqual([
    { role: "user", parts: [{ text: "Hi" }] },
    { role: "model", parts: [{ text: "Hello." }] },
    { role: "user", parts: [{ text: "Now in French." }, { text: "Bye" }] },
  ]);
  expect(await format([new SystemMessage("s"), "Hi"], { systemRole: "user" })).toEqual([
    { role: "user", parts: [{ text: "s" }, { text: "Hi" }] },
  ]);
});

test("an id that Gemini gave goes back with the call and its result, any other stays here", async () => {
  const own = call("fc_1", { callId: "fc_1" });
  expect(
    await formatRest([answer(own), new ToolResultMessage({ id: "fc_1", name: "get_weather" }, "sun")]),
  ).toEqual([
    { role: "model", parts: [{ functionCall: { id: "fc_1", ...FUNCTION_CALL } }] },
    {
      role: "user",
      parts: [{ functionResponse: { id: "fc_1", name: "get_weather", response: { output: "sun" } } }],
    },
  ]);
  const made = await formatRest([
    answer(call("call_x")),
    new ToolResultMessage({ id: "call_x", name: "t" }, "sun"),
  ]);
  expect(JSON.stringify(made)).not.toContain('"id"');
  const elsewhere = { providerMetadata: { openai: { callId: "x" } }, ...call("c") } as ContentBlockInput;
  expect(JSON.stringify(await formatRest([new AssistantMessage([elsewhere])]))).not.toContain('"id"');
});

test("a server that refuses ids gets none", async () => {
  const sent = await format(
    [
      answer(call("fc_1", { callId: "fc_1" })),
      new ToolResultMessage({ id: "fc_1", name: "get_weather" }, "x"),
    ],
    { callIds: false },
  );
  expect(JSON.stringify(sent)).not.toContain('"id"');
});

test("results of parallel calls stand in one content in the order of the calls, by the functions' names, as objects", async () => {
  const second = { type: "tool_use", id: "b", name: "get_time", input: {} } as const;
  expect(
    await format([
      "Hi",
      new AssistantMessage(["Let me see.", call("a"), second]),
      new ToolResultMessage({ id: "b", name: "b" }, "boom", { isError: true }),
      new ToolResultMessage({ id: "a", name: "a" }, "sun"),
      "And?",
    ]),
  ).toEqual([
    { role: "user", parts: [{ text: "Hi" }] },
    {
      role: "model",
      parts: [
        { text: "Let me see." },
        { functionCall: FUNCTION_CALL },
        { functionCall: { name: "get_time", args: {} } },
      ],
    },
    {
      role: "user",
      parts: [
        { functionResponse: { name: "get_weather", response: { output: "sun" } } },
        { functionResponse: { name: "get_time", response: { error: "boom" } } },
      ],
    },
    { role: "user", parts: [{ text: "And?" }] },
  ]);
});

test("where the model would begin, the user is made to, with a warning", async () => {
  const warned: string[] = [];
  const history = [
    new SystemMessage("Be brief."),
    answer(call("a")),
    new ToolResultMessage({ id: "a", name: "a" }, "sun"),
  ];
  expect(await format(history, { warn: (_option, reason) => void warned.push(reason) })).toMatchObject([
    { role: "system" },
    { role: "user", parts: [{ text: "(The conversation begins.)" }] },
    { role: "model", parts: [{ functionCall: FUNCTION_CALL }] },
    { role: "user", parts: [{ functionResponse: {} }] },
  ]);
  expect(warned).toEqual(["A conversation begins with the user here; an opening turn was put before it."]);
});

test("arguments that are no object go back as the text that was written", async () => {
  const [, answer] = await format(["Hi", new AssistantMessage([CALL_WITH_LIST])]);
  expect(answer).toMatchObject({
    parts: [{ functionCall: { name: "t", args: { invalid_arguments: "[1]" } } }],
  });
});

test("a signature goes back on the part that it came with, and only to whom it came from", async () => {
  const signed = answer(
    { type: "text", text: "Text", providerMetadata: { gemini: { thoughtSignature: "s-text" } } },
    call("a", { thoughtSignature: "s-call" }),
    { type: "thinking", thinking: "", providerMetadata: { gemini: { thoughtSignature: "s-empty" } } },
    { type: "thinking", thinking: "Hm", providerMetadata: { gemini: { thoughtSignature: "s-thought" } } },
    { type: "thinking", thinking: "a summary" },
    {
      ...image(PNG, { mediaType: "image/png" }),
      providerMetadata: { gemini: { thoughtSignature: "s-image" } },
    },
  );
  const [own] = (await formatRest([signed])) as { parts: unknown[] }[];
  expect(own?.parts).toEqual([
    { text: "Text", thoughtSignature: "s-text" },
    { functionCall: FUNCTION_CALL, thoughtSignature: "s-call" },
    { text: "", thoughtSignature: "s-empty" },
    { text: "Hm", thought: true, thoughtSignature: "s-thought" },
    { inlineData: { mimeType: "image/png", data: PNG_DATA }, thoughtSignature: "s-image" },
  ]);
  for (const context of [{ provider: "elsewhere" }, { provider: undefined }])
    expect(JSON.stringify(await formatRest([signed], context as GeminiFormatContext))).not.toMatch(/s-\w+/);
});

test("a foreign call bears the mark in place of a signature where one is required, the first of a turn only", async () => {
  const warned: string[] = [];
  const context: GeminiFormatContext = { signedToolCalls: true, warn: (option) => void warned.push(option) };
  const history = [
    new AssistantMessage([call("a"), call("b")], { provider: "openai", model: "gpt-4.1" }),
    answer(call("c", { thoughtSignature: "s" }), call("d")),
    new AssistantMessage([call("e")], { provider: "openai" }),
  ];
  const sent = (await formatRest(history, context)) as {
    role: string;
    parts: { thoughtSignature?: string }[];
  }[];
  expect(
    sent
      .filter(({ role }) => role === "model")
      .map(({ parts }) => parts.map((part) => part.thoughtSignature)),
  ).toEqual([[DUMMY, undefined], ["s", undefined], [DUMMY]]);
  expect(warned).toEqual(["messages"]);
  expect(JSON.stringify(await formatRest(history))).not.toContain(DUMMY);
});

test("media go by address, by id or as bytes, with their exact type where it is known", async () => {
  const parts = [
    image("https://a.b/cat.png"),
    image("https://a.b/cat"),
    video("https://www.youtube.com/watch?v=x"),
    file("gs://bucket/report.pdf"),
    file(
      { fileId: "https://generativelanguage.googleapis.com/v1beta/files/abc" },
      { mediaType: "application/pdf" },
    ),
    audio(PNG, { mediaType: "audio/wav" }),
  ];
  const [sent] = (await format([new UserMessage(parts)])) as { parts: unknown[] }[];
  expect(sent?.parts).toEqual([
    { fileData: { fileUri: "https://a.b/cat.png", mimeType: "image/png" } },
    { fileData: { fileUri: "https://a.b/cat" } },
    { fileData: { fileUri: "https://www.youtube.com/watch?v=x" } },
    { fileData: { fileUri: "gs://bucket/report.pdf", mimeType: "application/pdf" } },
    {
      fileData: {
        fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc",
        mimeType: "application/pdf",
      },
    },
    { inlineData: { mimeType: "audio/wav", data: PNG_DATA } },
  ]);
});

test("hints for one medium stand beside it", async () => {
  const clip = video("https://a.b/c.mp4", {
    providerMetadata: {
      gemini: {
        videoMetadata: { startOffset: "10s", fps: 1 },
        mediaResolution: { level: "MEDIA_RESOLUTION_LOW" },
        mediaProcessing: "AGENTIC",
      },
    },
  });
  expect(await format([new UserMessage([clip])])).toEqual([
    {
      role: "user",
      parts: [
        {
          fileData: { fileUri: "https://a.b/c.mp4", mimeType: "video/mp4" },
          videoMetadata: { startOffset: "10s", fps: 1 },
          mediaResolution: { level: "MEDIA_RESOLUTION_LOW" },
          mediaProcessing: "AGENTIC",
        },
      ],
    },
  ]);
});

test("bytes of which only the kind is known, and media that the model does not read, are refused before sending", async () => {
  await expect(format([new UserMessage([image(PNG)])])).rejects.toMatchObject({
    kind: "unsupported",
    message: expect.stringContaining("image/*"),
  });
  await expect(
    format([new UserMessage([audio(PNG, { mediaType: "audio/wav" })])], { inputTypes: ["image/png"] }),
  ).rejects.toMatchObject({ kind: "unsupported" });
  await expect(format([new UserMessage([image("./cat.png")])])).rejects.toMatchObject({
    kind: "configuration",
  });
});

test("a local file is read by the resolver", async () => {
  const mediaResolver = (url: string, mediaType: string): Promise<{ data: string; mediaType: string }> =>
    Promise.resolve({ data: Buffer.from(url).toString("base64"), mediaType });
  expect(await format([new UserMessage([file("./a.pdf")])], {}, { mediaResolver })).toEqual([
    {
      role: "user",
      parts: [
        { inlineData: { mimeType: "application/pdf", data: Buffer.from("./a.pdf").toString("base64") } },
      ],
    },
  ]);
});

test("media of a result that the model reads follow in a content of their own, others are described", async () => {
  const picture = image(PNG, { mediaType: "image/png" });
  const sound = audio("https://a.b/c.wav");
  const sent = await formatRest(
    [answer(call("a")), new ToolResultMessage({ id: "a", name: "a" }, [picture, sound]), "And?"],
    { inputTypes: ["image/*"] },
  );
  expect(sent.slice(1)).toEqual([
    {
      role: "user",
      parts: [
        {
          functionResponse: {
            name: "get_weather",
            response: { output: expect.stringMatching(new RegExp(`${picture.id}.*\\n.*https://a.b/c.wav`)) },
          },
        },
      ],
    },
    {
      role: "user",
      parts: [
        { text: expect.stringContaining("multimodal data") },
        { text: `- ${picture.id} (image file): ` },
        { inlineData: { mimeType: "image/png", data: PNG_DATA } },
        { text: "</system-reminder>" },
        { text: "And?" },
      ],
    },
  ]);
});

test("what Google's tools did goes back as it came, and to another model in words", async () => {
  const warned: string[] = [];
  const part = { executableCode: { language: "PYTHON", code: "print(1)" } };
  const code: ContentBlockInput = {
    type: "data",
    source: { type: "base64", data: "cHJpbnQoMSk=", mediaType: "text/x-python" },
    name: "code.py",
    providerMetadata: { gemini: { part, thoughtSignature: "s" } },
  };
  expect(await formatRest([answer("Running", code)], { inputTypes: ["text/plain"] })).toEqual([
    { role: "model", parts: [{ text: "Running" }, { ...part, thoughtSignature: "s" }] },
  ]);
  const elsewhere = await formatRest([answer("Running", code)], {
    provider: "elsewhere",
    inputTypes: ["text/plain"],
    warn: (option) => void warned.push(option),
  });
  expect(elsewhere).toMatchObject([
    { parts: [{ text: "Running" }, { text: expect.stringContaining("code.py") }] },
  ]);
  expect(warned).toEqual(["messages"]);
});

test("instructions hold only text", async () => {
  await expect(format([new SystemMessage([image("https://a.b/c.png")])])).rejects.toMatchObject({
    kind: "unsupported",
  });
});

test("formatting changes no message, and a longer history begins with what the shorter one was", async () => {
  const anyText = fc.string({ minLength: 1 }).filter((text) => text.trim() !== "");
  const anyTurn = fc.oneof(
    anyText.map((text): MessageInput[] => [new UserMessage(text)]),
    anyText.map((text): MessageInput[] => [answer(text)]),
    anyText.map((text): MessageInput[] => [
      answer({ ...call(text), type: "tool_use", id: text } as ContentBlockInput),
      new ToolResultMessage({ id: text, name: "t" }, text),
    ]),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyTurn, { minLength: 1, maxLength: 8 }), async (turns) => {
      const history = turns.flat();
      const before = JSON.stringify(history);
      const all = (await format(history)) as { role: string; parts: unknown[] }[];
      expect(JSON.stringify(history)).toBe(before);
      const fewer = (await format(turns.slice(0, -1).flat())) as { role: string; parts: unknown[] }[];
      const flat = (contents: typeof all): unknown[] =>
        contents.flatMap(({ role, parts }) => parts.map((part) => [role, part]));
      expect(flat(all).slice(0, flat(fewer).length)).toEqual(flat(fewer));
      for (const [index, { role, parts }] of all.entries()) {
        const next = all[index + 1];
        const isResult = (content: { parts: unknown[] }): boolean =>
          content.parts.some((part) => "functionResponse" in (part as object));
        if (next?.role === role) expect(isResult({ parts })).not.toBe(isResult(next));
      }
    }),
    { numRuns: 100 },
  );
});
