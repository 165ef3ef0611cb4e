// What every vendor of the OpenAI wire is sent for every setting, held against what is documented of it (wire notes 1.4 to 1.8, 3
// and 4, quirk catalogue 2.2 to 2.5 and 2.9, 2026-11). The marks are the notes': H documented or recorded, M seen in other clients,
// L said by the vendor's page only. A setting that a row does not name is sent as to OpenAI.
import { expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { speaks } from "../conformance/wire-fixtures-of.ts";
import { type Outcome, outcomesOf, SETTINGS } from "./vendor-settings.ts";

type Table = Readonly<Record<string, Outcome>>;

const leftOut = (warned: string): Outcome => ({ sent: {}, warned });
/** Refused before anything is sent. */
const REFUSED: Outcome = { sent: "unsupported" };
const FORCED: Outcome = { sent: ["required", "a,b"] };
const NOT_FORCED: Outcome = { sent: ["auto", "a,b"], warned: "toolChoice" };
const OFFERED_ALONE: Outcome = { sent: ["auto", "a"] };
const ANY_STOPS: Outcome = { sent: { stop: ["1", "2", "3", "4", "5"] } };
const NAMELESS: Outcome = { sent: { role: "user", content: "Hi" } };
const SCHEMA = {
  type: "object",
  properties: { city: { type: "string", minLength: 1 }, days: { type: "integer" } },
  required: ["city"],
};
const SCHEMA_AS_GIVEN: Outcome = {
  sent: {
    response_format: { type: "json_schema", json_schema: { name: "trip", schema: SCHEMA, strict: true } },
  },
};
const TOOL_AS_GIVEN: Outcome = { sent: { name: "a", parameters: SCHEMA, strict: true } };
const SOUND: Outcome = { sent: { type: "input_audio", input_audio: { data: "AQID", format: "wav" } } };
const VIDEO_BY_ADDRESS: Outcome = {
  sent: { type: "video_url", video_url: { url: "https://example.com/a.mp4" } },
};
const VIDEO_IN_BYTES: Outcome = {
  sent: { type: "video_url", video_url: { url: "data:video/mp4;base64,AQID" } },
};
const MARKED: Outcome = {
  sent: [{ type: "text", text: "Answer in JSON.", cache_control: { type: "ephemeral" } }],
};

/** What OpenAI is sent for a model that does not reason (OpenAI's types and reference [H]). */
const OPENAI: Table = {
  maxTokens: { sent: { max_completion_tokens: 9 } },
  sampling: { sent: { temperature: 0.5, top_p: 0.9 } },
  topK: leftOut("topK"),
  stop: { sent: { stop: ["1", "2", "3", "4"] }, warned: "stop" },
  seed: { sent: { seed: 7 } },
  penalties: { sent: { frequency_penalty: 1, presence_penalty: 1 } },
  logprobs: { sent: { logprobs: true, top_logprobs: 2 } },
  streamed: { sent: { stream: true, stream_options: { include_usage: true } } },
  parallelToolCalls: { sent: { parallel_tool_calls: false } },
  "tool required": FORCED,
  "tool named": { sent: [{ type: "function", function: { name: "a" } }, "a,b"] },
  "tool among some": {
    sent: [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "a" } }] },
      },
      "a,b",
    ],
  },
  "tool required, not thinking": { sent: ["required", "a,b"], warned: "thinking" },
  "thinking on": leftOut("thinking"),
  "thinking off": leftOut("thinking"),
  "thinking by level": leftOut("thinking"),
  "thinking by budget": leftOut("thinking"),
  "JSON mode": { sent: { response_format: { type: "json_object" } } },
  "strict schema": {
    sent: {
      response_format: {
        type: "json_schema",
        json_schema: {
          name: "trip",
          schema: {
            type: "object",
            properties: {
              city: { type: "string", description: '(JSON Schema: {"minLength":1})' },
              days: { type: ["integer", "null"] },
            },
            required: ["city", "days"],
            additionalProperties: false,
          },
          strict: true,
        },
      },
    },
    warned: "responseFormat/properties/city",
  },
  "schema beside tools": { sent: "json_schema" },
  "strict tool": {
    sent: {
      name: "a",
      parameters: {
        type: "object",
        properties: {
          city: { type: "string", description: '(JSON Schema: {"minLength":1})' },
          days: { type: ["integer", "null"] },
        },
        required: ["city", "days"],
        additionalProperties: false,
      },
      strict: true,
    },
    warned: "tools.a/properties/city",
  },
  "instructions, by whom": { sent: { role: "system", content: "Be brief." } },
  "name of the speaker": { sent: { role: "user", content: "Hi", name: "Ann" } },
  "call of another provider": { sent: [{ role: "assistant", content: null }, true, "toolu_01_Abc_def"] },
  "own reasoning": { sent: { content: null } },
  "beginning of the answer": { sent: { role: "assistant", content: "So" } },
  "picture by address": { sent: { type: "image_url", image_url: { url: "https://example.com/a.png" } } },
  "picture in bytes": { sent: { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } } },
  "picture by id": REFUSED,
  "sound in bytes": REFUSED,
  "video by address": REFUSED,
  "video in bytes": REFUSED,
  "PDF in bytes": {
    sent: { type: "file", file: { file_data: "data:application/pdf;base64,AQID", filename: "document.pdf" } },
  },
  "PDF by id": { sent: { type: "file", file: { file_id: "f1" } } },
  "picture from a tool": { sent: [["user", "text,text,image_url,text"]] },
  cacheControl: { sent: "Answer in JSON.", warned: "cacheControl" },
};

