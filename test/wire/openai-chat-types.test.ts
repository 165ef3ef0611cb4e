import type OpenAI from "openai";
import { expectTypeOf, test } from "vitest";
import type {
  OpenAIChatRequest,
  OpenAIContentPart,
  OpenAIFunctionTool,
  OpenAIMessage,
  OpenAIResponseFormat,
  OpenAIToolChoice,
} from "../../src/wire/openai-chat.ts";

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParams;

test("what we write is what the official SDK's types allow", () => {
  expectTypeOf<OpenAIChatRequest>().toExtend<Params>();
  expectTypeOf<OpenAIMessage>().toExtend<OpenAI.Chat.Completions.ChatCompletionMessageParam>();
  expectTypeOf<OpenAIContentPart>().toExtend<OpenAI.Chat.Completions.ChatCompletionContentPart>();
  expectTypeOf<OpenAIFunctionTool>().toExtend<OpenAI.Chat.Completions.ChatCompletionTool>();
  expectTypeOf<OpenAIToolChoice>().toExtend<OpenAI.Chat.Completions.ChatCompletionToolChoiceOption>();
  expectTypeOf<OpenAIResponseFormat>().toExtend<NonNullable<Params["response_format"]>>();
});

test("every field of a current chat request is known, but for the deprecated ones and those of other APIs", () => {
  type Unknown = Exclude<keyof Params, keyof OpenAIChatRequest>;
  expectTypeOf<Unknown>().toEqualTypeOf<"functions" | "function_call">();
});
