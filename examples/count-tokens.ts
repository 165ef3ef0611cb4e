// Counts a prompt before it is sent, then keeps a long conversation within a budget. Nothing here asks a provider to count.
import {
  AssistantMessage,
  CharTokenCounter,
  type MessageInput,
  ModelRegistry,
  OpenAITokenCounter,
  SystemMessage,
  truncate,
  UserMessage,
} from "rxscope";

const model = ModelRegistry.create("openai:gpt-4o");
const weather = { name: "get_weather", description: "The weather of a city, now." };
const { tokens, exact, method } = await model.countTokens("How is the weather in Paris?", [weather]);
console.log(`${tokens} tokens with a tool (${method}, ${exact ? "exact" : "about"})`);

const text = "The quick brown fox jumps over the lazy dog. 敏捷的棕色狐狸跳过了懒狗。";
console.log(`tiktoken counts ${(await new OpenAITokenCounter("gpt-4o").countText(text)).tokens} tokens,`);
console.log(`an estimate by characters ${(await new CharTokenCounter().countText(text)).tokens}`);

const history: MessageInput[] = [new SystemMessage("Be brief.")];
for (let turn = 1; turn <= 50; turn++) {
  history.push(new UserMessage(`Question ${turn}: ${"and another thing, ".repeat(10)}`));
  history.push(new AssistantMessage(`Answer ${turn}.`));
}
history.push(new UserMessage("So, what was it all about?"));

const reply = await model.with(truncate({ maxTokens: 1000, reserveTokens: 200 })).call(history);
console.log(reply.warnings[0]?.reason);
console.log(reply.text);
