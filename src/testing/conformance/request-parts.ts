import type { RecordedRequest } from "./wire-fixtures.ts";

/** What several wires write alike in their requests. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields that hold something. */
export function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Tools as functions, which is OpenAI's form and of others after it. */
export function readFunctions(tools: unknown): RecordedRequest["tools"] {
  return (tools as readonly { readonly function: { readonly name: string } }[] | undefined)?.map(
    (tool) => tool.function,
  );
}

/** A `data:` URL is bytes, any other is an address. */
export function readUrl(url: string): { url: string } | { data: string } {
  const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
  return data === undefined ? { url } : { data };
}
