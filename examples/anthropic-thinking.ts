// Shows what a model thinks before it answers, and gives its thinking back with the next question.
import { type ChatResponse, type MessageInput, ModelRegistry } from "rxscope";

const model = ModelRegistry.create("anthropic:claude-sonnet-4-6", {
  options: { thinking: { effort: "low" }, cacheControl: true },
});

const history: MessageInput[] = ["Is 91 a prime number?"];
let answer: ChatResponse | undefined;
for await (const response of model.stream(history)) answer = response;
if (answer === undefined) throw new Error("There was no answer.");
console.log("thinking:", answer.thinking || "(none shown)");
console.log("answer:", answer.text);

// The message keeps the thinking's signature: with it the provider takes its own thoughts back.
history.push(answer.toMessage(), "And 97?");
const second = await model.call(history);
console.log(second.text);
console.log(`${second.usage?.totalTokens} tokens, ${second.usage?.cacheReadTokens ?? 0} from the cache`);
