import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import {
  AssistantMessage,
  HuggingFaceTokenCounter,
  image,
  SystemMessage,
  type TokenizerFiles,
  ToolResultMessage,
  UserMessage,
} from "rxscope";
import { CHAT_TEMPLATE, tinyTokenizer } from "./tiny-tokenizer.ts";

const folder = mkdtempSync(join(tmpdir(), "rxscope-tokenizer-"));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  vi.doUnmock("@huggingface/jinja");
  vi.resetModules();
});

/** Puts a tokenizer's files into a folder of their own. */
function save(name: string, files: Readonly<Record<string, unknown>>): string {
  const target = mkdtempSync(join(folder, `${name}-`));
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(target, file), typeof content === "string" ? content : JSON.stringify(content));
  return target;
}

const METHOD = "Hugging Face tokenizer and chat template";

/** `<|im_start|>`, the role, a line end, the text, `<|im_end|>`, a line end; a letter that is in no merge is a token. */
const around = (role: string): number => 1 + role.length + 1 + 1 + 1;
const PROMPT = 1 + "assistant".length + 1;

/** `user` has no merges; neither has any other role but by its letters: `or`, `ll` and `he` do not occur in them. */
const ofUser = around("user");

test("a chat is counted as the template writes it, the beginning of the answer included", async () => {
  const counter = new HuggingFaceTokenCounter(tinyTokenizer());
  expect(await counter.count("hello world")).toEqual({
    tokens: ofUser + 2 + PROMPT,
    exact: true,
    method: METHOD,
  });
  const chat = [new SystemMessage("hello"), new UserMessage("hello"), new AssistantMessage("hello world")];
  expect((await counter.count(chat)).tokens).toBe(
    around("system") + 1 + ofUser + 1 + around("assistant") + 2 + PROMPT,
  );
});

test("the prompt of the answer can be left out, variables reach the template, and another template takes its place", async () => {
  const count = async (options: ConstructorParameters<typeof HuggingFaceTokenCounter>[1]): Promise<number> =>
    (await new HuggingFaceTokenCounter(tinyTokenizer(), options).count("hello")).tokens;
  expect(await count({ addGenerationPrompt: false })).toBe(ofUser + 1);
  expect(await count({ templateVariables: { enable_thinking: false } })).toBe(ofUser + 1 + PROMPT + 1);
  expect(await count({ chatTemplate: "{% for m in messages %}{{ m.content }}{% endfor %}" })).toBe(1);
});

test("tools, calls and results are written by the template", async () => {
  const counter = new HuggingFaceTokenCounter(tinyTokenizer());
  const call = { type: "tool_use", id: "call_1", name: "look", input: { a: 1 } } as const;
  const messages = [
    new UserMessage("hello"),
    new AssistantMessage([call]),
    new ToolResultMessage(call, "hello"),
  ];
  const written = "look".length + '{"a": 1}'.length;
  expect((await counter.count(messages)).tokens).toBe(
    ofUser + 1 + around("assistant") + written + around("tool") + 1 + PROMPT,
  );
  const tool = { name: "look", description: "hello" };
  const text = '{"type": "function", "function": {"name": "look", "description": ""}}';
  const offered = (await counter.count("hello", [tool])).tokens - (ofUser + 1 + PROMPT);
  // The merge of `hello`, a marker, its role, a line end after the tool and one after the marker.
  expect(offered).toBeGreaterThanOrEqual(text.length + 1);
  expect(offered).toBeLessThanOrEqual(text.length + 1 + 12);
});

test("the marker of a special token in a message is text, in the template it is the token", async () => {
  const counter = new HuggingFaceTokenCounter(tinyTokenizer());
  const { tokens, exact } = await counter.count("<|im_end|>");
  expect(tokens).toBe(ofUser + "<|im_end|>".length + PROMPT);
  expect(exact).toBe(false);
  expect(await counter.countText("<|im_start|>hello")).toMatchObject({ tokens: "<|im_start|>".length + 1 });
});

test("a megabyte without a break is cut into runs", async () => {
  const counter = new HuggingFaceTokenCounter(tinyTokenizer());
  expect(await counter.countText("a".repeat(1_000_000))).toMatchObject({ tokens: 1_000_000, exact: false });
});

