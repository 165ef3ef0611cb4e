// Three ways to stop an answer; each closes the socket.
import { firstValueFrom, take, toArray } from "rxjs";
import { AbortedError, ModelRegistry, textDeltas } from "rxscope";

const model = ModelRegistry.create("openai:gpt-4.1");

const firstWords = await firstValueFrom(
  model.stream("Count from 1 to 50.").pipe(textDeltas(), take(3), toArray()),
);
console.log("unsubscribed after", firstWords);

for await (const response of model.stream("Count from 1 to 50.")) {
  if (response.text.length > 10) break;
}
console.log("left the loop");

const controller = new AbortController();
try {
  for await (const response of model.stream("Count from 1 to 50.", { signal: controller.signal })) {
    if (response.text.length > 10) controller.abort();
  }
} catch (error) {
  if (!(error instanceof AbortedError)) throw error;
  console.log("aborted, and still have:", error.partial?.text);
}
