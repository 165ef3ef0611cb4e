import { ApiError, type Content, FunctionCallingConfigMode, GoogleGenAI, ThinkingLevel } from "@google/genai";
import { expect, test } from "vitest";
import { DELIVERIES } from "../../src/testing/emulator/deliver.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";

const emulator = await emulatorOfFile();

/** Nothing is taken from the environment. Version 3 of the client asks for `v1`, version 2 for `v1beta`. */
function clientWith({ apiKey = "key", apiVersion = "v1beta" } = {}): GoogleGenAI {
  return new GoogleGenAI({ apiKey, vertexai: false, apiVersion, httpOptions: { baseUrl: emulator.url } });
}

const client = clientWith();

const model = "gemini-3.5-flash";

const declarations = (...names: string[]): object => ({
  tools: [
    {
      functionDeclarations: names.map((name) => ({
        name,
        parametersJsonSchema: {
          type: "object",
          properties: { city: { type: "string" } },
          required: ["city"],
        },
      })),
    },
  ],
});

test.each(["v1beta", "v1"])("an answer, its usage and its id come from %s", async (apiVersion) => {
  const answer = await clientWith({ apiVersion }).models.generateContent({ model, contents: "Hi" });
  expect([answer.text, answer.modelVersion]).toEqual(["You said: Hi", model]);
  expect(answer.usageMetadata).toMatchObject({
    promptTokenCount: 2,
    candidatesTokenCount: 3,
    totalTokenCount: 5,
  });
  expect(answer.responseId).toMatch(/^emulated-\d+$/);
  expect(answer.candidates?.[0]?.finishReason).toBe("STOP");
});

test("a stream gives its text piece by piece, and its usage at the end", async () => {
  const stream = await client.models.generateContentStream({ model, contents: "Count from 1 to 5." });
  const pieces: string[] = [];
  let usage: object | undefined;
  for await (const chunk of stream) {
    pieces.push(chunk.text ?? "");
    usage = chunk.usageMetadata;
  }
  expect(pieces.filter((piece) => piece !== "")).toEqual(["1, ", "2, ", "3, ", "4, ", "5"]);
  expect(usage).toMatchObject({ candidatesTokenCount: 5 });
});

test.each(Object.entries(DELIVERIES))(
  "a stream in the delivery %j is read to the same",
  async (_name, delivery) => {
    emulator.delivery = delivery;
    const text = "Zürich and 東京";
    emulator.script({ text, toolCalls: [{ name: "f", arguments: { where: text } }] });
    let read = "";
    const calls: unknown[] = [];
    for await (const chunk of await client.models.generateContentStream({ model, contents: "Hi" })) {
      read += chunk.candidates?.[0]?.content?.parts?.map((part) => part.text ?? "").join("") ?? "";
      calls.push(...(chunk.functionCalls ?? []));
    }
    expect([read, calls]).toMatchObject([text, [{ name: "f", args: { where: text } }]]);
  },
);

test("a tool is called in a stream and its result reported", async () => {
  const contents: Content[] = [{ role: "user", parts: [{ text: "How is it in Paris?" }] }];
  const config = declarations("get_weather");
  const parts = [];
  for await (const chunk of await client.models.generateContentStream({ model, contents, config }))
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
  const call = parts[0]?.functionCall;
  expect(call).toEqual({ id: expect.any(String), name: "get_weather", args: { city: "Paris" } });
  contents.push(
    { role: "model", parts },
    {
      role: "user",
      parts: [
        {
          functionResponse: {
            id: call?.id as string,
            name: call?.name as string,
            response: { output: "18 degrees" },
          },
        },
      ],
    },
  );
  const told = await client.models.generateContent({ model, contents, config });
  expect(told.text).toBe("Here is what I found: 18 degrees");
  // What was signed must come back signed.
  const unsigned = contents.with(1, { role: "model", parts: [{ functionCall: call as object }] });
  await expect(client.models.generateContent({ model, contents: unsigned, config })).rejects.toThrow(
    "missing a thought_signature",
  );
});

