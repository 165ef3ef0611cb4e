/** A few of those that people pull, with and without thinking, tools and eyes. */
export const OLLAMA_MODELS: readonly string[] = [
  "qwen3:14b",
  "gpt-oss:20b",
  "gemma3:4b",
  "llama3.2:3b",
  "qwen3-vl:8b",
];

const THINKS =
  /deepseek-(?:r1|v[34])|gpt-oss|glm-|magistral|qwen3(?!-coder)(?!.*instruct)|kimi-k2(?:-thinking|\.)|minimax|nemotron-3|thinking|reasoner/;
const HAS_NO_TOOLS = /gemma[23]?[:-]|gemma[23]?$|llama2|codellama|phi[:3]|llava|moondream|deepseek-llm/;
const SEES = /vl[:-]|vl$|llava|vision|gemma[34]|llama4|ministral|kimi-k2\.|qwen3\.5|moondream|gemini/;

/** What a model can do, by its name and in the words of `/api/show`. Source: the marks in Ollama's library, checked 2026-11. */
export function ollamaCapabilities(model: string): readonly string[] {
  return [
    "completion",
    ...(HAS_NO_TOOLS.test(model) ? [] : ["tools"]),
    ...(SEES.test(model) ? ["vision"] : []),
    ...(THINKS.test(model) ? ["thinking"] : []),
  ];
}

/** The family stands before the size: `qwen3` of `qwen3:14b`. */
export function ollamaFamily(model: string): string {
  return model.split(/[:/]/, 1)[0] ?? model;
}
