import type { ModelFacts } from "./model-facts.ts";

/** A correction of the sources' facts, for all models of a provider whose name matches. */
export interface Override {
  readonly provider: string;
  readonly name: RegExp;
  readonly facts: Partial<ModelFacts>;
  readonly reason: string;
  /** The month in which it was checked. */
  readonly checked: string;
}

/** Corrections, in order; later ones win. */
export const OVERRIDES: readonly Override[] = [
  {
    provider: "anthropic",
    name: /^claude-(?:3|(?:opus|sonnet)-4-(?:[01](?:-|$)|\d{8}))/,
    facts: { schema: false, prefill: true },
    reason: "Before Claude 4.5 answers are not held to a schema, and may be begun; models.dev tells neither.",
    checked: "2026-11",
  },
  {
    provider: "anthropic",
    name: /^claude-(?:opus|sonnet|haiku)-4-5/,
    facts: { schema: true, prefill: true },
    reason: "Structured outputs came with Claude 4.5; models.dev tells of none.",
    checked: "2026-11",
  },
  {
    provider: "anthropic",
    name: /^claude-opus-4-5/,
    facts: { effort: ["none", "low", "medium", "high"] },
    reason: "Thinking can be switched off, which is the effort none.",
    checked: "2026-11",
  },
  {
    provider: "anthropic",
    name: /^claude-sonnet-4-5/,
    facts: { status: "deprecated" },
    reason: "Announced to end on 2026-11-30 (Anthropic's SDK 1.11).",
    checked: "2026-11",
  },
  {
    provider: "anthropic",
    name: /^claude-(?:opus|sonnet)-4-6/,
    facts: {
      schema: true,
      effort: ["none", "low", "medium", "high", "max"],
      adaptiveThinking: true,
      prefill: false,
    },
    reason: "From Claude 4.6 on the model decides how much to think, and an answer cannot be begun for it.",
    checked: "2026-11",
  },
  {
    provider: "anthropic",
    name: /^claude-(?:opus-4-[78]|(?:opus|sonnet|haiku|fable|mythos)-5)/,
    facts: {
      reasoning: true,
      sampling: false,
      schema: true,
      effort: ["none", "low", "medium", "high", "xhigh", "max"],
      adaptiveThinking: true,
      prefill: false,
    },
    reason:
      "After Claude 4.6 sampling options and thinking budgets are refused; the sources lack this, wholly or in part.",
    checked: "2026-11",
  },
  {
    provider: "anthropic",
    name: /^claude-(?:(?:opus|sonnet)-5-5|fable-5|mythos)/,
    facts: { effort: ["low", "medium", "high", "xhigh", "max"], alwaysThinks: true },
    reason: "These models cannot be kept from thinking.",
    checked: "2026-11",
  },
  {
    provider: "gemini",
    name: /^gemini-2\.5-pro/,
    facts: { alwaysThinks: true },
    reason: "Its thinking can be limited but not switched off; models.dev only leaves out the switch.",
    checked: "2026-11",
  },
  {
    provider: "gemini",
    name: /^gemini-[12]/,
    facts: { toolsStandAlone: true },
    reason: "Before Gemini 3 functions go neither with a JSON answer nor with Google's own tools (400).",
    checked: "2026-11",
  },
  {
    provider: "gemini",
    name: /^gemini-(?:[3-9]|\d\d|(?:flash|flash-lite|pro)-latest)/,
    facts: { signedToolCalls: true },
    reason: "From Gemini 3 on a function call without its thought signature is refused (400).",
    checked: "2026-11",
  },
  {
    provider: "gemini",
    name: /^gemini-3\.(?:5-flash-lite|6-flash)/,
    facts: { schema: true, effort: ["minimal", "low", "medium", "high"] },
    reason:
      "AgentScope's cards tell neither; every Gemini 3 takes a schema, and Flash before 3.7 these levels.",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^(?:gpt-(?:4o|4\.1|5)|o1$|o3$|o4)(?!.*(?:audio|realtime|search|transcribe|tts))/,
    facts: { inputs: ["text", "image", "pdf"] },
    reason:
      "Models that see pictures read PDF documents (OpenAI's guide to file inputs); models.dev lists that for some of them only.",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^gpt-5-chat/,
    facts: { reasoning: false, sampling: true },
    reason: "The chat variants of GPT-5 answer without reasoning; models.dev marks them as reasoning models.",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^gpt-5\.\d/,
    facts: { sampling: "effort_none" },
    reason:
      "From GPT-5.1 to GPT-5.x sampling options are taken with effort none; models.dev only says that they are refused.",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^gpt-5\.3-chat/,
    facts: { sampling: true },
    reason: "Listed without reasoning, so nothing stands against sampling.",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^gpt-5\.6-/,
    facts: {
      reasoning: true,
      schema: true,
      effort: ["none", "low", "medium", "high", "xhigh"],
      toolsNeedEffortNone: true,
    },
    reason:
      "AgentScope's cards do not tell; Chat Completions refuses tools together with reasoning on GPT-5.6.",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|\d\d)/,
    facts: { cacheBreakpoints: true },
    reason: "From GPT-5.6 on parts of the content may be marked for the prompt cache (OpenAI's SDK 6.49).",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^(?:gpt-4-turbo|gpt-3\.5-turbo|o1|o3-mini|o4-mini)$/,
    facts: { status: "sunset" },
    reason: "Retired on 2026-10-23 (OpenAI's deprecations page).",
    checked: "2026-11",
  },
  {
    provider: "openai",
    name: /^(?:gpt-5|o3|gpt-4\.1|gpt-4o)$/,
    facts: { status: "deprecated" },
    reason:
      "Announced to end on 2026-12-11 (gpt-5, o3) and 2027-01-14 (gpt-4.1, gpt-4o), OpenAI's deprecations page.",
    checked: "2026-11",
  },
  {
    provider: "deepseek",
    name: /^deepseek-(?:chat|reasoner)$/,
    facts: { status: "sunset" },
    reason: "Retired on 2026-07-24 (DeepSeek's change log).",
    checked: "2026-11",
  },
  {
    provider: "deepseek",
    name: /^deepseek-v4/,
    facts: {
      schema: false,
      sampling: "effort_none",
      logprobsWhileThinking: true,
      effort: ["none", "low", "high", "max"],
      inputs: ["text", "image", "pdf"],
    },
    reason:
      "The API has JSON mode but no JSON schema, knows four levels, reads images and files, and while thinking takes sampling options without effect, but gives log probabilities, of the reasoning too (DeepSeek's API documentation).",
    checked: "2026-11",
  },
  {
    provider: "kimi",
    name: /^kimi-/,
    facts: { sampling: false, schema: true },
    reason:
      "The kimi models sample as Moonshot has fixed it and refuse other values; all take JSON schemas (Moonshot's API documentation).",
    checked: "2026-11",
  },
  {
    provider: "kimi",
    name: /^kimi-k3/,
    facts: { effort: ["low", "high", "max"] },
    reason: "AgentScope's card does not tell the levels (Moonshot's API documentation).",
    checked: "2026-11",
  },
  {
    provider: "kimi",
    name: /^kimi-k(?:2-thinking|2\.7|3)/,
    facts: { alwaysThinks: true },
    reason: "These models always think (Moonshot's API documentation).",
    checked: "2026-11",
  },
  {
    provider: "xai",
    name: /^grok-4\.5/,
    facts: { effort: ["none", "low", "medium", "high"] },
    reason: "models.dev tells that it reasons, but not the levels (xAI's API reference).",
    checked: "2026-11",
  },
  {
    provider: "xai",
    name: /(?<!non)-reasoning$/,
    facts: { effort: [], alwaysThinks: true },
    reason: "A model of one mode: it always thinks, and refuses a level (xAI's API reference).",
    checked: "2026-11",
  },
  {
    provider: "xai",
    name: /^grok-(?!imagine)/,
    facts: { schema: true },
    reason: "All chat models take JSON schemas (xAI's API reference).",
    checked: "2026-11",
  },
  {
    provider: "ollama",
    name: /^deepseek-v4-/,
    facts: { effort: ["none", "high", "max"] },
    reason:
      "models.dev lists a toggle beside the levels: thinking can be switched off, which is effort none.",
    checked: "2026-11",
  },
  {
    provider: "ollama",
    name: /^minimax-m3$/,
    facts: { effort: ["none", "low", "medium", "high", "max"] },
    reason: "As for DeepSeek V4: a toggle beside the levels.",
    checked: "2026-11",
  },
  {
    provider: "ollama",
    name: /^deepseek-r1:14b$/,
    facts: { output: 131_072 },
    reason: "AgentScope's 8192 is its own choice: a server of one's own stops at the context only.",
    checked: "2026-11",
  },
  {
    provider: "ollama",
    name: /^llama4$/,
    facts: { output: 10_485_760 },
    reason: "As for DeepSeek R1: AgentScope's own choice.",
    checked: "2026-11",
  },
  {
    provider: "ollama",
    name: /^qwen3:14b$/,
    facts: { output: 40_960 },
    reason: "As for DeepSeek R1: AgentScope's own choice.",
    checked: "2026-11",
  },
  {
    provider: "ollama",
    name: /^qwen3\.5$/,
    facts: { output: 262_144 },
    reason: "As for DeepSeek R1: AgentScope's own choice.",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /./,
    facts: { schema: false, streamOnly: "while_thinking" },
    reason:
      "JSON mode is all that most models have (Alibaba's page on structured output), and many refuse to think in an answer that is not streamed (its API reference).",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /^qwen3\.[78]-/,
    facts: { schema: true },
    reason: "The families that take a JSON schema (Alibaba's page on structured output).",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /^qwen3\.\d-(?:flash|max)/,
    facts: { budget: [0, null] },
    reason: "AgentScope's cards do not tell that they count thinking tokens as their families do.",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /^(?:qwq|qvq)|omni/,
    facts: { streamOnly: "always" },
    reason: "These refuse calls that are not streamed (Alibaba's pages on deep thinking and Qwen-Omni).",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /^qwen-(?:plus|flash|turbo)|^qwen3-(?:max|vl-plus|vl-flash|omni-flash)/,
    facts: { thinksUnasked: false },
    reason:
      "The commercial models up to Qwen3 think only when they are told to, the open ones and the newer families unless they are told not to (Alibaba's page on deep thinking).",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /^qvq|-vl-(?!ocr|embedding)/,
    facts: { inputs: ["text", "image", "video"] },
    reason:
      "models.dev lists pictures only, or nothing; all of them read videos too (Alibaba's page on visual understanding).",
    checked: "2026-11",
  },
  {
    provider: "dashscope",
    name: /^(?:qwq|qvq)|-thinking/,
    facts: { alwaysThinks: true },
    reason: "These only think, and ignore the switch (Alibaba's page on deep thinking).",
    checked: "2026-11",
  },
];