test("the SDK's own tool loop comes to its end", async () => {
  const answer = await client.models.generateContent({
    model,
    contents: "How is it in Paris?",
    config: {
      tools: [
        {
          // The SDK runs what can be called by itself.
          tool: () => Promise.resolve((declarations("get_weather") as { tools: [object] }).tools[0]),
          callTool: (calls) =>
            Promise.resolve(
              calls.map(({ id, name }) => ({
                functionResponse: {
                  ...(id !== undefined && { id }),
                  name: name as string,
                  response: { output: "18 degrees" },
                },
              })),
            ),
        },
      ],
    },
  });
  expect(answer.text).toBe("Here is what I found: 18 degrees");
  expect(emulator.journal).toHaveLength(2);
});

test("a chat keeps its history", async () => {
  const chat = client.chats.create({ model });
  await chat.sendMessage({ message: "One" });
  for await (const _chunk of await chat.sendMessageStream({ message: "Two" }));
  expect((await chat.sendMessage({ message: "Three" })).text).toBe("You said: Three");
  expect(emulator.journal[2]?.rawBody).toMatch(/One.*You said: One.*Two.*You .*Three/);
});

test("parallel calls have ids of their own, and older models give none", async () => {
  const config = declarations("get_weather", "get_time");
  const contents = "Use get_weather for Paris and get_time for Tokyo.";
  const ask = async (name: string): Promise<unknown[] | undefined> =>
    (await client.models.generateContent({ model: name, contents, config })).functionCalls;
  const calls = (await ask(model)) as { id: string }[];
  expect(calls).toMatchObject([
    { name: "get_weather", args: { city: "Paris" } },
    { name: "get_time", args: { city: "Tokyo" } },
  ]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  expect((await ask("gemini-2.5-flash"))?.[0]).toEqual({ name: "get_weather", args: { city: "Paris" } });
});

test("the choice of a function is followed", async () => {
  const config = {
    ...declarations("get_weather", "get_time"),
    toolConfig: {
      functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["get_time"] },
    },
  };
  const { functionCalls } = await client.models.generateContent({ model, contents: "Well?", config });
  expect(functionCalls).toMatchObject([{ name: "get_time" }]);
});

test("thoughts are shown to those who ask, and counted for all", async () => {
  const ask = async (includeThoughts: boolean): Promise<unknown[]> => {
    emulator.script({ thinking: "one two", text: "three" });
    const { candidates, usageMetadata } = await client.models.generateContent({
      model,
      contents: "Hi",
      config: { thinkingConfig: { includeThoughts, thinkingLevel: ThinkingLevel.LOW } },
    });
    return [candidates?.[0]?.content?.parts, usageMetadata?.thoughtsTokenCount];
  };
  expect(await ask(true)).toMatchObject([[{ text: "one two", thought: true }, { text: "three" }], 2]);
  expect(await ask(false)).toMatchObject([[{ text: "three" }], 2]);
});

test("an answer to a schema follows it, in either form", async () => {
  const contents = "The weather in Paris, 21 degrees.";
  const properties = { city: { type: "string" }, celsius: { type: "integer" } };
  const required = ["city", "celsius"];
  for (const form of [
    { responseJsonSchema: { type: "object", properties, required } },
    {
      responseSchema: {
        type: "OBJECT",
        properties: { city: { type: "STRING" }, celsius: { type: "INTEGER" } },
        required,
      },
    },
  ]) {
    const config = { responseMimeType: "application/json", ...form } as object;
    const { text } = await client.models.generateContent({ model, contents, config });
    expect(JSON.parse(text ?? "")).toEqual({ city: "Paris", celsius: 21 });
  }
});

test("several candidates are kept apart", async () => {
  emulator.script({ choices: [{ text: "one two" }, { text: "three" }] });
  const config = { candidateCount: 2 };
  const { candidates } = await client.models.generateContent({
    model: "gemini-2.0-flash",
    contents: "Hi",
    config,
  });
  expect(candidates?.map(({ content }) => content?.parts?.[0]?.text)).toEqual(["one two", "three"]);
});

