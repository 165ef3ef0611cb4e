import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";

/** What came of a request, also when it broke off. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As the network reads brought it. */
  readonly chunks: readonly Buffer[];
  readonly text: string;
  /** The text as JSON; undefined when it is none. */
  readonly json: unknown;
  /** Why the body broke off. */
  readonly error: NodeJS.ErrnoException | undefined;
}

export interface RawCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default none: a connection each */
  readonly agent?: Agent;
  readonly onData?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** One request without any client's opinion on it. Rejects only when there was no head. */
export function send(url: string, body?: unknown, call: RawCall = {}): Promise<RawAnswer> {
  const { method = body === undefined ? "GET" : "POST", headers = {}, agent, onData, signal } = call;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        headers: { authorization: "Bearer sk-test", "content-type": "application/json", ...headers },
        agent: agent ?? new Agent({ keepAlive: false }),
        ...(signal && { signal }),
      },
      (response) => {
        // From here on an error is one of the body.
        outgoing.off("error", reject).on("error", () => {});
        const chunks: Buffer[] = [];
        let error: Error | undefined;
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          onData?.(Buffer.concat(chunks).toString());
        });
        response.on("error", (reason) => (error = reason));
        response.on("close", () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, chunks, text, json: parse(text), error });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
  });
}

/** What came over one connection, heads and framing included, and how the other side ended it. */
export function sendBytes(url: string, body: unknown): Promise<{ bytes: Buffer; ending: "fin" | "rst" }> {
  const { hostname, port, pathname } = new URL(url);
  const text = JSON.stringify(body);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let ending: "fin" | "rst" = "fin";
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on(
      "error",
      ({ code }: NodeJS.ErrnoException) => (ending = code === "ECONNRESET" ? "rst" : ending),
    );
    socket.on("close", () => resolve({ bytes: Buffer.concat(chunks), ending }));
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer k\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  });
}

/** The JSON events of an event stream, without its end mark. */
export function eventsOf(text: string): Record<string, unknown>[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data: ") && line !== "data: [DONE]")
    .map((line) => JSON.parse(line.slice("data: ".length)) as Record<string, unknown>);
}

/** The text of a stream of OpenAI chat chunks. */
export function textOf(text: string): string {
  return eventsOf(text)
    .flatMap((event) => event["choices"] as { delta: { content?: string | null } }[])
    .map(({ delta }) => delta.content ?? "")
    .join("");
}

/** A chat request with one message of the user. */
export function chat(text: string, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: "gpt-4.1", messages: [{ role: "user", content: text }], ...fields };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
