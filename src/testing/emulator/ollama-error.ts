import type { EmulatedAnswer } from "./emulated-answer.ts";

/** What Ollama says when only the status is known. Source: its server's source, checked 2026-11. */
const BY_STATUS: Readonly<Record<number, string>> = {
  400: "invalid request",
  401: "unauthorized",
  404: "model 'unknown' not found",
  429: "too many requests",
  500: "llama runner process has terminated: exit status 2",
  502: "upstream error",
  503: "server busy, please try again. maximum pending requests exceeded",
};

/** The body of an error answer of which only the status is known. */
export function ollamaErrorBody(status: number): { readonly error: string } {
  return { error: BY_STATUS[status] ?? `the request failed with status ${status}` };
}

/** A refusal: Ollama explains itself in one text, without codes. */
export function ollamaError(error: string, status = 400): EmulatedAnswer {
  return { status, body: { error } };
}