/** What is sent otherwise, by provider and model. */
const OTHERWISE: Readonly<Record<string, Table>> = {
  "openai gpt-4.1": {},
  // Reasoning models take no sampling unless they do not think, and are told by a developer (OpenAI's types [H]).
  "openai gpt-5.1": {
    sampling: leftOut("temperature,topP"),
    stop: leftOut("stop"),
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    logprobs: leftOut("topLogprobs"),
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { reasoning_effort: "medium" } },
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "instructions, by whom": { sent: { role: "developer", content: "Be brief." } },
  },
  // The same fields as OpenAI [H].
  "azure gpt-4.1": {},
  // Thinks unless told not to; while it does nothing samples, though log probabilities are given, and no tool is forced. JSON mode only, 16 stops, reasoning goes back (DeepSeek's documentation [H]).
  "deepseek deepseek-v4-pro": {
    maxTokens: { sent: { max_tokens: 9 } },
    sampling: leftOut("temperature,topP"),
    stop: ANY_STOPS,
    seed: leftOut("seed"),
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    parallelToolCalls: leftOut("parallelToolCalls"),
    "tool required": NOT_FORCED,
    "tool named": NOT_FORCED,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { thinking: { type: "enabled" } } },
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "strict schema": { sent: { response_format: { type: "json_object" } }, warned: "responseFormat" },
    "schema beside tools": { sent: "json_object", warned: "responseFormat" },
    "strict tool": { sent: { name: "a", parameters: SCHEMA }, warned: "tools.a" },
    "call of another provider": {
      sent: [{ role: "assistant", content: "", reasoning_content: "" }, true, "toolu_01_Abc_def"],
    },
    "own reasoning": { sent: { content: "", reasoning_content: "Hm." } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", prefix: true } },
    "picture by id": { sent: { type: "file", file: { file_id: "f1" } } },
  },
  // Its older models neither think nor see; no tool can be forced (Moonshot's documentation [H]).
  "kimi moonshot-v1-8k": {
    stop: ANY_STOPS,
    seed: leftOut("seed"),
    logprobs: leftOut("topLogprobs"),
    parallelToolCalls: leftOut("parallelToolCalls"),
    "tool required": NOT_FORCED,
    "tool named": NOT_FORCED,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": { sent: ["auto", "a,b"], warned: "thinking,toolChoice" },
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "call of another provider": { sent: [{ role: "assistant", content: "" }, true, "toolu_01_Abc_def"] },
    "own reasoning": { sent: { content: "", reasoning_content: "Hm." } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", partial: true } },
    "picture by address": REFUSED,
    "picture in bytes": REFUSED,
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
    "picture from a tool": { sent: [] },
  },
  // Samples as fixed, thinks by a switch, fetches nothing; what is uploaded is named ms:// (Moonshot's documentation [H]).
  "kimi kimi-k2.6": {
    sampling: leftOut("temperature,topP"),
    stop: ANY_STOPS,
    seed: leftOut("seed"),
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    logprobs: leftOut("topLogprobs"),
    parallelToolCalls: leftOut("parallelToolCalls"),
    "tool required": NOT_FORCED,
    "tool named": NOT_FORCED,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": NOT_FORCED,
    "thinking on": { sent: { thinking: { type: "enabled" } } },
    "thinking off": { sent: { thinking: { type: "disabled" } } },
    "thinking by level": leftOut("thinking.effort"),
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "call of another provider": {
      sent: [{ role: "assistant", content: "", reasoning_content: "" }, true, "toolu_01_Abc_def"],
    },
    "own reasoning": { sent: { content: "", reasoning_content: "Hm." } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", partial: true } },
    "picture by address": REFUSED,
    "picture by id": { sent: { type: "image_url", image_url: { url: "ms://f1" } } },
    "video in bytes": VIDEO_IN_BYTES,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // Always thinks, by a level (Moonshot's documentation [H]).
  "kimi kimi-k3": {
    sampling: leftOut("temperature,topP"),
    stop: ANY_STOPS,
    seed: leftOut("seed"),
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    logprobs: leftOut("topLogprobs"),
    parallelToolCalls: leftOut("parallelToolCalls"),
    "tool required": NOT_FORCED,
    "tool named": NOT_FORCED,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": { sent: ["auto", "a,b"], warned: "thinking.effort,toolChoice" },
    "thinking on": { sent: {} },
    "thinking off": { sent: { reasoning_effort: "low" }, warned: "thinking.effort" },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "call of another provider": {
      sent: [{ role: "assistant", content: "", reasoning_content: "" }, true, "toolu_01_Abc_def"],
    },
    "own reasoning": { sent: { content: "", reasoning_content: "Hm." } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", partial: true } },
    "picture by address": REFUSED,
    "picture by id": { sent: { type: "image_url", image_url: { url: "ms://f1" } } },
    "video in bytes": VIDEO_IN_BYTES,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // Reasoning models take no stop and no penalties; files go by id, to models that read them (xAI's reference [H]).
  "xai grok-4.5": {
    stop: leftOut("stop"),
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { reasoning_effort: "medium" } },
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // Takes no level at all (xAI's reference [H]).
  "xai grok-4.20-0309-non-reasoning": {
    "tool among some": OFFERED_ALONE,
    "PDF in bytes": REFUSED,
  },
  // `reasoning` with a level or a budget, reasoning_details back, cache breakpoints (OpenRouter's documentation [H]).
  "openrouter some/model": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { reasoning: { enabled: true } } },
    "thinking off": { sent: { reasoning: { enabled: false } } },
    "thinking by level": { sent: { reasoning: { effort: "high" } } },
    "thinking by budget": { sent: { reasoning: { max_tokens: 2000 } } },
    "own reasoning": {
      sent: { content: null, reasoning_details: [{ type: "reasoning.text", text: "Hm.", index: 0 }] },
    },
    "picture by id": REFUSED,
    "sound in bytes": SOUND,
    "video by address": VIDEO_BY_ADDRESS,
    "video in bytes": VIDEO_IN_BYTES,
    "PDF by id": REFUSED,
    cacheControl: MARKED,
  },
  // No log probabilities, no names, no schema beside tools; reasoning goes back as `reasoning` [M].
  "groq some-model": {
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    logprobs: leftOut("topLogprobs"),
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": leftOut("thinking.enabled"),
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "schema beside tools": { sent: "none", warned: "responseFormat" },
    "name of the speaker": NAMELESS,
    "own reasoning": { sent: { content: null, reasoning: "Hm." } },
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // random_seed, any for required, ids of nine letters and digits, reasoning as parts, no stream_options [M].
  "mistral some-model": {
    maxTokens: { sent: { max_tokens: 9 } },
    seed: { sent: { random_seed: 7 } },
    logprobs: leftOut("topLogprobs"),
    streamed: { sent: { stream: true } },
    "tool required": { sent: ["any", "a,b"] },
    "tool named": { sent: ["any", "a"] },
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": { sent: ["any", "a,b"] },
    "thinking on": leftOut("thinking.enabled"),
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "name of the speaker": NAMELESS,
    "call of another provider": { sent: [{ role: "assistant", content: "" }, true, "kygnyywc0"] },
    "own reasoning": { sent: { content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm." }] }] } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", prefix: true } },
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // A switch in `reasoning` and a level beside it [L].
  "together some-model": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    logprobs: leftOut("topLogprobs"),
    parallelToolCalls: leftOut("parallelToolCalls"),
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { reasoning: { enabled: true } } },
    "thinking off": { sent: { reasoning: { enabled: false } } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "name of the speaker": NAMELESS,
    "own reasoning": { sent: { content: null, reasoning: "Hm." } },
    "picture by id": REFUSED,
    "video by address": VIDEO_BY_ADDRESS,
    "video in bytes": VIDEO_IN_BYTES,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // max_tokens, reasoning_content back [L].
  "fireworks some-model": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": leftOut("thinking.enabled"),
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "name of the speaker": NAMELESS,
    "own reasoning": { sent: { content: null, reasoning_content: "Hm." } },
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // No penalties, text only; reasoning goes back as `reasoning` [M].
  "cerebras some-model": {
    penalties: leftOut("frequencyPenalty,presencePenalty"),
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": leftOut("thinking.enabled"),
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "name of the speaker": NAMELESS,
    "own reasoning": { sent: { content: null, reasoning: "Hm." } },
    "picture by address": REFUSED,
    "picture in bytes": REFUSED,
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
    "picture from a tool": { sent: [] },
  },
  // Thinking by the chat template, a budget of its own, videos (vLLM's source [H]).
  "vllm some-model": {
    topK: { sent: { top_k: 40 } },
    stop: ANY_STOPS,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { chat_template_kwargs: { enable_thinking: true } } },
    "thinking off": { sent: { chat_template_kwargs: { enable_thinking: false } } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": { sent: { thinking_token_budget: 2000 } },
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "own reasoning": { sent: { content: null, reasoning: "Hm." } },
    "picture by id": REFUSED,
    "sound in bytes": SOUND,
    "video by address": VIDEO_BY_ADDRESS,
    "video in bytes": VIDEO_IN_BYTES,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // Thinking by the chat template, sounds (the server's README [H]).
  "llamacpp some-model": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    stop: ANY_STOPS,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": { sent: { chat_template_kwargs: { enable_thinking: true } } },
    "thinking off": { sent: { chat_template_kwargs: { enable_thinking: false } } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "own reasoning": { sent: { content: null, reasoning_content: "Hm." } },
    "picture by id": REFUSED,
    "sound in bytes": SOUND,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // No tool by its name, no address of a picture [L].
  "lmstudio some-model": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    stop: ANY_STOPS,
    logprobs: leftOut("topLogprobs"),
    parallelToolCalls: leftOut("parallelToolCalls"),
    "tool named": { sent: ["required", "a"] },
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": leftOut("thinking.enabled"),
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "picture by address": REFUSED,
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
  },
  // What most servers take.
  "compatible some-model": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    stop: ANY_STOPS,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": FORCED,
    "thinking on": leftOut("thinking.enabled"),
    "thinking off": { sent: { reasoning_effort: "none" } },
    "thinking by level": { sent: { reasoning_effort: "high" } },
    "thinking by budget": leftOut("thinking.budgetTokens"),
    "strict schema": SCHEMA_AS_GIVEN,
    "strict tool": TOOL_AS_GIVEN,
    "own reasoning": { sent: { content: null, reasoning_content: "Hm." } },
    "sound in bytes": SOUND,
    "video by address": VIDEO_BY_ADDRESS,
    "video in bytes": VIDEO_IN_BYTES,
  },
  // Thinks only if told to, reads texts, has JSON mode only; no tool is required (Alibaba's reference [H]).
  "dashscope qwen-plus": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    stop: ANY_STOPS,
    penalties: { sent: { presence_penalty: 1 }, warned: "frequencyPenalty" },
    "tool required": NOT_FORCED,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": NOT_FORCED,
    "thinking on": { sent: { enable_thinking: true } },
    "thinking off": { sent: { enable_thinking: false } },
    "thinking by level": {
      sent: { enable_thinking: true, thinking_budget: 24_576 },
      warned: "thinking.effort",
    },
    "thinking by budget": { sent: { enable_thinking: true, thinking_budget: 2000 } },
    "strict schema": { sent: { response_format: { type: "json_object" } }, warned: "responseFormat" },
    "schema beside tools": { sent: "json_object", warned: "responseFormat" },
    "name of the speaker": NAMELESS,
    "call of another provider": { sent: [{ role: "assistant", content: "" }, true, "toolu_01_Abc_def"] },
    "own reasoning": { sent: { content: "", reasoning_content: "Hm." } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", partial: true } },
    "picture by address": REFUSED,
    "picture in bytes": REFUSED,
    "picture by id": REFUSED,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
    "picture from a tool": { sent: [] },
    cacheControl: MARKED,
  },
  // Thinks unless told not to, reads pictures and videos, takes a schema (Alibaba's reference [H]).
  "dashscope qwen3.8-max": {
    maxTokens: { sent: { max_tokens: 9 } },
    topK: { sent: { top_k: 40 } },
    stop: ANY_STOPS,
    penalties: { sent: { presence_penalty: 1 }, warned: "frequencyPenalty" },
    "tool required": NOT_FORCED,
    "tool named": NOT_FORCED,
    "tool among some": OFFERED_ALONE,
    "tool required, not thinking": NOT_FORCED,
    "thinking on": { sent: { enable_thinking: true } },
    "thinking off": { sent: { enable_thinking: false } },
    "thinking by level": {
      sent: { enable_thinking: true, thinking_budget: 24_576 },
      warned: "thinking.effort",
    },
    "thinking by budget": { sent: { enable_thinking: true, thinking_budget: 2000 } },
    "name of the speaker": NAMELESS,
    "call of another provider": { sent: [{ role: "assistant", content: "" }, true, "toolu_01_Abc_def"] },
    "own reasoning": { sent: { content: "", reasoning_content: "Hm." } },
    "beginning of the answer": { sent: { role: "assistant", content: "So", partial: true } },
    "picture by id": REFUSED,
    "video by address": VIDEO_BY_ADDRESS,
    "video in bytes": VIDEO_IN_BYTES,
    "PDF in bytes": REFUSED,
    "PDF by id": REFUSED,
    cacheControl: MARKED,
  },
};

for (const [row, otherwise] of Object.entries(OTHERWISE)) {
  const [provider, modelName = ""] = row.split(" ");
  test(`${row} is sent every setting as it is documented`, async () => {
    const credential = builtinCredentials.find(({ facts }) => facts.provider === provider);
    if (credential === undefined) expect.fail(`There is no provider ${provider}.`);
    expect(Object.keys(otherwise).filter((name) => !(name in SETTINGS))).toEqual([]);
    expect(await outcomesOf(credential, modelName)).toEqual({ ...OPENAI, ...otherwise });
  });
}

test("of every provider on this wire it is written down here what is documented of it", () => {
  const providers = builtinCredentials
    .filter((each) => speaks(each, OpenAIChatModel))
    .map(({ facts }) => facts.provider);
  const rows = new Set(Object.keys(OTHERWISE).map((row) => row.split(" ", 1)[0]));
  expect(providers.filter((provider) => !rows.has(provider))).toEqual([]);
  expect(providers.length).toBeGreaterThan(10);
});
