import { expect, test } from "vitest";
import {
  AssistantMessage,
  audio,
  ConfigurationError,
  file,
  image,
  Msg,
  SystemMessage,
  ToolResultMessage,
  UserMessage,
} from "../../src/index.ts";

test("a string, plain data and a message mean the same", () => {
  expect(Msg.from("hi")).toMatchObject({ role: "user", content: [{ type: "text", text: "hi" }] });
  expect(Msg.from({ role: "system", content: "s" })).toMatchObject({
    role: "system",
    content: [{ text: "s" }],
  });
  const message = new UserMessage("x");
  expect(Msg.from(message)).toBe(message);
});

test("a message survives JSON and loses nothing", () => {
  const messages = [
    new SystemMessage("s", { name: "boss", metadata: { a: 1 } }),
    new UserMessage(["look", image(new Uint8Array([1, 2]), { mediaType: "image/png" })]),
    new AssistantMessage(
      [
        { type: "thinking", thinking: "hm", providerMetadata: { openai: { signature: "abc" } } },
        { type: "tool_use", id: "c1", name: "t", input: { a: [1] }, rawInput: '{"a":[1]}' },
      ],
      { provider: "openai", model: "gpt-4.1" },
    ),
    new ToolResultMessage({ id: "c1", name: "t" }, "done", { isError: true }),
  ];
  for (const message of messages) {
    expect(Msg.from(JSON.parse(JSON.stringify(message)))).toEqual(new Msg(message));
  }
});

test.each([
  [{ role: "banana", content: "x" }, /"banana" is not a role/],
  [
    { role: "system", content: [{ type: "tool_use", id: "a", name: "b", input: {} }] },
    /system message cannot hold/,
  ],
  [{ role: "tool", content: "text" }, /tool message cannot hold/],
  [{ role: "user", content: [{ type: "novelty" }] }, /"novelty" block/],
  [{ role: "user", content: [null] }, /cannot hold/],
  [null, /not null/],
  [42, /not number/],
])("%j is refused with the reason", (input, reason) => {
  expect(() => Msg.from(input as never)).toThrow(ConfigurationError);
  expect(() => Msg.from(input as never)).toThrow(reason);
});

test("media know their type from bytes, data URLs, extensions and ids", () => {
  expect(image("https://a.b/c.PNG?x=1").source).toEqual({
    type: "url",
    url: "https://a.b/c.PNG?x=1",
    mediaType: "image/png",
  });
  expect(image("https://a.b/c").source).toMatchObject({ mediaType: "image/*" });
  expect(image("data:image/gif;base64,R0lGOD").source).toEqual({
    type: "base64",
    data: "R0lGOD",
    mediaType: "image/gif",
  });
  expect(file("data:text/plain,a%20b").source).toEqual({
    type: "base64",
    data: "YSBi",
    mediaType: "text/plain",
  });
  expect(audio(new Uint8Array([1, 2, 3])).source).toEqual({
    type: "base64",
    data: "AQID",
    mediaType: "audio/*",
  });
  expect(file({ fileId: "file-1" }).source).toMatchObject({ type: "file", fileId: "file-1" });
  expect(file(new URL("file:///tmp/a.pdf")).source).toMatchObject({
    type: "url",
    mediaType: "application/pdf",
  });
  expect(() => image("")).toThrow(ConfigurationError);
  expect(() => image("data:nonsense")).toThrow(ConfigurationError);
});

test("with gives a changed copy and leaves the message alone", () => {
  const message = new UserMessage("a", { name: "ann" });
  expect(message.with({ content: "b" })).toMatchObject({
    name: "ann",
    id: message.id,
    content: [{ text: "b" }],
  });
  expect(message.text).toBe("a");
});
