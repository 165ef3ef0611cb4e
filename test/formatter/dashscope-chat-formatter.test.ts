import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AssistantMessage,
  audio,
  DashScopeChatFormatter,
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

const PNG = new Uint8Array([137, 80, 78, 71]);
const TEXT = { provider: "dashscope", model: "qwen-plus", inputTypes: ["text/plain"] };
const MULTIMODAL = {
  provider: "dashscope",
  model: "qwen3.5-plus",
  inputTypes: ["text/plain", "image/*", "audio/*", "video/*"],
};

const format = (
  messages: readonly MessageInput[],
  context: object = TEXT,
  options = {},
): Promise<unknown[]> =>
  new DashScopeChatFormatter(options).format(
    messages.map((message) => Msg.from(message)),
    context,
  );

const CALL = {
  type: "tool_use",
  id: "call_1",
  name: "get_weather",
  input: { city: "Paris" },
  rawInput: '{"city": "Paris"}',
} as const;

test("for the text endpoint content is a text, several blocks a line each, and nobody has a name", async () => {
  expect(
    await format([
      new SystemMessage("Be brief."),
      new UserMessage(["a", "b"], { name: "ann" }),
      new AssistantMessage("Hello."),
      "Hi",
    ]),
  ).toEqual([
    { role: "system", content: "Be brief." },
    { role: "user", content: "a\nb" },
    { role: "assistant", content: "Hello." },
    { role: "user", content: "Hi" },
  ]);
});

test("for the multimodal endpoint content is a list of parts with one field each", async () => {
  expect(
    await format(
      [
        new SystemMessage("Be brief."),
        new UserMessage([
          "Look",
          image("https://a.b/1.png"),
          image(PNG, { mediaType: "image/png" }),
          audio(PNG, { mediaType: "audio/wav" }),
          video("https://a.b/1.mp4"),
          image("oss://bucket/1.png"),
        ]),
        new AssistantMessage("Nice."),
      ],
      MULTIMODAL,
    ),
  ).toEqual([
    { role: "system", content: [{ text: "Be brief." }] },
    {
      role: "user",
      content: [
        { text: "Look" },
        { image: "https://a.b/1.png" },
        { image: "data:image/png;base64,iVBORw==" },
        { audio: "data:audio/wav;base64,iVBORw==" },
        { video: "https://a.b/1.mp4" },
        { image: "oss://bucket/1.png" },
      ],
    },
    { role: "assistant", content: [{ text: "Nice." }], partial: true },
  ]);
});

test("the endpoint can be said where a card does not tell the right one", async () => {
  expect(await format(["Hi"], TEXT, { endpoint: "multimodal" })).toEqual([
    { role: "user", content: [{ text: "Hi" }] },
  ]);
  expect(await format(["Hi"], MULTIMODAL, { endpoint: "text" })).toEqual([{ role: "user", content: "Hi" }]);
  await expect(
    format([new UserMessage([image("https://a.b/1.png")])], MULTIMODAL, { endpoint: "text" }),
  ).rejects.toMatchObject({ kind: "unsupported" });
  expect(await format(["Hi"], { provider: "dashscope" })).toEqual([
    { role: "user", content: [{ text: "Hi" }] },
  ]);
});

test("how a picture or video is sampled is said by the block's metadata", async () => {
  const blocks = [
    image("https://a.b/1.png", { providerMetadata: { dashscope: { maxPixels: 1000, fps: "no" } } }),
    video("https://a.b/1.mp4", { providerMetadata: { dashscope: { fps: 2, maxFrames: 8 } } }),
    image("https://a.b/2.png", { providerMetadata: { openai: { detail: "low" } } }),
  ];
  expect(await format([new UserMessage(blocks)], MULTIMODAL)).toEqual([
    {
      role: "user",
      content: [
        { image: "https://a.b/1.png", max_pixels: 1000 },
        { video: "https://a.b/1.mp4", fps: 2, max_frames: 8 },
        { image: "https://a.b/2.png" },
      ],
    },
  ]);
});

test("calls carry their arguments as text, results the name of their tool, errors are said in words", async () => {
  const history = [
    "Hi",
    new AssistantMessage([CALL]),
    new ToolResultMessage(CALL, "no such city", { isError: true }),
  ];
  const call = {
    id: "call_1",
    type: "function",
    function: { name: "get_weather", arguments: '{"city": "Paris"}' },
  };
  const result = { role: "tool", tool_call_id: "call_1", name: "get_weather" };
  expect((await format(history)).slice(1)).toEqual([
    { role: "assistant", content: "", tool_calls: [call] },
    { ...result, content: "Error: no such city" },
  ]);
  expect((await format(history, MULTIMODAL)).slice(1)).toEqual([
    { role: "assistant", content: [], tool_calls: [call] },
    { ...result, content: [{ text: "Error: no such city" }] },
  ]);
});

test("arguments that are no JSON are written anew from what could be read", async () => {
  const broken = { ...CALL, rawInput: '{"city": "Pa', inputError: "cut" };
  expect(await format([new AssistantMessage([broken]), new ToolResultMessage(broken, "x")])).toMatchObject([
    { tool_calls: [{ function: { arguments: '{"city":"Paris"}' } }] },
    {},
  ]);
});

