/**
 * The Gemini wire (`generateContent` and `streamGenerateContent`): what we write and what we read, in the wire's own
 * spelling. Checked against the types of npm `@google/genai` 2.32 and Google's API reference, 2026-11.
 */
import type { SchemaDialect } from "../tool/schema-dialects.ts";

/** What a part may have beside its content. */
interface GeminiPartDetails {
  /** Whether the part is a summary of the model's thinking. */
  thought?: boolean;
  /** Opaque; goes back on the part that it came with. */
  thoughtSignature?: string;
}

export interface GeminiTextPart extends GeminiPartDetails {
  text: string;
}

export interface GeminiMediaPart extends GeminiPartDetails {
  inlineData?: { mimeType: string; data: string };
  fileData?: { fileUri: string; mimeType?: string };
  videoMetadata?: { startOffset?: string; endOffset?: string; fps?: number };
  mediaResolution?: {
    level?: GeminiMediaResolution | "MEDIA_RESOLUTION_ULTRA_HIGH";
    numTokens?: number;
  };
  /** How the model looks at a video: at frames in fixed intervals, or where it wants to. */
  mediaProcessing?: "STATIC" | "AGENTIC";
}

export interface GeminiCallPart extends GeminiPartDetails {
  functionCall: { id?: string; name: string; args: Record<string, unknown> };
}

export interface GeminiResponsePart extends GeminiPartDetails {
  functionResponse: { id?: string; name: string; response: Record<string, unknown> };
}

/** A part that only Google's own tools make, sent back as it came. */
export interface GeminiServerPart extends GeminiPartDetails {
  executableCode?: Record<string, unknown>;
  codeExecutionResult?: Record<string, unknown>;
  toolCall?: Record<string, unknown>;
  toolResponse?: Record<string, unknown>;
}

export type GeminiPart =
  | GeminiTextPart
  | GeminiMediaPart
  | GeminiCallPart
  | GeminiResponsePart
  | GeminiServerPart;

export interface GeminiContent {
  role: "user" | "model";
  parts: GeminiPart[];
}

/** What stands above the conversation. On the wire it has a field of its own: the model lifts it out of the messages. */
export interface GeminiInstruction {
  role: "system";
  parts: GeminiTextPart[];
}

/** A message as the formatters make it. */
export type GeminiMessage = GeminiContent | GeminiInstruction;

export interface GeminiFunctionDeclaration {
  name: string;
  description?: string;
  /** Of the two forms only one may be sent: OpenAPI's subset, or JSON Schema. */
  parameters?: Record<string, unknown>;
  parametersJsonSchema?: Record<string, unknown>;
}

/** Google's own tools. They run with Google; what they did comes back within the answer. */
export interface GeminiBuiltinTool {
  googleSearch?: Record<string, unknown>;
  googleSearchRetrieval?: Record<string, unknown>;
  enterpriseWebSearch?: Record<string, unknown>;
  googleMaps?: Record<string, unknown>;
  urlContext?: Record<string, unknown>;
  codeExecution?: Record<string, unknown>;
  fileSearch?: { fileSearchStoreNames?: string[]; metadataFilter?: string; topK?: number };
  computerUse?: Record<string, unknown>;
  retrieval?: Record<string, unknown>;
  exaAiSearch?: Record<string, unknown>;
  parallelAiSearch?: Record<string, unknown>;
  mcpServers?: Record<string, unknown>[];
}

export interface GeminiTool extends GeminiBuiltinTool {
  functionDeclarations?: GeminiFunctionDeclaration[];
}

export interface GeminiToolConfig {
  functionCallingConfig?: {
    mode?: "AUTO" | "ANY" | "NONE" | "VALIDATED";
    /** Only with `ANY` and `VALIDATED`. */
    allowedFunctionNames?: string[];
    streamFunctionCallArguments?: boolean;
  };
  retrievalConfig?: { latLng?: { latitude?: number; longitude?: number }; languageCode?: string };
  /** Needed for Google's tools beside functions on the Gemini API; Vertex AI does not know it. */
  includeServerSideToolInvocations?: boolean;
}

export interface GeminiThinkingConfig {
  includeThoughts?: boolean;
  /** Up to Gemini 2.5; -1 leaves it to the model, 0 is off. Never beside `thinkingLevel`. */
  thinkingBudget?: number;
  /** From Gemini 3 on. */
  thinkingLevel?: "MINIMAL" | "LOW" | "MEDIUM" | "HIGH";
}

