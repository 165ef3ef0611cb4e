type Fields = Readonly<Record<string, unknown>>;

/** What every event and every answer begins with. */
export const OPENAI_ENVELOPE = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_770_933_892,
  model: "served-model-2026-01-01",
} as const;

/** One event of the stream, with its framing. */
export function openaiEvent(fields: Fields): string {
  return `data: ${JSON.stringify({ ...OPENAI_ENVELOPE, ...fields })}\n\n`;
}

/** One event with one choice. */
export function openaiDelta(delta: unknown, finish: string | null = null, more: Fields = {}): string {
  return openaiEvent({ choices: [{ index: 0, delta, finish_reason: finish, ...more }] });
}

/** The event that ends a stream. */
export const OPENAI_DONE = "data: [DONE]\n\n";
