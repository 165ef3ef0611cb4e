import { expect, test } from "vitest";
import { startEmulator } from "../../src/testing/emulator/emulator.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { eventsOf, type RawAnswer, send } from "./raw-client.ts";

const emulator = await emulatorOfFile();

type Fields = Readonly<Record<string, unknown>>;

const KEY = { authorization: "", "x-goog-api-key": "k" };

const post = (body: unknown, model = "gemini-2.5-flash", method = "generateContent"): Promise<RawAnswer> =>
  send(`${emulator.baseUrl("gemini")}/models/${model}:${method}`, body, { headers: KEY });

const part = (text: string): Fields => ({ text });
const user: Fields = { role: "user", parts: [part("Hi")] };
const say = (...contents: Fields[]): Fields => ({ contents });
const config = (generationConfig: Fields): Fields => ({ contents: [user], generationConfig });
const calls = (...names: string[]): Fields => ({
  role: "model",
  parts: names.map((name) => ({ functionCall: { name, args: {} } })),
});
const answers = (...names: string[]): Fields => ({
  role: "user",
  parts: names.map((name) => ({ functionResponse: { name, response: { output: "done" } } })),
});
const declare = (...functionDeclarations: Fields[]): Fields => ({
  contents: [user],
  tools: [{ functionDeclarations }],
});
const typed = (parameters: Fields): Fields => declare({ name: "f", parameters });

test.each<[string, unknown, RegExp, string?]>([
  ["a body that is no JSON", "{", /^Invalid JSON payload/],
  ["a request without contents", {}, /^\* GenerateContentRequest.contents: contents is not specified\n$/],
  ["contents without parts", say({ role: "user" }), /contents\[0\].parts: contents.parts must not be empty/],
  ["a part of nothing", say({ role: "user", parts: [{ thought: true }] }), /parts\[0\].data: required oneof/],
  [
    "a part of two things",
    say({ role: "user", parts: [{ ...part("x"), inlineData: { mimeType: "image/png", data: "AA==" } }] }),
    /oneof field 'data' is already set/,
  ],
  ["a role that does not exist", say({ role: "assistant", parts: [part("x")] }), /valid role: user, model/],
  ["instructions as a role", say({ role: "system", parts: [part("x")] }, user), /valid role: user, model/],
  [
    "bytes of no type",
    say({ role: "user", parts: [{ inlineData: { data: "AA==" } }] }),
    /inline_data.mime_type: mime_type must be set/,
  ],
  ["a call at the beginning", say(calls("f"), answers("f")), /function call turn comes immediately after/],
  ["a response that nobody asked for", say(user, answers("f")), /function response turn comes immediately/],
  ["a call without its response", say(user, calls("f"), user), /number of function response parts/],
  ["a call at the end", say(user, calls("f")), /number of function response parts/],
  [
    "fewer responses than calls",
    say(user, calls("f", "g"), answers("f")),
    /number of function response parts/,
  ],
  ["a response of another name", say(user, calls("f"), answers("g")), /names of the function call parts/],
  [
    "a response that is a text",
    say(user, calls("f"), { role: "user", parts: [{ functionResponse: { name: "f", response: "done" } }] }),
    /function_response.response' \(type.googleapis.com\/google.protobuf.Struct\), "done"$/,
  ],
  ["a temperature that is too high", config({ temperature: 2.5 }), /temperature must be in the range/],
  ["a negative top_p", config({ top_p: -1 }), /top_p must be in the range/],
  ["no output at all", config({ maxOutputTokens: 0 }), /max_output_tokens must be positive/],
  ["six stop sequences", config({ stopSequences: ["1", "2", "3", "4", "5", "6"] }), /at most 5 sequences/],
  ["penalties", config({ presencePenalty: 1 }), /Penalty is not enabled/, "gemini-3.5-flash"],
  ["two candidates", config({ candidateCount: 2 }), /Multiple candidates is not enabled/, "gemini-3.5-flash"],
  [
    "a budget beside a level",
    config({ thinkingConfig: { thinkingBudget: 1024, thinkingLevel: "LOW" } }),
    /only one of thinking budget and thinking level/,
  ],
  [
    "a level on an older model",
    config({ thinkingConfig: { thinkingLevel: "LOW" } }),
    /level is not supported/,
  ],
  [
    "thoughts of a model without",
    config({ thinkingConfig: { includeThoughts: true } }),
    /not enabled/,
    "gemini-2.0-flash",
  ],
  [
    "a budget that is too large",
    config({ thinkingConfig: { thinkingBudget: 99_999 } }),
    /between 0 and 24576/,
  ],
  [
    "no budget for a model that always thinks",
    config({ thinkingConfig: { thinkingBudget: 0 } }),
    /^Budget 0/,
    "gemini-2.5-pro",
  ],
  [
    "JSON beside functions on an older model",
    { ...declare({ name: "f" }), generationConfig: { responseMimeType: "application/json" } },
    /Function calling with a response mime type/,
  ],
  [
    "a schema without JSON",
    config({ responseJsonSchema: { type: "object" } }),
    /only allowed when response_mime_type/,
  ],
  [
    "a function with a blank in its name",
    declare({ name: "a b" }),
    /function_declarations\[0\].name: Invalid function name/,
  ],
  [
    "two functions of one name",
    declare({ name: "f" }, { name: "f" }),
    /Duplicate function declaration found: f/,
  ],
  [
    "both forms of a schema",
    declare({ name: "f", parameters: { type: "OBJECT" }, parametersJsonSchema: {} }),
    /must not both be set/,
  ],
  [
    "an object without properties",
    typed({ type: "OBJECT", properties: {} }),
    /should be non-empty for OBJECT type/,
  ],
  [
    "an enum of numbers",
    typed({ type: "OBJECT", properties: { n: { type: "INTEGER", enum: ["1"] } } }),
    /parameters.properties\[n\].enum: only allowed for STRING type/,
  ],
  [
    "a format that it does not know",
    typed({ type: "OBJECT", properties: { u: { type: "STRING", format: "uri" } } }),
    /only 'enum' and 'date-time' are supported/,
  ],
  [
    "a list of nothing",
    typed({ type: "OBJECT", properties: { l: { type: "ARRAY" } } }),
    /items: missing field/,
  ],
  [
    "a required name that is not there",
    typed({ type: "OBJECT", required: ["x"] }),
    /required\[0\]: property is not defined/,
  ],
  ["a type that does not exist", typed({ type: "MAP" }), /Invalid value at .*parameters.type/],
  [
    "a mode without functions",
    { contents: [user], toolConfig: { functionCallingConfig: { mode: "AUTO" } } },
    /set without function_declarations/,
  ],
  [
    "names for a mode that needs none",
    {
      ...declare({ name: "f" }),
      toolConfig: { functionCallingConfig: { mode: "AUTO", allowedFunctionNames: ["f"] } },
    },
    /only be set when the function calling mode is ANY or VALIDATED/,
  ],
  [
    "names of functions that are not there",
    {
      ...declare({ name: "f" }),
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["g"] } },
    },
    /not declared: g/,
  ],
  [
    "instructions beside a cache",
    { contents: [user], systemInstruction: { parts: [part("x")] }, cachedContent: "cachedContents/1" },
    /CachedContent can not be used/,
  ],
  [
    "a call without its signature",
    say(user, calls("f"), answers("f")),
    /^Function call is missing a thought_signature.*`default_api:f` , position 2/,
    "gemini-3.5-flash",
  ],
  [
    "a call with the signature of another",
    say(
      user,
      { role: "model", parts: [{ functionCall: { name: "f", args: {} }, thoughtSignature: "AAAA" }] },
      answers("f"),
    ),
    /Thought signature is not valid/,
    "gemini-3.5-flash",
  ],
])("%s is refused", async (_what, body, message, model) => {
  const { status, json } = await post(body, model);
  expect(json).toEqual({
    error: { code: 400, message: expect.stringMatching(message), status: "INVALID_ARGUMENT" },
  });
  expect(status).toBe(400);
});

