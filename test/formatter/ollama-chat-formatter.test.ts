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
  OllamaChatFormatter,
  type OllamaMessage,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
  video,
} from "../../src/index.ts";
import { CALL_WITH_LIST, TEXT_HISTORY } from "./histories.ts";

const PNG = new Uint8Array([137, 80, 78, 71]);
const PNG_BASE64 = "iVBORw==";
const CONTEXT = { provider: "ollama", model: "qwen3:8b" };

const format = (
  messages: readonly MessageInput[],
  options = {},
  context: object = CONTEXT,
): Promise<OllamaMessage[]> =>
  new OllamaChatFormatter(options).format(
    messages.map((message) => Msg.from(message)),
    context,
  );

const call = (id: string, input = {}) => ({ type: "tool_use", id, name: "get_weather", input }) as const;

test("roles are kept and content is a string, a line for each text", async () => {
  expect(
    await format([
      new SystemMessage(["Be brief.", "Be kind."]),
      new UserMessage("Hi", { name: "ann" }),
      new AssistantMessage("Hello."),
      new UserMessage(["a", "b"]),
    ]),
  ).toEqual([
    { role: "system", content: "Be brief.\nBe kind." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello." },
    { role: "user", content: "a\nb" },
  ]);
});

test("calls have objects for arguments; results bear the tool's name and the call's id, an error is said in words", async () => {
  const [paris, rome] = [call("c1", { city: "Paris" }), call("c2")];
  expect(
    await format([
      "Hi",
      new AssistantMessage(["Let me see.", paris, rome]),
      new ToolResultMessage(paris, "no such city", { isError: true }),
      new ToolResultMessage(rome, "sunny"),
    ]),
  ).toEqual([
    { role: "user", content: "Hi" },
    {
      role: "assistant",
      content: "Let me see.",
      tool_calls: [
        { id: "c1", function: { name: "get_weather", arguments: { city: "Paris" } } },
        { id: "c2", function: { name: "get_weather", arguments: {} } },
      ],
    },
    { role: "tool", tool_name: "get_weather", tool_call_id: "c1", content: "Error: no such city" },
    { role: "tool", tool_name: "get_weather", tool_call_id: "c2", content: "sunny" },
  ]);
});

test("arguments that are no object go back as the text that was written", async () => {
  const [, assistant] = await format(["Hi", new AssistantMessage([CALL_WITH_LIST])]);
  expect(assistant).toMatchObject({
    tool_calls: [{ function: { arguments: { invalid_arguments: "[1]" } } }],
  });
});

test("a turn with nothing but calls has an empty string for content", async () => {
  const [, assistant] = await format(["Hi", new AssistantMessage([call("c1")])]);
  expect(assistant).toMatchObject({ role: "assistant", content: "", tool_calls: [{ id: "c1" }] });
});

test("images and sound are bare base64 beside the words, in their order", async () => {
  const content = [
    image(PNG, { mediaType: "image/png" }),
    "Compare",
    image("data:image/jpeg;base64,AAAA"),
    "these",
    audio(PNG, { mediaType: "audio/wav" }),
  ];
  expect(await format([new UserMessage(content)])).toEqual([
    { role: "user", content: "Compare\nthese", images: [PNG_BASE64, "AAAA", PNG_BASE64] },
  ]);
});

test("a picture without words has an empty content", async () => {
  expect(await format([new UserMessage([image(PNG, { mediaType: "image/png" })])])).toEqual([
    { role: "user", content: "", images: [PNG_BASE64] },
  ]);
});

test("media at a URL are fetched by the resolver; without one they are refused with the way out, and nothing is sent", async () => {
  const picture = new UserMessage([image("https://a.b/c.png")]);
  await expect(format([picture])).rejects.toMatchObject({ kind: "unsupported" });
  await expect(format([picture])).rejects.toThrow(/https:\/\/a\.b\/c\.png.*mediaResolver/);
  const asked: string[] = [];
  const mediaResolver = (url: string, mediaType: string) => {
    asked.push(url);
    return Promise.resolve({ data: "AQID", mediaType });
  };
  expect(await format([picture], { mediaResolver })).toEqual([
    { role: "user", content: "", images: ["AQID"] },
  ]);
  expect(asked).toEqual(["https://a.b/c.png"]);
});

test("local files are read by the resolver only", async () => {
  const message = new UserMessage([image("./LICENSE", { mediaType: "image/png" })]);
  await expect(format([message])).rejects.toMatchObject({ kind: "configuration" });
  const [formatted] = await format([message], { mediaResolver: fileResolver() });
  expect((formatted as { images: string[] }).images[0]).toMatch(/^[A-Za-z0-9+/]+=*$/);
});

test("media that the wire or the model does not take fail with what it takes", async () => {
  for (const block of [video("https://a.b/c.mp4"), file(PNG, { mediaType: "application/pdf" })]) {
    await expect(format([new UserMessage([block])])).rejects.toThrow(/carries images and sound/);
  }
  await expect(format([new UserMessage([image({ fileId: "f1" })])])).rejects.toThrow(/no files.*bytes/s);
  const blind = { ...CONTEXT, inputTypes: ["text/plain"] };
  await expect(
    format([new UserMessage([image(PNG, { mediaType: "image/png" })])], {}, blind),
  ).rejects.toThrow(/reads text\/plain/);
  await expect(
    format([new SystemMessage(["s", image(PNG, { mediaType: "image/png" })])]),
  ).rejects.toMatchObject({ kind: "unsupported" });
});

test("pictures in a tool result are shown after all results, or described where the model has no eyes", async () => {
  const picture = image(PNG, { mediaType: "image/png" });
  const history = [
    "Look",
    new AssistantMessage([call("a"), call("b")]),
    new ToolResultMessage(call("a"), [{ type: "text", id: "t", text: "Here." }, picture]),
    new ToolResultMessage(call("b"), "nothing"),
  ];
  const seen = await format(history, {}, { ...CONTEXT, inputTypes: ["image/png"] });
  expect(seen.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "user"]);
  expect(seen[2]?.content).toMatch(new RegExp(`^Here\\.\\n.*${picture.id}`));
  expect(seen[4]).toMatchObject({ role: "user", images: [PNG_BASE64] });
  expect(seen[4]?.content).toContain(`- ${picture.id} (image file)`);

  const blind = await format(history, {}, { ...CONTEXT, inputTypes: ["text/plain"] });
  expect(blind).toHaveLength(4);
  expect(blind[2]?.content).toContain("image/png, 4 bytes");
});

