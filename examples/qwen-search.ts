// Qwen with a look at the web, over DashScope's own API: what it found comes beside the answer.
import { DashScopeCredential } from "rxscope";

const account = new DashScopeCredential({ mode: "native" }); // DASHSCOPE_API_KEY; a key is good for one region
const model = account.createChatModel("qwen-plus", {
  options: {
    thinking: { enabled: true },
    providerOptions: { dashscope: { enableSearch: true, searchOptions: { enable_source: true } } },
  },
});

const reply = await model.call("What is new in Hangzhou today?");
console.log("answer:", reply.text);
for (const source of reply.metadata.citations ?? []) console.log("source:", source);
console.log(`${reply.finishReason}, ${reply.usage?.totalTokens} tokens`);
