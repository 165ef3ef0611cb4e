type Fields = Readonly<Record<string, unknown>>;

/** What every answer begins with. */
export const ANTHROPIC_ENVELOPE = {
  id: "msg_01",
  type: "message",
  role: "assistant",
  model: "served-model-2026-01-01",
} as const;

/** One event of the stream, with its framing. */
export function anthropicEvent(type: string, fields: Fields = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** The event that begins a stream. */
export function messageStart(usage?: Fields): string {
  const message = { ...ANTHROPIC_ENVELOPE, content: [], stop_reason: null, stop_sequence: null };
  return anthropicEvent("message_start", { message: { ...message, ...(usage && { usage }) } });
}

export function blockStart(index: number, block: Fields): string {
  return anthropicEvent("content_block_start", { index, content_block: block });
}

export function blockDelta(index: number, delta: unknown): string {
  return anthropicEvent("content_block_delta", { index, delta });
}

export function blockStop(index: number): string {
  return anthropicEvent("content_block_stop", { index });
}

/** The event that says why the answer ends. */
export function messageDelta(delta: Fields, usage?: Fields): string {
  return anthropicEvent("message_delta", { delta, ...(usage && { usage }) });
}

/** The event that ends a stream. */
export const MESSAGE_STOP: string = anthropicEvent("message_stop");