test("reasoning of this model goes back in its field, another model's does not", async () => {
  const thought = [{ type: "thinking" as const, thinking: "hm" }, "yes"];
  const from = { provider: "dashscope", model: "qwen-plus" };
  expect(await format([new AssistantMessage(thought, from)])).toEqual([
    { role: "assistant", content: "yes", reasoning_content: "hm", partial: true },
  ]);
  expect(await format([new AssistantMessage(thought, { ...from, model: "qwen-max" })])).toEqual([
    { role: "assistant", content: "yes", partial: true },
  ]);
});

test("media in a tool's result follow in a message of the user, or are described where the model cannot see", async () => {
  const picture = image(PNG, { mediaType: "image/png" });
  const history = [
    new AssistantMessage([CALL]),
    new ToolResultMessage(CALL, [{ type: "text", id: "t", text: "here" }, picture]),
  ];
  const [, result, shown] = (await format(history, MULTIMODAL)) as { content: Record<string, string>[] }[];
  expect(result?.content[0]?.["text"]).toContain(picture.id);
  expect(shown).toMatchObject({ role: "user" });
  expect(shown?.content.map((part) => Object.keys(part)[0])).toEqual(["text", "text", "image", "text"]);
  const described = (await format(history)) as { content: string }[];
  expect(described).toHaveLength(2);
  expect(described[1]?.content).toMatch(
    /^here\n<system-reminder>An image file is returned \(image\/png, 4 bytes\)/,
  );
});

test("what the wire or the model cannot carry is an error, told before anything is sent", async () => {
  const ask = (block: ReturnType<typeof image>, context: object): Promise<unknown> =>
    format([new UserMessage([block])], context);
  await expect(ask(image("https://a.b/1.png"), TEXT)).rejects.toThrow(
    /does not read image\/png; it reads text\/plain/,
  );
  const open = { ...MULTIMODAL, inputTypes: ["*/*"] };
  await expect(ask(file(PNG, { mediaType: "application/pdf" }), open)).rejects.toMatchObject({
    kind: "unsupported",
    message: expect.stringContaining("fileid://") as string,
  });
  await expect(ask(image({ fileId: "file-1" }), open)).rejects.toThrow(/no file ids/);
  await expect(ask(image("./local.png"), open)).rejects.toMatchObject({ kind: "configuration" });
  await expect(format([new SystemMessage([image("https://a.b/1.png")])], MULTIMODAL)).rejects.toThrow(
    /only text/,
  );
});

test("local files are read by a resolver only", async () => {
  const path = new URL("../fixtures-none.png", import.meta.url);
  await expect(
    format([new UserMessage([image(path)])], MULTIMODAL, { mediaResolver: fileResolver() }),
  ).rejects.toThrow(/ENOENT/);
  const resolved = await format([new UserMessage([image("./a.png")])], MULTIMODAL, {
    mediaResolver: () => Promise.resolve({ data: "AQID", mediaType: "image/png" }),
  });
  expect(resolved).toMatchObject([{ content: [{ image: "data:image/png;base64,AQID" }] }]);
});

test("an assistant's picture is described, with a warning", async () => {
  const warned: string[] = [];
  const formatted = await format([new AssistantMessage(["Here:", image(PNG, { mediaType: "image/png" })])], {
    ...TEXT,
    warn: (option: string) => warned.push(option),
  });
  expect(formatted).toMatchObject([
    { role: "assistant", content: "Here:\nAn image file is returned (image/png, 4 bytes)." },
  ]);
  expect(warned).toEqual(["messages"]);
});

test("no text is lost on either endpoint, and every call is answered at once", async () => {
  const anyText = fc.string({ minLength: 1 }).filter((text) => text.trim() !== "");
  const anyTurn = fc.oneof(
    anyText.map((text) => [new UserMessage(text)]),
    anyText.map((text) => [new AssistantMessage(text)]),
    fc.tuple(anyText, anyText).map(([id, result]) => {
      const call = { ...CALL, id };
      return [new AssistantMessage([call]), new ToolResultMessage(call, result)];
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyTurn, { maxLength: 6 }), fc.boolean(), async (turns, isText) => {
      const history = turns.flat();
      const formatted = (await format(history, isText ? TEXT : MULTIMODAL)) as {
        role: string;
        content: string | { text: string }[];
        tool_calls?: { id: string }[];
        tool_call_id?: string;
      }[];
      const texts = formatted
        .map(({ content }) =>
          typeof content === "string" ? content : content.map(({ text }) => text).join(""),
        )
        .filter((text) => text !== "");
      const said = history.flatMap(({ content }) =>
        content.flatMap((block) =>
          block.type === "text" ? [block.text] : block.type === "tool_result" ? [block.output] : [],
        ),
      );
      expect(texts).toEqual(said);
      for (const [index, { tool_calls: calls = [] }] of formatted.entries()) {
        expect(calls.map(({ id }) => id)).toEqual(
          formatted.slice(index + 1, index + 1 + calls.length).map((message) => message.tool_call_id),
        );
      }
    }),
  );
});

test("a last message of the assistant is the beginning of the answer", async () => {
  const history = [new UserMessage("Go on."), new AssistantMessage("Once"), new UserMessage("And?")];
  expect(await format([...history, new AssistantMessage("Upon")], TEXT)).toEqual([
    { role: "user", content: "Go on." },
    { role: "assistant", content: "Once" },
    { role: "user", content: "And?" },
    { role: "assistant", content: "Upon", partial: true },
  ]);
});
