import type { ModelFacts } from "./model-facts.ts";

/** What a name tells of a model that the catalogue does not know: allow-lists rot, and an unknown name is mostly a newer model. */
export interface NamePattern {
  readonly provider: string;
  readonly name: RegExp;
  readonly facts: Partial<ModelFacts>;
}

/** The first that matches counts. Sources: OpenAI's API reference and model pages, checked 2026-11. */
export const NAME_PATTERNS: readonly NamePattern[] = [
  { provider: "openai", name: /embedding/, facts: { kind: "embedding" } },
  { provider: "openai", name: /^(?:tts-|gpt-.*-tts)/, facts: { kind: "tts" } },
  { provider: "openai", name: /^(?:whisper|gpt-.*-transcribe)/, facts: { kind: "transcription" } },
  { provider: "openai", name: /^(?:dall-e|gpt-image|chatgpt-image|sora)/, facts: { kind: "image" } },
  { provider: "openai", name: /realtime/, facts: { kind: "realtime" } },
  {
    provider: "openai",
    name: /^gpt-(?:audio|4o(?:-mini)?-audio)/,
    facts: { inputs: ["text", "audio"], outputs: ["text", "audio"] },
  },
  {
    provider: "openai",
    name: /^o\d/,
    facts: { reasoning: true, sampling: false, effort: ["low", "medium", "high"] },
  },
  { provider: "openai", name: /^gpt-5-chat/, facts: { reasoning: false } },
  {
    provider: "openai",
    name: /^gpt-5(?!\.)/,
    facts: { reasoning: true, sampling: false, effort: ["minimal", "low", "medium", "high"] },
  },
  {
    provider: "openai",
    name: /^gpt-5\./,
    facts: { reasoning: true, sampling: "effort_none", effort: ["none", "low", "medium", "high", "xhigh"] },
  },
  {
    provider: "openai",
    name: /^gpt-(?:[6-9]|\d\d)/,
    facts: { reasoning: true, sampling: false, effort: ["none", "low", "medium", "high", "xhigh"] },
  },
  // DeepSeek's, Moonshot's and xAI's API documentation, checked 2026-11.
  {
    provider: "deepseek",
    name: /^deepseek-/,
    facts: {
      reasoning: true,
      schema: false,
      sampling: "effort_none",
      effort: ["none", "low", "high", "max"],
    },
  },
  {
    provider: "kimi",
    name: /^moonshot-v1-.*-vision/,
    facts: { reasoning: false, inputs: ["text", "image"] },
  },
  { provider: "kimi", name: /^moonshot-/, facts: { reasoning: false, inputs: ["text"] } },
  {
    provider: "kimi",
    name: /^kimi-k(?:[3-9]|\d\d)/,
    facts: { reasoning: true, schema: true, sampling: false, effort: ["low", "high", "max"] },
  },
  { provider: "kimi", name: /^kimi-/, facts: { reasoning: true, schema: true, sampling: false } },
  { provider: "xai", name: /non-reasoning/, facts: { reasoning: false } },
  { provider: "xai", name: /^grok-imagine/, facts: { kind: "image" } },
  {
    provider: "xai",
    name: /^grok-/,
    facts: { reasoning: true, schema: true },
  },
];
