import { Ollama } from "ollama";

/** @param {string} _wire @param {string} host @returns {import("./client.d.ts").Client} */
export function open(_wire, host) {
  const client = new Ollama({ host });
  return {
    async text(next) {
      const stream = await client.chat({
        model: "qwen3:8b",
        messages: [{ role: "user", content: "Hi" }],
        stream: true,
      });
      for await (const part of stream) next(part.message.content);
    },
  };
}
