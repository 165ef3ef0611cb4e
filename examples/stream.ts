// Streams an answer as it arrives and shows what it cost.
import { ModelRegistry, UserMessage } from "rxscope";

const model = ModelRegistry.create("openai:gpt-4.1");

for await (const response of model.stream([new UserMessage("Count from 1 to 5.")])) {
  process.stdout.write(response.textDelta);
  if (response.isLast) console.log(`\n${response.finishReason}, ${response.usage?.totalTokens} tokens`);
}
