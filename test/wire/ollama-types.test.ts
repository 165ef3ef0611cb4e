import type { ChatRequest, Message, Options, Tool, ToolCall } from "ollama";
import { expectTypeOf, test } from "vitest";
import type {
  OllamaChatEvent,
  OllamaChatRequest,
  OllamaMessage,
  OllamaRuntimeOptions,
  OllamaTool,
  OllamaToolCall,
} from "../../src/wire/ollama.ts";

test("what we write is what the official client's types allow", () => {
  // Levels are the model's own matter: the client knows three of them.
  expectTypeOf<Omit<OllamaChatRequest, "think">>().toExtend<ChatRequest>();
  expectTypeOf<NonNullable<ChatRequest["think"]>>().toExtend<NonNullable<OllamaChatRequest["think"]>>();
  expectTypeOf<OllamaMessage>().toExtend<Message>();
  expectTypeOf<OllamaToolCall>().toExtend<ToolCall>();
  expectTypeOf<OllamaTool>().toExtend<Tool>();
  expectTypeOf<OllamaRuntimeOptions>().toExtend<Partial<Options>>();
});

test("every field of a request is known, and what is more is newer than the client", () => {
  type Unknown = Exclude<keyof ChatRequest, keyof OllamaChatRequest>;
  expectTypeOf<Unknown>().toEqualTypeOf<never>();
  type Newer = Exclude<keyof OllamaChatRequest, keyof ChatRequest>;
  expectTypeOf<Newer>().toEqualTypeOf<"truncate" | "shift">();
});

test("every runtime option is known, but for those that the server has long ceased to read", () => {
  type Unknown = Exclude<keyof Options, keyof OllamaRuntimeOptions>;
  expectTypeOf<Unknown>().toEqualTypeOf<
    "low_vram" | "f16_kv" | "logits_all" | "vocab_only" | "use_mlock" | "embedding_only"
  >();
  expectTypeOf<Exclude<keyof OllamaRuntimeOptions, keyof Options>>().toEqualTypeOf<never>();
});

test("every field of an answer is known, but for the time it was made", () => {
  type Answer = Awaited<ReturnType<typeof import("ollama").default.chat>>;
  type Event = Answer extends AsyncIterable<infer Each> ? Each : Answer;
  expectTypeOf<Exclude<keyof Event, keyof OllamaChatEvent>>().toEqualTypeOf<"created_at">();
});