test("fields that nobody knows are all named, with the place where they stand", async () => {
  const body = {
    contents: [{ role: "user", parts: [{ text: "Hi", cache: 1 }] }],
    seed: 7,
    generationConfig: { maxTokens: 5 },
    tools: [
      {
        functionDeclarations: [
          {
            name: "f",
            parameters: {
              $schema: "x",
              type: "OBJECT",
              properties: { a: { type: "STRING", const: "b" } },
              additionalProperties: false,
            },
          },
        ],
      },
    ],
  };
  const { status, json } = await post(body);
  const at = "tools[0].function_declarations[0].parameters";
  const lines = [
    ["cache", "contents[0].parts[0]"],
    ["seed", ""],
    ["maxTokens", "generation_config"],
    ["$schema", at],
    ["const", `${at}.properties[0].value`],
    ["additionalProperties", at],
  ].map(
    ([name, path]) =>
      `Invalid JSON payload received. Unknown name "${name}"${path === "" ? "" : ` at '${path}'`}: Cannot find field.`,
  );
  const { error } = json as { error: { message: string; details: { fieldViolations: object[] }[] } };
  expect([status, error.message.split("\n").toSorted()]).toEqual([400, lines.toSorted()]);
  expect(error.details[0]?.fieldViolations).toHaveLength(lines.length);
});