export type GeminiMediaResolution =
  | "MEDIA_RESOLUTION_LOW"
  | "MEDIA_RESOLUTION_MEDIUM"
  | "MEDIA_RESOLUTION_HIGH";

export interface GeminiSpeechConfig {
  voiceConfig?: { prebuiltVoiceConfig?: { voiceName?: string } };
  multiSpeakerVoiceConfig?: {
    speakerVoiceConfigs?: {
      speaker?: string;
      voiceConfig?: { prebuiltVoiceConfig?: { voiceName?: string } };
    }[];
  };
  languageCode?: string;
}

export interface GeminiImageConfig {
  aspectRatio?: string;
  imageSize?: string;
  personGeneration?: string;
  /** Vertex AI only, as are those below. */
  outputMimeType?: string;
  outputCompressionQuality?: number;
}

export interface GeminiGenerationConfig {
  temperature?: number;
  topP?: number;
  topK?: number;
  /** Thoughts count in it. */
  maxOutputTokens?: number;
  stopSequences?: string[];
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  responseLogprobs?: boolean;
  logprobs?: number;
  responseMimeType?: string;
  responseSchema?: Record<string, unknown>;
  responseJsonSchema?: Record<string, unknown>;
  thinkingConfig?: GeminiThinkingConfig;
  candidateCount?: number;
  responseModalities?: GeminiModality[];
  speechConfig?: GeminiSpeechConfig;
  imageConfig?: GeminiImageConfig;
  mediaResolution?: GeminiMediaResolution;
  audioTimestamp?: boolean;
  audioTranscriptionConfig?: Record<string, unknown>;
  enableEnhancedCivicAnswers?: boolean;
  routingConfig?: Record<string, unknown>;
}

export type GeminiModality = "TEXT" | "IMAGE" | "AUDIO" | "VIDEO";

export interface GeminiSafetySetting {
  category:
    | "HARM_CATEGORY_HARASSMENT"
    | "HARM_CATEGORY_HATE_SPEECH"
    | "HARM_CATEGORY_SEXUALLY_EXPLICIT"
    | "HARM_CATEGORY_DANGEROUS_CONTENT"
    | "HARM_CATEGORY_CIVIC_INTEGRITY"
    | "HARM_CATEGORY_JAILBREAK"
    // Vertex AI only.
    | "HARM_CATEGORY_IMAGE_HATE"
    | "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT"
    | "HARM_CATEGORY_IMAGE_HARASSMENT"
    | "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT";
  threshold: "BLOCK_LOW_AND_ABOVE" | "BLOCK_MEDIUM_AND_ABOVE" | "BLOCK_ONLY_HIGH" | "BLOCK_NONE" | "OFF";
  /** Vertex AI only. */
  method?: "SEVERITY" | "PROBABILITY";
}

export interface GeminiRequest {
  systemInstruction?: { parts: GeminiTextPart[] };
  contents: GeminiContent[];
  tools?: GeminiTool[];
  toolConfig?: GeminiToolConfig;
  generationConfig?: GeminiGenerationConfig;
  safetySettings?: GeminiSafetySetting[];
  cachedContent?: string;
  labels?: Record<string, string>;
  serviceTier?: "flex" | "standard" | "priority";
  store?: boolean;
  continuationToken?: string;
  modelArmorConfig?: { promptTemplateName?: string; responseTemplateName?: string };
}

/** Options that only this wire has, for `providerOptions.gemini`; each is the request field of the same name. */
export interface GeminiOptions {
  safetySettings?: GeminiSafetySetting[];
  /** Google's own tools, for example `[{ googleSearch: {} }]`; they stand beside the tools of the call. */
  tools?: GeminiBuiltinTool[];
  retrievalConfig?: GeminiToolConfig["retrievalConfig"];
  /** Whether what Google's tools did comes back. @default true where they stand beside functions on the Gemini API */
  includeServerSideToolInvocations?: boolean;
  /** Whether arguments come piece by piece (Vertex AI only). */
  streamFunctionCallArguments?: boolean;
  /** `cachedContents/{id}`: a cache holds its own instructions and tools, so none can be sent beside it. */
  cachedContent?: string;
  /** Whether summaries of the thinking are shown. @default true for models that think */
  includeThoughts?: boolean;
  /** How many answers to make; they come in `response.choices`. */
  candidateCount?: number;
  responseModalities?: GeminiModality[];
  speechConfig?: GeminiSpeechConfig;
  imageConfig?: GeminiImageConfig;
  mediaResolution?: GeminiMediaResolution;
  /** On Vertex AI only. */
  audioTimestamp?: boolean;
  /** How speech in the prompt is written down. */
  audioTranscriptionConfig?: Record<string, unknown>;
  /** On the Gemini API only. */
  enableEnhancedCivicAnswers?: boolean;
  /** Which model answers, on Vertex AI only. */
  routingConfig?: Record<string, unknown>;
  /** For the bill, on Vertex AI only. */
  labels?: Record<string, string>;
  serviceTier?: "flex" | "standard" | "priority";
  /** On the Gemini API only. */
  store?: boolean;
  /** `metadata.continuationToken` of an answer that stopped with `CONTINUATION`: the same request goes on from there. */
  continuationToken?: string;
  /** Who screens prompt and answer, on Vertex AI only: no `safetySettings` then. */
  modelArmorConfig?: { promptTemplateName?: string; responseTemplateName?: string };
}

