import type { JsonSchema } from "../../tool/tool-schema.ts";

/** How the options of a provider's chat models are described, before what a model lacks is taken away. */
export interface ProviderParameters {
  /** JSON Schemas by the name of the option. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  /** What reasoning models refuse. */
  readonly notWithReasoning: readonly string[];
  /** Media the wire can carry by the sources' word for it. */
  readonly mediaTypes: Readonly<Record<string, readonly string[]>>;
  /** Whether the provider shows the reasoning text of its reasoning models. */
  readonly showsReasoning: boolean;
  /** The role of instructions for reasoning models. */
  readonly reasoningSystemRole: "system" | "developer";
}

/** Every option that samples: refused as a group by models that do not sample freely. */
export const SAMPLING_PARAMETERS: readonly string[] = [
  "temperature",
  "topP",
  "topK",
  "frequencyPenalty",
  "presencePenalty",
  "logprobs",
  "topLogprobs",
];

/** The options that have a field on the OpenAI chat wire. */
type ChatOption =
  | "temperature"
  | "topP"
  | "topK"
  | "maxTokens"
  | "stop"
  | "seed"
  | "frequencyPenalty"
  | "presencePenalty"
  | "toolChoice"
  | "parallelToolCalls"
  | "thinking"
  | "responseFormat"
  | "logprobs"
  | "topLogprobs";

/** As OpenAI describes them. */
const CHAT_OPTIONS: Readonly<Record<ChatOption, JsonSchema>> = {
  temperature: { type: "number", minimum: 0, maximum: 2 },
  topP: { type: "number", minimum: 0, maximum: 1 },
  topK: { type: "integer", minimum: 1 },
  maxTokens: { type: "integer", minimum: 1 },
  stop: stopTexts(4),
  seed: { type: "integer" },
  frequencyPenalty: { type: "number", minimum: -2, maximum: 2 },
  presencePenalty: { type: "number", minimum: -2, maximum: 2 },
  toolChoice: { anyOf: [{ enum: ["auto", "none", "required"] }, { type: "object" }] },
  parallelToolCalls: { type: "boolean" },
  thinking: { type: "object", properties: { enabled: { type: "boolean" }, effort: { type: "string" } } },
  responseFormat: { type: "object" },
  logprobs: { type: "boolean" },
  topLogprobs: { type: "integer", minimum: 0, maximum: 20 },
};

/** Media the wire can carry, by the sources' word for it. */
const CHAT_MEDIA: Readonly<Record<"text" | "image" | "audio" | "video" | "pdf", readonly string[]>> = {
  text: ["text/plain"],
  image: ["image/png", "image/jpeg", "image/gif", "image/webp"],
  audio: ["audio/wav", "audio/mpeg"],
  video: ["video/mp4", "video/mpeg", "video/quicktime", "video/webm"],
  pdf: ["application/pdf"],
};

/** What the chat models of a server on the OpenAI chat wire take of it. */
export interface CompatibleParameters {
  /** Options that the server has no field for. @default none */
  readonly without?: readonly ChatOption[];
  /** What it says of options otherwise than OpenAI. */
  readonly changed?: Readonly<Partial<Record<ChatOption, JsonSchema>>>;
  /** Whether it takes cache breakpoints. @default false */
  readonly cacheControl?: boolean;
  readonly media: readonly (keyof typeof CHAT_MEDIA)[];
  /** What its reasoning models refuse. @default nothing */
  readonly notWithReasoning?: readonly string[];
  /** Whether reasoning models show their reasoning. @default true */
  readonly showsReasoning?: boolean;
  /** @default "system" */
  readonly reasoningSystemRole?: "system" | "developer";
}

/** The parameters of a server on the OpenAI chat wire, from what it does not take of that wire. */
export function compatibleParameters(server: CompatibleParameters): ProviderParameters {
  const { without = [], changed = {}, media } = server;
  const properties: Record<string, JsonSchema> = { ...CHAT_OPTIONS, ...changed };
  for (const name of without) delete properties[name];
  if (server.cacheControl) properties["cacheControl"] = CACHE_CONTROL;
  return {
    properties,
    notWithReasoning: server.notWithReasoning ?? [],
    mediaTypes: Object.fromEntries(media.map((medium) => [medium, CHAT_MEDIA[medium]])),
    showsReasoning: server.showsReasoning ?? true,
    reasoningSystemRole: server.reasoningSystemRole ?? "system",
  };
}

/** One text that ends the answer, or several, or up to so many. */
export function stopTexts(maxItems?: number): JsonSchema {
  const texts = { type: "array", items: { type: "string" }, ...(maxItems !== undefined && { maxItems }) };
  return { anyOf: [{ type: "string" }, texts] };
}

