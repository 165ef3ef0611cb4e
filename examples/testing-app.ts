// How to test an application without a key: the same function with a scripted model, with the emulator, and over a broken network.
import { type ChatModelBase, ModelError, ModelRegistry } from "rxscope";
import { failsWith, forbidNetwork, ScriptedChatModel, startEmulator, startFaultProxy } from "rxscope/testing";

/** The application: a title for an article, or none where the model is not to be had. */
async function titleOf(article: string, model: ChatModelBase): Promise<string> {
  try {
    const { text } = await model.call(`A title for: ${article}`, { maxTokens: 50, retry: 1 });
    return text;
  } catch (error) {
    if (ModelError.isInstance(error) && error.retryable) return "(untitled)";
    throw error;
  }
}

// What the application makes of answers and failures needs no server.
const busy = failsWith("overloaded", "Busy.", { retryAfterMs: 0 });
const scripted = new ScriptedChatModel(["Rain at last", busy, "At the second try", busy, busy]);
console.log(await titleOf("It rained.", scripted));
console.log(await titleOf("It rained.", scripted));
console.log(await titleOf("It rained.", scripted));
console.log(
  `${scripted.calls.length} calls, the last with ${scripted.calls.at(-1)?.options.maxTokens} tokens`,
);

// Whatever the environment says, nothing leaves this machine from here on.
const allowNetwork = forbidNetwork();
const real = ModelRegistry.create("openai:gpt-4.1", { apiKey: "sk-any", baseUrl: "https://api.example/v1" });
await titleOf("It rained.", real).catch((error: Error) => console.log(error.message.split(":")[0]));

// What is sent, and how the answer comes, needs a server that speaks as the provider does.
const emulator = await startEmulator();
emulator.script({ text: "A Wet Day", usage: { inputTokens: 9, outputTokens: 3 }, delayMs: 2 });
const model = ModelRegistry.create("openai:gpt-4.1", { apiKey: "any", baseUrl: emulator.baseUrl() });
console.log(await titleOf("It rained.", model), emulator.journal[0]?.path);

// And a network that breaks needs a proxy that breaks it: the first connection is reset behind the head.
const proxy = await startFaultProxy(emulator.baseUrl(), {
  plan: (connection) => (connection === 1 ? { cut: { afterHead: true, how: "rst" } } : { splitBytes: 3 }),
});
const far = ModelRegistry.create("openai:gpt-4.1", { apiKey: "any", baseUrl: proxy.url });
console.log(await titleOf("Snow.", far), `over ${proxy.connections.length} connections`);

await proxy.close();
await emulator.close();
allowNetwork();
