// An answer as plain text from a handler of Node's own server, which is also Express's. A client that leaves ends the call.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { finalize } from "rxjs";
import { ModelError, ModelRegistry, textDeltas } from "rxscope";

const model = ModelRegistry.create("openai:gpt-4.1");

/** Express: `app.post("/chat", chat)`. */
async function chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const prompt = await text(request);
  const answer = model
    .stream(prompt)
    .pipe(
      textDeltas(),
      finalize(() => console.log("handler: the call is over")),
    )
    .subscribe({
      next: (delta) => response.write(delta),
      error: (error: unknown) => {
        console.error(error);
        // Before the first words there is a status to say it with; after them the answer can only break off.
        if (response.headersSent) response.destroy();
        else
          response.writeHead(ModelError.isInstance(error) && error.kind === "rate_limit" ? 503 : 502).end();
      },
      complete: () => response.end(),
    });
  response.on("close", () => answer.unsubscribe());
}

const server = createServer((request, response) => void chat(request, response)).listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/chat`;

const whole = await fetch(address, { method: "POST", body: "Count from 1 to 5." });
console.log(await whole.text());

const begun = await fetch(address, { method: "POST", body: "Count from 1 to 500." });
for await (const piece of begun.body as AsyncIterable<Uint8Array>) {
  console.log("client: left after", Buffer.from(piece).toString());
  break;
}
server.close();