/** Where prompt caches end: everywhere that is usual, or in the places named. */
export const CACHE_CONTROL: JsonSchema = { anyOf: [{ type: "boolean" }, { type: "object" }] };

/** Thinking by a level, or by a count of tokens. */
export const THINKING_WITH_BUDGET: JsonSchema = {
  type: "object",
  properties: {
    enabled: { type: "boolean" },
    effort: { type: "string" },
    budgetTokens: { type: "integer", minimum: 0 },
  },
};

/** OpenAI's API reference, checked 2026-11. */
const OPENAI: ProviderParameters = compatibleParameters({
  without: ["topK"],
  media: ["text", "image", "audio", "pdf"],
  notWithReasoning: ["stop"],
  showsReasoning: false,
  reasoningSystemRole: "developer",
});

/** Ollama's API documentation, checked 2026-11. The server itself sets no bounds. */
const OLLAMA: ProviderParameters = {
  properties: {
    temperature: { type: "number", minimum: 0 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    topK: { type: "integer", minimum: 0 },
    maxTokens: { type: "integer", minimum: 1 },
    stop: stopTexts(),
    seed: { type: "integer" },
    frequencyPenalty: { type: "number", minimum: -2, maximum: 2 },
    presencePenalty: { type: "number", minimum: -2, maximum: 2 },
    toolChoice: { anyOf: [{ enum: ["auto", "none"] }, { type: "object" }] },
    // A level only where the model's own facts name its levels: others refuse them.
    thinking: { type: "object", properties: { enabled: { type: "boolean" } } },
    responseFormat: { type: "object" },
    logprobs: { type: "boolean" },
    topLogprobs: { type: "integer", minimum: 0, maximum: 20 },
  },
  notWithReasoning: [],
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/webp"],
    audio: ["audio/wav"],
    // Some models see moving pictures, but the wire carries none.
    video: [],
  },
  showsReasoning: true,
  reasoningSystemRole: "system",
};

/** Anthropic's API reference, checked 2026-11. */
const ANTHROPIC: ProviderParameters = {
  properties: {
    temperature: { type: "number", minimum: 0, maximum: 1 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    topK: { type: "integer", minimum: 1 },
    maxTokens: { type: "integer", minimum: 1 },
    stop: stopTexts(),
    toolChoice: { anyOf: [{ enum: ["auto", "none", "required"] }, { type: "object" }] },
    parallelToolCalls: { type: "boolean" },
    thinking: {
      type: "object",
      properties: {
        enabled: { type: "boolean" },
        budgetTokens: { type: "integer", minimum: 1024 },
        effort: { type: "string", enum: ["none", "low", "medium", "high", "xhigh", "max"] },
      },
    },
    responseFormat: { type: "object" },
    cacheControl: CACHE_CONTROL,
  },
  notWithReasoning: [],
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/gif", "image/webp"],
    pdf: ["application/pdf"],
  },
  showsReasoning: true,
  reasoningSystemRole: "system",
};

/** Google's API reference, checked 2026-11. Penalties are refused by the current models of the Gemini API. */
const GEMINI: ProviderParameters = {
  properties: {
    temperature: { type: "number", minimum: 0, maximum: 2 },
    topP: { type: "number", minimum: 0, maximum: 1 },
    topK: { type: "integer", minimum: 1 },
    maxTokens: { type: "integer", minimum: 1 },
    stop: stopTexts(5),
    seed: { type: "integer" },
    toolChoice: { anyOf: [{ enum: ["auto", "none", "required"] }, { type: "object" }] },
    thinking: {
      type: "object",
      properties: {
        enabled: { type: "boolean" },
        budgetTokens: { type: "integer", minimum: 0 },
        effort: { type: "string", enum: ["minimal", "low", "medium", "high"] },
      },
    },
    responseFormat: { type: "object" },
    logprobs: { type: "boolean" },
    topLogprobs: { type: "integer", minimum: 0, maximum: 20 },
  },
  notWithReasoning: [],
  mediaTypes: {
    text: ["text/plain"],
    image: ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"],
    audio: ["audio/wav", "audio/mpeg", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac", "audio/mp4"],
    video: [
      "video/mp4",
      "video/mpeg",
      "video/quicktime",
      "video/x-msvideo",
      "video/x-flv",
      "video/webm",
      "video/wmv",
      "video/3gpp",
    ],
    pdf: ["application/pdf"],
  },
  showsReasoning: true,
  reasoningSystemRole: "system",
};

/** By provider. */
export const PROVIDER_PARAMETERS: Readonly<Record<string, ProviderParameters>> = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  ollama: OLLAMA,
};
