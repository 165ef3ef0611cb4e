import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  audio,
  file,
  fileResolver,
  image,
  type MessageInput,
  Msg,
  OpenAIChatFormatter,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
  video,
} from "../../src/index.ts";
import { TEXT_HISTORY } from "./histories.ts";

const PNG = new Uint8Array([137, 80, 78, 71]);
const CONTEXT = { provider: "openai", model: "gpt-4.1" };

const format = (
  messages: readonly MessageInput[],
  options = {},
  context: object = CONTEXT,
): Promise<unknown[]> =>
  new OpenAIChatFormatter(options).format(
    messages.map((message) => Msg.from(message)),
    context,
  );

test("roles are kept, single texts are plain strings, names are sent when they are names", async () => {
  expect(
    await format([
      new SystemMessage("Be brief."),
      new UserMessage("Hi", { name: "Ann Lee!" }),
      new AssistantMessage("Hello."),
      new UserMessage(["a", "b"]),
    ]),
  ).toEqual([
    { role: "system", content: "Be brief." },
    { role: "user", name: "Ann_Lee_", content: "Hi" },
    { role: "assistant", content: "Hello." },
    {
      role: "user",
      content: [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
    },
  ]);
});

test("instructions take the role that the card asks for, or the server's own", async () => {
  expect(await format([new SystemMessage("s")], {}, { systemRole: "developer" })).toMatchObject([
    { role: "developer" },
  ]);
  expect(
    await format(
      [new SystemMessage("s")],
      { switches: { systemRole: "system" } },
      { systemRole: "developer" },
    ),
  ).toMatchObject([{ role: "system" }]);
});

test("calls and results, an error said in words", async () => {
  const call = {
    type: "tool_use",
    id: "c1",
    name: "get_weather",
    input: { city: "Paris" },
    rawInput: '{"city": "Paris"}',
  } as const;
  expect(
    await format([
      "Hi",
      new AssistantMessage([call]),
      new ToolResultMessage(call, "no such city", { isError: true }),
    ]),
  ).toEqual([
    { role: "user", content: "Hi" },
    {
      role: "assistant",
      content: null,
      // What the model wrote, byte for byte.
      tool_calls: [
        { id: "c1", type: "function", function: { name: "get_weather", arguments: '{"city": "Paris"}' } },
      ],
    },
    { role: "tool", tool_call_id: "c1", content: "Error: no such city" },
  ]);
});

test("arguments that are no JSON go back as the object that was read from them", async () => {
  const call = { type: "tool_use", id: "c1", name: "t", input: { a: 1 }, rawInput: '{"a": 1, "b' } as const;
  const [, assistant] = await format(["Hi", new AssistantMessage([call])]);
  expect(assistant).toMatchObject({ tool_calls: [{ function: { arguments: '{"a":1}' } }] });
});

test("arguments that are no object go back as one: nothing was asked, or the text that was written", async () => {
  const calls = [
    { rawInput: "null" },
    { rawInput: "[1]", inputError: "The arguments are not an object." },
    { rawInput: "{city: Paris", inputError: "The arguments are not JSON." },
  ].map((how, at) => ({ type: "tool_use" as const, id: `c${at}`, name: "t", input: {}, ...how }));
  const [, assistant] = await format(["Hi", new AssistantMessage(calls)]);
  expect(assistant).toMatchObject({
    tool_calls: [
      { function: { arguments: "{}" } },
      { function: { arguments: '{"invalid_arguments":"[1]"}' } },
      { function: { arguments: '{"invalid_arguments":"{city: Paris"}' } },
    ],
  });
});

test("media of a tool's result that the server has no place for are described", async () => {
  const call = { type: "tool_use", id: "c1", name: "look", input: {} } as const;
  const result = new ToolResultMessage(call, [
    image("https://a.b/c.png"),
    audio(PNG, { mediaType: "audio/ogg" }),
    video("https://a.b/c.mp4"),
  ]);
  const formatted = await format(["Hi", new AssistantMessage([call]), result], {
    switches: { imageUrls: false },
  });
  expect(formatted.slice(2)).toEqual([
    {
      role: "tool",
      tool_call_id: "c1",
      content: [
        "An image file is returned and can be accessed at the URL: https://a.b/c.png.",
        "An audio file is returned (audio/ogg, 4 bytes).",
        "A video file is returned and can be accessed at the URL: https://a.b/c.mp4.",
      ]
        .map((line) => `<system-reminder>${line}</system-reminder>`)
        .join("\n"),
    },
  ]);
});

test("media: URL, bytes, file id, detail, audio and documents", async () => {
  const content = [
    image("https://a.b/c.png", { providerMetadata: { openai: { detail: "low" } } }),
    image(PNG, { mediaType: "image/png" }),
    audio(PNG, { mediaType: "audio/mpeg" }),
    file(PNG, { mediaType: "application/pdf", name: "report.pdf" }),
    file({ fileId: "file-1" }),
  ];
  expect(await format([new UserMessage(content)])).toEqual([
    {
      role: "user",
      content: [
        { type: "image_url", image_url: { url: "https://a.b/c.png", detail: "low" } },
        { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw==" } },
        { type: "input_audio", input_audio: { data: "iVBORw==", format: "mp3" } },
        { type: "file", file: { file_data: "data:application/pdf;base64,iVBORw==", filename: "report.pdf" } },
        { type: "file", file: { file_id: "file-1" } },
      ],
    },
  ]);
});

test("media that the wire or the model does not take fail with what it takes", async () => {
  await expect(format([new UserMessage([video("https://a.b/c.mp4")])])).rejects.toMatchObject({
    kind: "unsupported",
  });
  await expect(format([new UserMessage([audio(PNG, { mediaType: "audio/flac" })])])).rejects.toThrow(
    /wav or mp3/,
  );
  const onlyText = { ...CONTEXT, inputTypes: ["text/plain"] };
  await expect(
    format([new UserMessage([image(PNG, { mediaType: "image/png" })])], {}, onlyText),
  ).rejects.toThrow(/reads text\/plain/);
});

test("local files are read by the resolver only", async () => {
  const message = new UserMessage([file("./LICENSE", { mediaType: "text/plain" })]);
  await expect(format([message])).rejects.toMatchObject({ kind: "configuration" });
  const [formatted] = await format([message], { mediaResolver: fileResolver() });
  expect(JSON.stringify(formatted)).toContain("data:text/plain;base64,");
});

test("pictures in a tool result are shown after all results, or described where the model has no eyes", async () => {
  const call = (id: string) => ({ type: "tool_use", id, name: "camera", input: {} }) as const;
  const picture = image(PNG, { mediaType: "image/png" });
  const history = [
    "Look",
    new AssistantMessage([call("a"), call("b")]),
    new ToolResultMessage(call("a"), [picture]),
    new ToolResultMessage(call("b"), "nothing"),
  ];
  const seen = await format(history, {}, { ...CONTEXT, inputTypes: ["image/png"] });
  expect(seen.map((message) => (message as { role: string }).role)).toEqual([
    "user",
    "assistant",
    "tool",
    "tool",
    "user",
  ]);
  expect(JSON.stringify(seen[4])).toContain("data:image/png;base64,iVBORw==");
  expect(JSON.stringify(seen[2])).toContain(picture.id);

  const blind = await format(history, {}, { ...CONTEXT, inputTypes: ["text/plain"] });
  expect(blind).toHaveLength(4);
  expect(JSON.stringify(blind[2])).toContain("image/png, 4 bytes");
});

test("reasoning goes back in the field that the server reads, and only there", async () => {
  const message = new AssistantMessage([{ type: "thinking", thinking: "hm" }, "42"], {
    provider: "openai",
    model: "gpt-4.1",
  });
  expect(await format([message])).toEqual([{ role: "assistant", content: "42" }]);
  expect(await format([message], { switches: { reasoningField: "reasoning_content" } })).toEqual([
    { role: "assistant", content: "42", reasoning_content: "hm" },
  ]);
});

test("a spoken answer goes back by its id, a refusal in its field", async () => {
  const spoken = new AssistantMessage([
    {
      type: "data",
      source: { type: "base64", data: "AAAA", mediaType: "audio/wav" },
      providerMetadata: { openai: { audioId: "audio_1" } },
    },
    { type: "text", text: "hello", providerMetadata: { openai: { isTranscript: true } } },
  ]);
  const refused = new AssistantMessage([
    { type: "text", text: "I can't.", providerMetadata: { openai: { refusal: true } } },
  ]);
  expect(await format([spoken, refused])).toEqual([
    { role: "assistant", content: null, audio: { id: "audio_1" } },
    { role: "assistant", content: null, refusal: "I can't." },
  ]);
});

test("formatting changes nothing, loses no text, and is the same after JSON", async () => {
  await fc.assert(
    fc.asyncProperty(TEXT_HISTORY, async (history) => {
      const before = JSON.stringify(history);
      const formatted = await format(history);
      expect(JSON.stringify(history)).toBe(before);
      expect(formatted.map((each) => (each as { content: unknown }).content)).toEqual(
        history.map((each) => each.text),
      );
      expect(await format(JSON.parse(before) as MessageInput[])).toEqual(formatted);
    }),
  );
});