/** What differs between the servers of this wire. */
export interface GeminiSwitches {
  /** Whether the ids of tool calls go back. */
  readonly callIds: boolean;
  /** How schemas are sent: as JSON Schema, or in the OpenAPI subset that older servers take. */
  readonly schemaDialect: Extract<SchemaDialect, "gemini-json" | "gemini">;
  /** Whether Google's tools beside functions are asked to show what they did. */
  readonly serverSideToolInvocations: boolean;
  /** Whether tokens are counted of a whole request; otherwise of the fields that stand for its prompt. */
  readonly countsRequests: boolean;
}

/** The Gemini API's own. */
export const GEMINI_SWITCHES: GeminiSwitches = {
  callIds: true,
  schemaDialect: "gemini-json",
  serverSideToolInvocations: true,
  countsRequests: true,
};

/** Vertex AI's: some of its models refuse ids, and the flag of Google's tools is not known there. */
export const VERTEX_SWITCHES: GeminiSwitches = {
  callIds: false,
  schemaDialect: "gemini-json",
  serverSideToolInvocations: false,
  countsRequests: false,
};

/** Stands for the signature of a call that another model made, where one is required (Google's notes on Gemini 3). */
export const FOREIGN_SIGNATURE = "skip_thought_signature_validator";

/*
 * What we read. Every field may be missing or of another type: a reader looks at what it needs and checks it.
 */

/** A value at a place in the arguments of a call that comes piece by piece. */
export interface GeminiPartialArg {
  jsonPath?: unknown;
  stringValue?: unknown;
  numberValue?: unknown;
  boolValue?: unknown;
  nullValue?: unknown;
  willContinue?: unknown;
}

export interface GeminiFunctionCall {
  id?: unknown;
  name?: unknown;
  args?: unknown;
  partialArgs?: readonly (GeminiPartialArg | null)[] | null;
  willContinue?: unknown;
}

/** A part of an answer; kinds that are not named here are kept as they come. */
export interface GeminiAnswerPart {
  text?: unknown;
  thought?: unknown;
  thoughtSignature?: unknown;
  functionCall?: GeminiFunctionCall | null;
  inlineData?: { mimeType?: unknown; data?: unknown } | null;
  fileData?: { mimeType?: unknown; fileUri?: unknown } | null;
  executableCode?: { language?: unknown; code?: unknown } | null;
  codeExecutionResult?: { outcome?: unknown; output?: unknown } | null;
}

export interface GeminiCandidate {
  index?: unknown;
  content?: { parts?: readonly (GeminiAnswerPart | null)[] | null } | null;
  finishReason?: unknown;
  finishMessage?: unknown;
  safetyRatings?: unknown;
  citationMetadata?: { citationSources?: unknown; citations?: unknown } | null;
  groundingMetadata?: unknown;
  urlContextMetadata?: unknown;
  avgLogprobs?: unknown;
  logprobsResult?: { chosenCandidates?: unknown; topCandidates?: unknown } | null;
  /** Where the same request would go on. */
  continuationToken?: unknown;
}

export interface GeminiUsage {
  promptTokenCount?: unknown;
  candidatesTokenCount?: unknown;
  thoughtsTokenCount?: unknown;
  toolUsePromptTokenCount?: unknown;
  cachedContentTokenCount?: unknown;
  totalTokenCount?: unknown;
}

/** One event of a stream, or a whole answer: they are the same. */
export interface GeminiEvent {
  candidates?: readonly (GeminiCandidate | null)[] | null;
  promptFeedback?: { blockReason?: unknown } | null;
  usageMetadata?: GeminiUsage | null;
  modelVersion?: unknown;
  /** Whether the model will be retired, and when. */
  modelStatus?: unknown;
  responseId?: unknown;
  error?: unknown;
}
