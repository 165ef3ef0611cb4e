import type { ModelFacts } from "./model-facts.ts";

/** What a name tells of a model that the catalogue does not know: allow-lists rot, and an unknown name is mostly a newer model. */
export interface NamePattern {
  readonly provider: string;
  readonly name: RegExp;
  readonly facts: Partial<ModelFacts>;
}

/** The first that matches counts. Sources: each provider's API reference and model pages, checked 2026-11. */
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
  { provider: "gemini", name: /embedding/, facts: { kind: "embedding" } },
  { provider: "gemini", name: /-tts/, facts: { kind: "tts" } },
  { provider: "gemini", name: /-live|native-audio/, facts: { kind: "realtime" } },
  { provider: "gemini", name: /^(?:imagen|veo|lyria)|-image/, facts: { kind: "image" } },
  { provider: "gemini", name: /^gemini-(?:1|2\.0)/, facts: { reasoning: false, schema: true } },
  {
    provider: "gemini",
    name: /^gemini-2\.5-pro/,
    facts: { reasoning: true, schema: true, budget: [128, 32768] },
  },
  { provider: "gemini", name: /^gemini-2\.5/, facts: { reasoning: true, schema: true, budget: [0, 24576] } },
  {
    provider: "gemini",
    name: /^gemini-(?:[3-9]|\d\d)/,
    facts: { reasoning: true, schema: true, effort: ["low", "medium", "high"] },
  },
  { provider: "gemini", name: /^gemini-.*latest$/, facts: { reasoning: true, schema: true } },
  { provider: "gemini", name: /^gemma-(?:[1-3]|3n)/, facts: { reasoning: false, systemRole: "user" } },
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
  { provider: "ollama", name: /embed|minilm|^bge-|^paraphrase-/, facts: { kind: "embedding" } },
  {
    provider: "ollama",
    name: /^gpt-oss/,
    facts: { inputs: ["text"], reasoning: true, effort: ["low", "medium", "high"] },
  },
  {
    provider: "ollama",
    name: /^(?:llava|bakllava|moondream|llama3\.2-vision|minicpm-v|qwen2\.5vl|gemma3(?!n))/,
    facts: { inputs: ["text", "image"], tools: false },
  },
  {
    provider: "ollama",
    name: /^(?:llama4|mistral-small3\.[12]|granite3\.2-vision|ministral-3|devstral-small-2)/,
    facts: { inputs: ["text", "image"] },
  },
  { provider: "ollama", name: /^qwen3-vl.*instruct/, facts: { inputs: ["text", "image"] } },
  { provider: "ollama", name: /^(?:qwen3-vl|gemma4)/, facts: { inputs: ["text", "image"], reasoning: true } },
  { provider: "ollama", name: /^qwen3(?:-coder|.*instruct)/, facts: { inputs: ["text"] } },
  {
    provider: "ollama",
    name: /^(?:qwen3(?![.\d])|deepseek-r1|deepseek-v3\.[12]|magistral|nemotron-3)/,
    facts: { inputs: ["text"], reasoning: true },
  },
  {
    provider: "ollama",
    name: /^(?:llama[23]|mistral|mixtral|qwen2|phi[34]|codellama|granite[34])(?!.*(?:vision|vl))/,
    facts: { inputs: ["text"] },
  },
  { provider: "dashscope", name: /embedding/, facts: { kind: "embedding" } },
  { provider: "dashscope", name: /tts.*realtime/, facts: { kind: "realtime-tts" } },
  { provider: "dashscope", name: /realtime/, facts: { kind: "realtime" } },
  { provider: "dashscope", name: /tts|^(?:cosyvoice|sambert)/, facts: { kind: "tts" } },
  { provider: "dashscope", name: /asr|^(?:paraformer|sensevoice|gummy)/, facts: { kind: "transcription" } },
  { provider: "dashscope", name: /^(?:wanx?\d|wanx|qwen-image|z-image|flux)/, facts: { kind: "image" } },
  {
    provider: "dashscope",
    name: /omni/,
    facts: { inputs: ["text", "image", "audio", "video"], outputs: ["text", "audio"] },
  },
  { provider: "dashscope", name: /^qvq/, facts: { inputs: ["text", "image", "video"], reasoning: true } },
  { provider: "dashscope", name: /-(?:vl|ocr)\b/, facts: { inputs: ["text", "image", "video"] } },
  { provider: "dashscope", name: /^qwen3\.[67]-max|^qwq/, facts: { inputs: ["text"], reasoning: true } },
  {
    // From here on the families read pictures and videos.
    provider: "dashscope",
    name: /^(?:qwen(?:3\.[5-9]|[4-9])|kimi-k(?:2\.[5-9]|[3-9]))/,
    facts: { inputs: ["text", "image", "video"], reasoning: true },
  },
  { provider: "dashscope", name: /^(?:qwen|deepseek|glm|minimax|kimi)/i, facts: { inputs: ["text"] } },
];
