// A model on this machine: what the server has, how much context it gets, how fast it was.
import { OllamaCredential } from "rxscope";

const ollama = new OllamaCredential(); // OLLAMA_HOST, else http://127.0.0.1:11434
const [card] = await ollama.listModels("chat");
if (card === undefined) throw new Error("There are no models yet: ollama pull qwen3:8b");
console.log(card.modelName, card.live ? "is here" : "is only known by name: no server answers");

const model = ollama.createChatModel(card.modelName, {
  card,
  options: { providerOptions: { ollama: { numCtx: 8192, keepAlive: "10m" } } },
});
for await (const response of model.stream("Count from 1 to 5.")) {
  process.stdout.write(response.textDelta);
  if (response.isLast) console.log(`\n${response.finishReason}`, response.metadata["timings"] ?? "");
}