test("a picture at a URL in a tool result is named by its address: nobody here fetches it", async () => {
  const call = { type: "tool_use", id: "c1", name: "look", input: {} } as const;
  const result = new ToolResultMessage(call, [image("https://a.b/c.png")]);
  const formatted = await format(["Hi", new AssistantMessage([call]), result]);
  expect(formatted.slice(2)).toMatchObject([
    { role: "tool", content: expect.stringContaining("https://a.b/c.png") as string },
  ]);
});

test("reasoning goes back in its own field, and only to the model that thought it", async () => {
  const thought = (provider: string, model: string) =>
    new AssistantMessage([{ type: "thinking", thinking: "hm" }, "42"], { provider, model });
  expect(await format([thought("ollama", "qwen3:8b")])).toEqual([
    { role: "assistant", content: "42", thinking: "hm" },
  ]);
  expect(await format([thought("ollama", "gpt-oss:20b"), thought("openai", "qwen3:8b")])).toEqual([
    { role: "assistant", content: "42" },
    { role: "assistant", content: "42" },
  ]);
});

test("a turn of nothing but reasoning goes back whole, one of nothing is left out", async () => {
  const own = { provider: "ollama", model: "qwen3:8b" };
  const thinking = [{ type: "thinking", thinking: "hm" } as const];
  expect(
    await format([new AssistantMessage(thinking, own), new AssistantMessage(thinking, { provider: "x" })]),
  ).toEqual([{ role: "assistant", content: "", thinking: "hm" }]);
});

test("an assistant's picture is described, with a warning", async () => {
  const warned: string[] = [];
  const [message] = await format(
    [new AssistantMessage(["See:", image(PNG, { mediaType: "image/png" })])],
    {},
    { ...CONTEXT, warn: (_option: string, reason: string) => warned.push(reason) },
  );
  expect(message?.content).toMatch(/^See:\nAn image file/);
  expect(warned).toEqual([expect.stringContaining("described in words")]);
});

test("formatting changes nothing, loses no text, and is the same after JSON", async () => {
  await fc.assert(
    fc.asyncProperty(TEXT_HISTORY, async (history) => {
      const before = JSON.stringify(history);
      const formatted = await format(history);
      expect(JSON.stringify(history)).toBe(before);
      expect(formatted.map(({ content }) => content)).toEqual(history.map((each) => each.text));
      expect(await format(JSON.parse(before) as MessageInput[])).toEqual(formatted);
    }),
  );
});