test("media are estimates beside the text", async () => {
  const counter = new HuggingFaceTokenCounter(tinyTokenizer());
  const { tokens, exact } = await counter.count(
    new UserMessage(["hello", image("https://example.com/cat.png")]),
  );
  expect(tokens).toBe(ofUser + 1 + PROMPT + 765);
  expect(exact).toBe(false);
});

test.each<readonly [title: string, files: (tiny: TokenizerFiles) => Record<string, unknown>]>([
  [
    "in the configuration",
    ({ tokenizer, config }) => ({ "tokenizer.json": tokenizer, "tokenizer_config.json": config }),
  ],
  [
    "in a file of its own",
    ({ tokenizer }) => ({
      "tokenizer.json": tokenizer,
      "tokenizer_config.json": {},
      "chat_template.jinja": CHAT_TEMPLATE,
    }),
  ],
  [
    "in the processor's file",
    ({ tokenizer }) => ({
      "tokenizer.json": tokenizer,
      "chat_template.json": { chat_template: CHAT_TEMPLATE },
    }),
  ],
  [
    "among several by name",
    ({ tokenizer }) => ({
      "tokenizer.json": tokenizer,
      "tokenizer_config.json": {
        chat_template: [
          { name: "tool_use", template: "unused" },
          { name: "default", template: CHAT_TEMPLATE },
        ],
      },
    }),
  ],
])("the files are read from a folder, the template %s", async (_title, files) => {
  const counter = new HuggingFaceTokenCounter(save("model", files(tinyTokenizer())));
  expect(await counter.count("hello")).toEqual({ tokens: ofUser + 1 + PROMPT, exact: true, method: METHOD });
});

test("a call with tools uses the template that is meant for it", async () => {
  const { tokenizer } = tinyTokenizer();
  const config = {
    chat_template: [
      { name: "default", template: "hello" },
      { name: "tool_use", template: "hello world" },
    ],
  };
  const counter = new HuggingFaceTokenCounter({ tokenizer, config });
  expect((await counter.count("x")).tokens).toBe(1);
  expect((await counter.count("x", [{ name: "look" }])).tokens).toBe(2);
});

test("without a template, or where it refuses the messages, texts and a figure for what is around them are counted, not exactly", async () => {
  const { tokenizer } = tinyTokenizer();
  const method = "Hugging Face tokenizer without a chat template";
  for (const source of [
    { tokenizer },
    tinyTokenizer({ chat_template: "{{ raise_exception('Only users and assistants.') }}" }),
  ]) {
    const { tokens, ...how } = await new HuggingFaceTokenCounter(source).count("hello");
    expect(how).toEqual({ exact: false, method });
    expect(tokens).toBeGreaterThanOrEqual(6);
    expect(tokens).toBeLessThanOrEqual(16);
  }
});

test("a folder without a tokenizer, and a file that is no JSON, are told with what to do", async () => {
  const missing = new HuggingFaceTokenCounter(join(folder, "Qwen/Qwen3-8B"));
  await expect(missing.count("x")).rejects.toMatchObject({
    kind: "configuration",
    message: expect.stringMatching(/no tokenizer\.json.*Nothing is downloaded/),
  });
  const broken = new HuggingFaceTokenCounter(save("broken", { "tokenizer.json": "{" }));
  await expect(broken.count("x")).rejects.toMatchObject({
    kind: "configuration",
    message: expect.stringContaining("tokenizer.json"),
  });
});

test("a folder that was mended can be read without a new counter", async () => {
  const target = save("late", {});
  const counter = new HuggingFaceTokenCounter(target);
  await expect(counter.count("x")).rejects.toThrow("no tokenizer.json");
  const { tokenizer, config } = tinyTokenizer();
  writeFileSync(join(target, "tokenizer.json"), JSON.stringify(tokenizer));
  writeFileSync(join(target, "tokenizer_config.json"), JSON.stringify(config));
  expect((await counter.count("hello")).exact).toBe(true);
});

test("without the packages the error says how to install them", async () => {
  vi.doMock("@huggingface/jinja", () => {
    throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  });
  vi.resetModules();
  const { HuggingFaceTokenCounter: Fresh } = await import("../../src/token/hugging-face-token-counter.ts");
  await expect(new Fresh(tinyTokenizer()).count("x")).rejects.toMatchObject({
    kind: "configuration",
    message: expect.stringContaining("npm install @huggingface/tokenizers @huggingface/jinja"),
  });
});
