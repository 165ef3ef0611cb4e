// An answer as server-sent events, from a handler that takes a Request and gives a Response (Next.js, Hono), and its reader
// in a browser. A client that leaves ends the call.
import { EventSourceParserStream } from "eventsource-parser/stream";
import { finalize, Observable, take, toArray } from "rxjs";
import { ModelError, ModelRegistry } from "rxscope";

const model = ModelRegistry.create("openai:gpt-4.1").with((call, next) =>
  next(call).pipe(finalize(() => console.log("\nhandler: the call is over"))),
);

/** Next.js: `export { POST }` in a route.ts; Hono: `app.post("/chat", (context) => POST(context.req.raw))`. */
async function POST(request: Request): Promise<Response> {
  const { prompt } = (await request.json()) as { readonly prompt: string };
  const answer = model.stream(prompt, { signal: request.signal })[Symbol.asyncIterator]();
  const events = new ReadableStream<string>({
    async pull(controller) {
      try {
        const { done, value } = await answer.next(); // asked for when the client reads: a slow one pauses the provider
        if (done) controller.close();
        else controller.enqueue(toEvent("delta", value.textDelta));
      } catch (error) {
        // What the error says is for the log; the client learns the kind.
        controller.enqueue(toEvent("failure", ModelError.isInstance(error) ? error.kind : "server"));
        controller.close();
      }
    },
    async cancel() {
      await answer.return?.();
    },
  });
  return new Response(events.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

function toEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** For the browser, without rxscope: the pieces of the answer. Unsubscribing closes the connection. */
function ask(prompt: string): Observable<string> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = async (): Promise<void> => {
      const body = JSON.stringify({ prompt });
      const response = await send(new Request("http://app.example/chat", { method: "POST", body, signal }));
      const events = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())
        .getReader();
      signal.addEventListener("abort", () => void events.cancel());
      for (let event = await events.read(); !event.done; event = await events.read()) {
        const data = JSON.parse(event.value.data) as string;
        if (event.value.event === "failure") throw new Error(data);
        subscriber.next(data);
      }
      subscriber.complete();
    };
    read().catch((error: unknown) => subscriber.error(error));
    return () => controller.abort();
  });
}

/** In a browser this is `fetch`. */
const send = POST;

await ask("Count from 1 to 5.").forEach((piece) => void process.stdout.write(piece));
await ask("Count from 1 to 50.")
  .pipe(take(3), toArray())
  .forEach((pieces) => console.log("left after", pieces));
