import type Anthropic from "@anthropic-ai/sdk";
import { expectTypeOf, test } from "vitest";
import type {
  AnthropicAnswer,
  AnthropicAssistantBlock,
  AnthropicEvent,
  AnthropicMessage,
  AnthropicModelInfo,
  AnthropicOutputConfig,
  AnthropicRequest,
  AnthropicThinking,
  AnthropicTool,
  AnthropicToolChoice,
  AnthropicUserBlock,
} from "../../src/wire/anthropic.ts";

type Params = Anthropic.MessageCreateParams;

test("what we write is what the official SDK's types allow", () => {
  expectTypeOf<AnthropicRequest>().toExtend<Params>();
  expectTypeOf<AnthropicMessage>().toExtend<Anthropic.MessageParam>();
  expectTypeOf<AnthropicUserBlock>().toExtend<Anthropic.ContentBlockParam>();
  expectTypeOf<AnthropicAssistantBlock>().toExtend<Anthropic.ContentBlockParam>();
  expectTypeOf<AnthropicTool>().toExtend<Anthropic.Tool>();
  expectTypeOf<AnthropicToolChoice>().toExtend<Anthropic.ToolChoice>();
  expectTypeOf<AnthropicThinking>().toExtend<Anthropic.ThinkingConfigParam>();
  expectTypeOf<AnthropicOutputConfig>().toExtend<Anthropic.OutputConfig>();
});

test("every field of a current request is known, and we know none beside them but the sampling options of our version", () => {
  expectTypeOf<Exclude<keyof Params, keyof AnthropicRequest>>().toEqualTypeOf<never>();
  expectTypeOf<Exclude<keyof AnthropicRequest, keyof Params>>().toEqualTypeOf<
    "temperature" | "top_p" | "top_k"
  >();
});

test("every form of thinking, and every choice of tools, is known", () => {
  expectTypeOf<Anthropic.ThinkingConfigParam["type"]>().toExtend<AnthropicThinking["type"]>();
  expectTypeOf<Anthropic.ToolChoice["type"]>().toExtend<AnthropicToolChoice["type"]>();
  expectTypeOf<NonNullable<Anthropic.OutputConfig["effort"]>>().toExtend<
    NonNullable<AnthropicOutputConfig["effort"]>
  >();
});

test("what the official SDK's types say is sent, our readers take", () => {
  expectTypeOf<Anthropic.RawMessageStreamEvent>().toExtend<AnthropicEvent>();
  expectTypeOf<Anthropic.Message>().toExtend<AnthropicAnswer>();
  expectTypeOf<Anthropic.ModelInfo>().toExtend<AnthropicModelInfo>();
});
