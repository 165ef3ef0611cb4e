import { GoogleGenAI } from "@google/genai";

/** @param {string} _wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(_wire, baseUrl) {
  const client = new GoogleGenAI({ apiKey: "bench", httpOptions: { baseUrl } });
  return {
    async text(next) {
      const stream = await client.models.generateContentStream({ model: "gemini-2.5-flash", contents: "Hi" });
      for await (const chunk of stream) next(chunk.text ?? "");
    },
  };
}
