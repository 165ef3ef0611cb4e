// The model calls tools until it can answer; everything that happens is one stream of events.
import { ModelRegistry, runTools, tool, type ToolRun } from "rxscope";
import { z } from "zod";

const weather = tool({
  name: "get_weather",
  description: "The weather of a city, now.",
  parameters: z.object({ city: z.string(), unit: z.enum(["C", "F"]).default("C") }),
  execute: ({ city, unit }) => ({ city, temperature: unit === "C" ? 21 : 70 }),
});
const orders = tool({
  name: "list_orders",
  description: "The newest orders of the customer.",
  parameters: z.object({ limit: z.number().int().min(1).max(5) }),
  execute: ({ limit }, { context }: ToolRun<{ readonly customer: string }>) =>
    Array.from({ length: limit }, (_, index) => `${context.customer}-${index + 1}`),
});

const model = ModelRegistry.create("openai:gpt-4.1");
const question = "Use get_weather for Paris and list_orders for my 2 newest orders.";
const options = {
  context: { customer: "C7" }, // reaches the tools, never the model
  maxRounds: 4,
  deadlineMs: 60_000,
  approve: ({ call }: { readonly call: { readonly name: string } }) => call.name !== "delete_orders",
};

await runTools(model, question, [weather, orders], options).forEach((event) => {
  switch (event.type) {
    case "snapshot":
      process.stdout.write(event.response.textDelta);
      break;
    case "tool_start":
      console.log("calls", event.call.name, event.input);
      break;
    case "tool_progress":
      console.log("so far", event.output);
      break;
    case "tool_result":
      console.log(event.isError ? "failed" : "gave", event.output);
      break;
    case "round_end":
      break;
    case "final":
      console.log(`\n${event.reason} after ${event.rounds.length} rounds, ${event.usage.totalTokens} tokens`);
  }
});
