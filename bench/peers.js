// @ts-check
// Who takes part, in the order of the columns. `packages` is what a user installs for it.

/**
 * @typedef {object} Peer
 * @property {string} adapter the file in adapters/
 * @property {string} [variant] which of the library's own ways to read an answer, where it has several
 * @property {readonly string[]} wires
 * @property {readonly string[]} packages
 */

const ALL = ["openai", "openai-padded", "anthropic", "gemini", "ollama", "dashscope"];
const OPENAI = ["openai", "openai-padded"];

/** @type {Readonly<Record<string, Peer>>} */
export const PEERS = {
  raw: { adapter: "raw", wires: ALL, packages: ["undici", "eventsource-parser"] },
  bytes: { adapter: "bytes", wires: ALL, packages: ["undici"] },
  rxscope: { adapter: "rxscope", wires: ALL, packages: ["rxscope"] },
  openai: { adapter: "openai", wires: OPENAI, packages: ["openai"] },
  "openai .stream()": { adapter: "openai", variant: "stream", wires: OPENAI, packages: ["openai"] },
  anthropic: { adapter: "anthropic", wires: ["anthropic"], packages: ["@anthropic-ai/sdk"] },
  "anthropic .stream()": {
    adapter: "anthropic",
    variant: "stream",
    wires: ["anthropic"],
    packages: ["@anthropic-ai/sdk"],
  },
  genai: { adapter: "genai", wires: ["gemini"], packages: ["@google/genai"] },
  ollama: { adapter: "ollama", wires: ["ollama"], packages: ["ollama"] },
  ai: {
    adapter: "ai",
    wires: [...OPENAI, "anthropic"],
    packages: ["ai", "@ai-sdk/openai", "@ai-sdk/anthropic"],
  },
  langchain: { adapter: "langchain", wires: OPENAI, packages: ["@langchain/openai", "@langchain/core"] },
  "pi-ai": {
    adapter: "pi-ai",
    wires: [...OPENAI, "anthropic", "gemini"],
    packages: ["@mariozechner/pi-ai"],
  },
  tanstack: { adapter: "tanstack", wires: OPENAI, packages: ["@tanstack/ai", "@tanstack/ai-openai"] },
  tiktoken: { adapter: "tiktoken", wires: [], packages: ["tiktoken"] },
};

/** Who speaks a wire. @param {string} wire */
export function peersOn(wire) {
  return Object.keys(PEERS).filter((name) => PEERS[name]?.wires.includes(wire));
}