test("a refusal has no content", async () => {
  emulator.script({ refusal: "Not that." });
  const { candidates } = await client.models.generateContent({ model, contents: "Hi" });
  expect(candidates).toEqual([{ finishReason: "SAFETY", index: 0 }]);
});

test("log probabilities are sent to those who ask", async () => {
  const config = { responseLogprobs: true, logprobs: 2 };
  const { candidates } = await client.models.generateContent({ model, contents: "Hi", config });
  const { chosenCandidates, topCandidates } = candidates?.[0]?.logprobsResult ?? {};
  expect([chosenCandidates?.length, topCandidates?.[0]?.candidates?.length]).toEqual([3, 2]);
});

test.each([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [429, "RESOURCE_EXHAUSTED"],
  [500, "INTERNAL"],
  [503, "UNAVAILABLE"],
])("status %i is thrown as the SDK's own error", async (status, name) => {
  emulator.when({}, { status });
  for (const call of [
    client.models.generateContent({ model, contents: "Hi" }),
    client.models.generateContentStream({ model, contents: "Hi" }),
  ]) {
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status, message: expect.stringContaining(name) });
  }
});

test("what the emulator refuses by itself is thrown in the provider's words", async () => {
  const ask = (config: object, name = model): Promise<unknown> =>
    client.models.generateContent({ model: name, contents: "Hi", config });
  await expect(clientWith({ apiKey: "sk-wrong" }).models.list()).rejects.toThrow("API_KEY_INVALID");
  await expect(ask({}, "no-such-model")).rejects.toMatchObject({ status: 404 });
  await expect(ask({ temperature: 3 })).rejects.toThrow("temperature must be in the range");
});

test("an error event in a stream is thrown after what came before it", async () => {
  emulator.script({
    text: "half ",
    errorEvent: { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } },
  });
  let text = "";
  const reading = (async () => {
    for await (const chunk of await client.models.generateContentStream({ model, contents: "Hi" }))
      text += chunk.text ?? "";
  })();
  await expect(reading).rejects.toThrow("overloaded");
  expect(text).toBe("half ");
});

test("tokens are counted without saying anything", async () => {
  const { totalTokens } = await client.models.countTokens({ model, contents: "one two three" });
  expect(totalTokens).toBe(4);
  expect(emulator.journal[0]).toMatchObject({ wire: "gemini", model, lastUserText: "one two three" });
});

test.each(["v1beta", "v1"])("models are listed page by page from %s, and retrieved", async (apiVersion) => {
  const { models } = clientWith({ apiVersion });
  const names = [];
  for await (const { name } of await models.list({ config: { pageSize: 2 } })) names.push(name);
  expect(names).toContain(`models/${model}`);
  expect([names.length, emulator.journal.length]).toEqual([5, 3]);
  expect(await models.get({ model })).toMatchObject({ name: `models/${model}`, thinking: true });
  await expect(models.get({ model: "gemini-0" })).rejects.toMatchObject({ status: 404 });
});

test("an abort in the middle of a stream is seen by the emulator", async () => {
  emulator.script({ text: "word ".repeat(1000), delayMs: 5 });
  const controller = new AbortController();
  const config = { abortSignal: controller.signal };
  let count = 0;
  const reading = (async () => {
    for await (const _chunk of await client.models.generateContentStream({ model, contents: "Hi", config })) {
      count += 1;
      if (count === 5) controller.abort();
    }
  })();
  await expect(reading).rejects.toThrow("aborted");
  const entry = await emulator.waitForRequest();
  await entry.finished;
  expect([entry.closedByClient, count < 20, emulator.openStreams]).toEqual([true, true, 0]);
});

test("a reset in the middle of a stream is an error", async () => {
  emulator.script({ text: "a b c", cut: { afterEvents: 2, how: "rst" } });
  const reading = (async () => {
    for await (const _chunk of await client.models.generateContentStream({ model, contents: "Hi" }));
  })();
  await expect(reading).rejects.toThrow();
});
