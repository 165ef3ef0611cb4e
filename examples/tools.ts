// One tool round by hand: the model asks, we run, the model answers.
import { type MessageInput, ModelRegistry, ToolResultMessage, UserMessage } from "rxscope";
import { z } from "zod";

const model = ModelRegistry.create("openai:gpt-4.1");
const parameters = z.object({ city: z.string() });
const weather = { name: "get_weather", description: "The weather of a city, now.", parameters };

const history: MessageInput[] = [new UserMessage("How is the weather in Paris?")];
const asked = await model.call(history, [weather]);
history.push(asked.toMessage());
for (const call of asked.toolCalls) {
  console.log("the model calls", call.name, call.rawInput);
  const input = parameters.safeParse(call.input);
  history.push(
    input.success
      ? new ToolResultMessage(call, JSON.stringify({ city: input.data.city, celsius: 21 }))
      : new ToolResultMessage(call, input.error.message, { isError: true }),
  );
}
console.log((await model.call(history, [weather])).text);
