import type { ModelFacts } from "./model-facts.ts";

/** What a name tells of a model that the catalogue does not know: allow-lists rot, and an unknown name is mostly a newer model. */
export interface NamePattern {
  readonly provider: string;
  readonly name: RegExp;
  readonly facts: Partial<ModelFacts>;
}

/** The first that matches counts. Sources: the providers' API references and model pages, checked 2026-11. */
export const NAME_PATTERNS: readonly NamePattern[] = [
  {
    provider: "anthropic",
    name: /^claude-3-7/,
    facts: { reasoning: true, budget: [1024, null], schema: false, prefill: true },
  },
  { provider: "anthropic", name: /^claude-(?:[23]|instant)/, facts: { schema: false, prefill: true } },
  {
    provider: "anthropic",
    name: /^claude-(?:opus|sonnet|haiku)-4(?:-[015])?(?:-\d{8})?$/,
    facts: { reasoning: true, budget: [1024, null], schema: false, prefill: true },
  },
  {
    provider: "anthropic",
    name: /^claude-/,
    facts: {
      reasoning: true,
      sampling: false,
      schema: true,
      effort: ["none", "low", "medium", "high", "xhigh", "max"],
      adaptiveThinking: true,
      prefill: false,
    },
  },
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
];
