// What only Google has: its own search as a tool of the model, thoughts as they come, and the sources of the answer.
import { ModelRegistry } from "rxscope";

const model = ModelRegistry.create("gemini:gemini-3.5-flash", {
  options: {
    thinking: { effort: "low" },
    providerOptions: { gemini: { tools: [{ googleSearch: {} }] } },
  },
});

let sources: unknown;
for await (const response of model.stream("What is new in astronomy this week?")) {
  process.stdout.write(response.thinkingDelta + response.textDelta);
  sources = response.metadata["grounding"];
}
console.log("\nsources:", JSON.stringify(sources ?? "none"));