test.each<[string, Fields, string?]>([
  ["calls with their responses", say(user, calls("f", "g"), answers("g", "f"), user)],
  ["several contents of one role", say(user, user, { role: "model", parts: [part("x")] }, user)],
  ["fields in snake_case", { ...say(user), generation_config: { max_output_tokens: 5 } }],
  ["a budget", config({ thinkingConfig: { thinkingBudget: -1, includeThoughts: true } })],
  ["a level on a newer model", config({ thinkingConfig: { thinkingLevel: "LOW" } }), "gemini-3.5-flash"],
  [
    "calls of another model that say so",
    say(
      user,
      {
        role: "model",
        parts: [
          {
            functionCall: { name: "f", args: {} },
            thoughtSignature: "skip_thought_signature_validator",
          },
          { functionCall: { name: "g", args: {} } },
        ],
      },
      answers("f", "g"),
    ),
    "gemini-3.5-flash",
  ],
  ["calls of a turn that is over", say(user, calls("f"), answers("f"), user), "gemini-3.5-flash"],
  ["a tuned model", say(user), "my-tuned-model"],
  [
    "levels and JSON beside functions, of a model whose version is not known",
    {
      ...declare({ name: "f" }),
      generationConfig: { responseMimeType: "application/json", thinkingConfig: { thinkingLevel: "LOW" } },
    },
    "gemini-flash-latest",
  ],
])("%s are accepted", async (_what, body, model) => {
  const { status, text } = await post(body, model);
  expect(status, text).toBe(200);
});

test.each([
  ["no key", {}, 403, "PERMISSION_DENIED"],
  ["a wrong key", { "x-goog-api-key": "sk-wrong" }, 400, "INVALID_ARGUMENT"],
  ["a wrong token", { authorization: "Bearer sk-wrong" }, 401, "UNAUTHENTICATED"],
])("%s is refused", async (_what, headers, status, name) => {
  const url = `${emulator.baseUrl("gemini")}/models/gemini-2.5-flash:generateContent`;
  const answer = await send(url, say(user), { headers: { authorization: "", ...headers } });
  expect([answer.status, answer.json]).toMatchObject([status, { error: { code: status, status: name } }]);
});

test("a key may stand in the query, and a token of Vertex AI in its header", async () => {
  const path = "models/gemini-2.5-flash:generateContent";
  const byQuery = await send(`${emulator.url}/v1/${path}?key=k`, say(user), {
    headers: { authorization: "" },
  });
  const vertex = `${emulator.url}/v1/projects/p/locations/l/publishers/google/${path}`;
  const byToken = await send(vertex, say(user), { headers: { authorization: "Bearer t" } });
  expect([byQuery.status, byToken.status]).toEqual([200, 200]);
});

test("a full quota tells in its body how long to wait", async () => {
  emulator.script({ status: 429 });
  const { status, json } = await post(say(user));
  expect([status, json]).toMatchObject([
    429,
    {
      error: {
        status: "RESOURCE_EXHAUSTED",
        details: [
          { "@type": expect.stringMatching(/QuotaFailure$/) },
          { "@type": expect.stringMatching(/RetryInfo$/), retryDelay: "0.02s" },
        ],
      },
    },
  ]);
});

test("without alt=sse a stream is a list, and so are its errors", async () => {
  const list = await post(say(user), "gemini-2.5-flash", "streamGenerateContent");
  const sse = await post(say(user), "gemini-2.5-flash", "streamGenerateContent?alt=sse");
  expect(list.headers["content-type"]).toBe("application/json");
  const essence = ({ responseId: _id, ...chunk }: Fields): unknown => chunk;
  expect((list.json as Fields[]).map(essence)).toEqual(eventsOf(sse.text).map(essence));
  const refused = await post({}, "gemini-2.5-flash", "streamGenerateContent");
  expect(refused.json).toEqual([{ error: expect.objectContaining({ code: 400 }) }]);
});

test("a path that is not there is a page, and a model that is not there is an error", async () => {
  const page = await post(say(user), "gemini-2.5-flash", "batchEverything");
  expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=UTF-8"]);
  const { status, json } = await post(say(user), "no-such-model");
  expect([status, json]).toMatchObject([
    404,
    { error: { status: "NOT_FOUND", message: expect.stringContaining("for API version v1beta") } },
  ]);
});

test("a whole request can be counted", async () => {
  const generateContentRequest = {
    model: "models/gemini-2.5-flash",
    systemInstruction: { parts: [part("Be brief.")] },
    contents: [user],
  };
  const { json } = await post({ generateContentRequest }, "gemini-2.5-flash", "countTokens");
  expect(json).toMatchObject({ totalTokens: 5 });
  const refused = await post({ contents: [user], tools: [] }, "gemini-2.5-flash", "countTokens");
  expect(refused.json).toMatchObject({ error: { message: expect.stringContaining('Unknown name "tools"') } });
});

test("the compatible endpoint is another wire", async () => {
  const body = { model: "gemini-2.5-flash", messages: [{ role: "user", content: "Hi" }] };
  const { json } = await send(`${emulator.url}/v1beta/openai/chat/completions`, body);
  expect(json).toMatchObject({ object: "chat.completion" });
});

test("a lenient emulator refuses nothing", async () => {
  const lenient = await startEmulator({ lenient: true });
  const url = `${lenient.baseUrl("gemini")}/models/gemini-3.5-flash:generateContent`;
  for (const body of [{ seed: 1 }, "{", { contents: "none" }]) {
    const { status, text } = await send(url, body, { headers: { authorization: "" } });
    expect(status, text).toBe(200);
  }
  await lenient.close();
});
