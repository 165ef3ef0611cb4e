import type * as Sdk from "@google/genai";
import { expectTypeOf, test } from "vitest";
import type {
  GeminiContent,
  GeminiFunctionDeclaration,
  GeminiGenerationConfig,
  GeminiPart,
  GeminiRequest,
  GeminiSafetySetting,
  GeminiThinkingConfig,
  GeminiTool,
  GeminiToolConfig,
} from "../../src/wire/gemini.ts";

/** The SDK's types with its enums as the words that go over the wire. */
type Wire<Type> = Type extends string
  ? `${Type}`
  : Type extends readonly (infer Item)[]
    ? Wire<Item>[]
    : Type extends object
      ? { [Name in keyof Type]: Wire<Type[Name]> }
      : Type;

test("what we write is what the official SDK's types allow", () => {
  expectTypeOf<GeminiContent>().toExtend<Wire<Sdk.Content>>();
  expectTypeOf<GeminiPart>().toExtend<Wire<Sdk.Part>>();
  expectTypeOf<GeminiTool>().toExtend<Wire<Sdk.Tool>>();
  expectTypeOf<GeminiFunctionDeclaration>().toExtend<Wire<Sdk.FunctionDeclaration>>();
  expectTypeOf<GeminiToolConfig>().toExtend<Wire<Sdk.ToolConfig>>();
  expectTypeOf<GeminiSafetySetting>().toExtend<Wire<Sdk.SafetySetting>>();
  expectTypeOf<GeminiThinkingConfig>().toExtend<Wire<Sdk.ThinkingConfig>>();
  expectTypeOf<Omit<GeminiGenerationConfig, "imageConfig">>().toExtend<Wire<Sdk.GenerationConfig>>();
});

test("every field of the body is one that the SDK's configuration leads to", () => {
  type Known = keyof Sdk.GenerateContentConfig | "contents" | "generationConfig";
  expectTypeOf<Exclude<keyof GeminiRequest, Known>>().toEqualTypeOf<never>();
  expectTypeOf<NonNullable<GeminiRequest["serviceTier"]>>().toExtend<`${Sdk.ServiceTier}`>();
  expectTypeOf<NonNullable<GeminiGenerationConfig["imageConfig"]>>().toExtend<Wire<Sdk.ImageConfig>>();
});

test("every field of the generation's configuration is known, but for those of other APIs and of previews", () => {
  type Unknown = Exclude<keyof Sdk.GenerationConfig, keyof GeminiGenerationConfig>;
  expectTypeOf<Unknown>().toEqualTypeOf<
    "enableAffectiveDialog" | "modelSelectionConfig" | "responseFormat" | "translationConfig"
  >();
});
