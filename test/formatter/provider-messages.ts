import type { MsgData } from "../../src/index.ts";
import { anthropicEvent, blockStart, blockStop } from "../../src/testing/conformance/anthropic-events.ts";
import type { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import { dashscopeChoice } from "../../src/testing/conformance/dashscope-events.ts";
import { geminiParts } from "../../src/testing/conformance/gemini-events.ts";
import { openaiDelta } from "../../src/testing/conformance/openai-chat-events.ts";
import { type AnswerPart, SIGNATURE } from "../../src/testing/conformance/wire-fixtures.ts";
import type { Account } from "../accounts.ts";

const PIXEL = "iVBORw0KGgo=";

/** What every wire can say: thinking, texts, one call, parallel calls. */
const ANSWERS: readonly (readonly AnswerPart[])[] = [
  [{ thinking: "They greet me, so I greet them back." }, { text: "Good day to you." }],
  [
    { thinking: "Two towns mean two questions to ask." },
    { text: "Let me look both up." },
    { tool: { index: 0, id: "call/with:marks|1", name: "get_weather", arguments: '{"city":"Paris"}' } },
    { tool: { index: 1, id: `call_${"x".repeat(80)}`, name: "get_weather", arguments: '{"city":"Oslo"}' } },
  ],
  [{ tool: { index: 0, id: "call/with:marks|1", name: "get_time", arguments: "{}" } }],
  [{ text: "Something went wrong here." }, { tool: { index: 0, id: "call_nameless", arguments: "{}" } }],
];

/** What a model writes where arguments are a text that it makes itself. */
const BROKEN_CALLS: readonly AnswerPart[] = [
  { tool: { index: 0, id: "call_broken", name: "get_time", arguments: '{"zone": "CET", }' } },
  { tool: { index: 1, id: "call_list", name: "get_time", arguments: '["CET"]' } },
];

/** What only some wires can say: pictures, sounds, what the provider's own tools did. */
const OWN_ANSWERS: Readonly<Record<string, readonly (readonly AnswerPart[])[]>> = {
  "openai-chat": [
    [{ event: openaiDelta({ audio: { id: "audio_opaque_1", data: PIXEL, transcript: "Said aloud." } }) }],
    [
      { text: "Here is the picture." },
      {
        event: openaiDelta({
          images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } }],
        }),
      },
    ],
    [{ refusal: "That I will not do." }],
  ],
  anthropic: [
    [
      { text: "I shall search." },
      {
        event:
          blockStart(1, {
            type: "server_tool_use",
            id: "srvtoolu_opaque_1",
            name: "web_search",
            input: { query: "weather" },
          }) + blockStop(1),
      },
      {
        event:
          blockStart(2, {
            type: "web_search_tool_result",
            tool_use_id: "srvtoolu_opaque_1",
            content: [
              {
                type: "web_search_result",
                url: "https://weather.example",
                title: "Weather",
                encrypted_content: "opaque-content-0123456789",
              },
            ],
          }) + blockStop(2),
      },
      { event: anthropicEvent("ping") },
    ],
  ],
  gemini: [
    [
      { text: "Here is the picture." },
      {
        event: geminiParts([
          { inlineData: { mimeType: "image/png", data: PIXEL }, thoughtSignature: SIGNATURE },
        ]),
      },
    ],
    [
      {
        event: geminiParts([
          { executableCode: { language: "PYTHON", code: "print(2 + 2)" }, thoughtSignature: SIGNATURE },
          { codeExecutionResult: { outcome: "OUTCOME_OK", output: "4" } },
          { text: "It is four." },
        ]),
      },
    ],
  ],
  dashscope: [
    [
      {
        event: dashscopeChoice({
          role: "assistant",
          content: [{ text: "Here it is." }, { image: "https://example.com/made.png" }],
        }),
      },
    ],
  ],
};

/**
 * What an account's model answers: all that every wire can say, all that only its own can, and every shape of its fixtures.
 * As plain data, like a conversation that was stored.
 */
export async function answersOf({ subject }: Account, server: ByteServer): Promise<MsgData[]> {
  const { fixtures } = subject;
  const model = subject.createModel({
    baseUrl: server.url + fixtures.basePath,
    apiKey: "sk-any",
    modelName: subject.models?.[0],
    options: { retry: false },
  });
  const ending: readonly AnswerPart[] = [
    { finish: fixtures.finishReasons.stop ?? "stop" },
    { usage: { input: 7, output: 5 } },
    { end: true },
  ];
  const said = [
    ...ANSWERS,
    ...("E10" in fixtures.skips ? [] : [BROKEN_CALLS]),
    ...(OWN_ANSWERS[fixtures.name] ?? []),
  ];
  const streams = [
    ...said.map((parts) => fixtures.stream([...parts, ...ending])),
    ...Object.values(fixtures.shapes).flatMap((shapes) => shapes.map(({ events }) => events)),
  ];
  const answers: MsgData[] = [];
  for (const events of streams) {
    server.script({ headers: { "content-type": fixtures.streamType }, pieces: [events.join("")] });
    const response = await model.call("Hi");
    answers.push(JSON.parse(JSON.stringify(response.toMessage())) as MsgData);
  }
  return answers;
}
