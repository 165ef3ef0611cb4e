type Fields = Readonly<Record<string, unknown>>;

/** What every line and every answer begins with. */
const OLLAMA_ENVELOPE = { model: "served-model:8b", created_at: "2026-11-01T10:00:00.000Z" } as const;

/** One line of the stream. */
export function ollamaLine(fields: Fields): string {
  return `${JSON.stringify({ ...OLLAMA_ENVELOPE, ...fields })}\n`;
}

/** One line with a piece of the message. */
export function ollamaPart(message: Fields, more: Fields = {}): string {
  return ollamaLine({ message: { role: "assistant", content: "", ...message }, ...more, done: false });
}

/** The line that ends a stream. */
export function ollamaEnd(finish: string, more: Fields = {}): string {
  return ollamaLine({
    message: { role: "assistant", content: "" },
    done: true,
    done_reason: finish,
    ...more,
  });
}
