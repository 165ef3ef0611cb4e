type Fields = Readonly<Record<string, unknown>>;

/** What every event and every answer tells of itself. */
export const GEMINI_ENVELOPE = { modelVersion: "served-model-2026-01-01", responseId: "response-1" } as const;

/** One event of the stream, with its framing. */
export function geminiEvent(fields: Fields): string {
  return `data: ${JSON.stringify({ ...fields, ...GEMINI_ENVELOPE })}\n\n`;
}

/** One event with parts of the only candidate. */
export function geminiParts(parts: readonly Fields[], more: Fields = {}, usage?: Fields): string {
  const candidate = { content: { parts, role: "model" }, ...more, index: 0 };
  return geminiEvent({ candidates: [candidate], ...(usage && { usageMetadata: usage }) });
}

/** The event that says why the answer ends. */
export function geminiEnd(finishReason: string, usage?: Fields, more: Fields = {}): string {
  return geminiParts([{ text: "" }], { finishReason, ...more }, usage);
}
