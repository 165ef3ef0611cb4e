// A conversation begun on any provider goes on with any other: every account is asked to continue what every other account's
// models answered, by the emulator, which refuses what the real provider refuses.
import { beforeAll, expect, test } from "vitest";
import { describeMedia } from "../../src/formatter/media.ts";
import {
  AnthropicMultiAgentFormatter,
  type DataBlock,
  DashScopeMultiAgentFormatter,
  GeminiMultiAgentFormatter,
  type MessageInput,
  type ModelCard,
  Msg,
  type MsgData,
  OllamaMultiAgentFormatter,
  OpenAIMultiAgentFormatter,
  type ToolResultBlock,
  ToolResultMessage,
  type ToolUseBlock,
} from "../../src/index.ts";
import { acceptsMediaType } from "../../src/message/accepted-media.ts";
import type { ChatModelOptions } from "../../src/model/model-registry.ts";
import { ByteServer } from "../../src/testing/conformance/byte-server.ts";
import type { RecordedMessage } from "../../src/testing/conformance/wire-fixtures.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { type Account, accounts } from "../accounts.ts";
import { answersOf } from "./provider-messages.ts";

const emulator = await emulatorOfFile();
const answers = new Map<Account, readonly MsgData[]>();

beforeAll(async () => {
  const server = await ByteServer.start();
  for (const account of accounts) answers.set(account, await answersOf(account, server));
  await server.close();
});

/** Formatters of conversations of several agents, by the name of their wire. */
const MULTI_AGENT: Readonly<Record<string, () => ChatModelOptions["formatter"]>> = {
  "openai-chat": () => new OpenAIMultiAgentFormatter(),
  anthropic: () => new AnthropicMultiAgentFormatter(),
  gemini: () => new GeminiMultiAgentFormatter(),
  dashscope: () => new DashScopeMultiAgentFormatter(),
  ollama: () => new OllamaMultiAgentFormatter(),
};

const TOOLS = ["get_weather", "get_time"].map((name) => ({
  name,
  description: `Calls ${name}.`,
  parameters: { type: "object", properties: { city: { type: "string" } } },
}));

const PICTURE = medium("picture_1", { type: "base64", data: "iVBORw0KGgoAAAA=", mediaType: "image/png" });

/** What tools give back, one after the other. */
const OUTPUTS: readonly Pick<ToolResultBlock, "output" | "isError">[] = [
  { output: "It is sunny." },
  { output: [{ type: "text", id: "text_1", text: "A map of it." }, PICTURE] },
  { output: "There is no such place.", isError: true },
  {
    output: [
      medium("far_1", { type: "url", url: "https://media.test/far.png", mediaType: "image/png" }),
      medium("sound_1", { type: "base64", data: "T2dnUw==", mediaType: "audio/ogg" }),
      medium("film_1", { type: "url", url: "https://media.test/film.mp4", mediaType: "video/mp4" }),
      medium("paper_1", { type: "file", fileId: "file_9", mediaType: "application/pdf" }),
    ],
  },
];

function medium(id: string, source: DataBlock["source"]): DataBlock {
  return { type: "data", id, source };
}

/** One question, one answer of the source, and the results of its calls. */
interface Turn {
  readonly question: string;
  readonly answer: MsgData;
  readonly results: readonly ToolResultMessage[];
}

function turnsOf(source: Account): Turn[] {
  let outputs = 0;
  return (answers.get(source) as readonly MsgData[]).map((answer, index) => ({
    question: `Question ${index}.`,
    answer,
    results: callsOf(answer).map((call) => {
      const { output, isError = false } = OUTPUTS[outputs++ % OUTPUTS.length] as (typeof OUTPUTS)[number];
      return new ToolResultMessage(call, output, { isError });
    }),
  }));
}

/** What went wrong with a request, if anything, and what it said. */
async function send(
  target: Account,
  modelName: string,
  messages: (card: ModelCard) => readonly MessageInput[],
  options: Pick<ChatModelOptions, "formatter"> = {},
): Promise<{ sent: readonly RecordedMessage[]; rawBody: string }> {
  const model = target.createModel(
    `${emulator.url}/${target.provider}${target.basePath}`,
    modelName,
    options,
  );
  const tools = model.card.capabilities.tools === false ? [] : TOOLS;
  emulator.reset();
  await model.call(messages(model.card), tools, { retry: false, thinking: { enabled: true } });
  const { path, body, rawBody } = emulator.journal.at(-1) as (typeof emulator.journal)[number];
  return { sent: target.subject.fixtures.readRequest({ path, body }).messages, rawBody };
}

/** A conversation of all turns, with a picture where the model reads it. */
function conversation(turns: readonly Turn[], { inputTypes }: ModelCard): MessageInput[] {
  const seesPictures = acceptsMediaType(inputTypes, "image/png");
  return [
    { role: "system", content: "Be brief." },
    { role: "user", content: seesPictures ? ["Look at this.", PICTURE] : "Listen." },
    ...turns.flatMap(({ question, answer, results }) => [question, answer, ...results]),
    "The last question.",
  ];
}

/** The other providers; the first of each wire with `true`. */
function* sourcesFor(target: Account): Generator<readonly [source: Account, isFirstOfWire: boolean]> {
  const wires = new Set<string>();
  for (const source of accounts) {
    if (source.provider === target.provider) continue;
    const { name } = source.subject.fixtures;
    yield [source, !wires.has(name)];
    wires.add(name);
  }
}

for (const target of accounts) {
  test(`${target.name} goes on with what every other provider answered`, async () => {
    for (const [source, isFirstOfWire] of sourcesFor(target)) {
      const turns = turnsOf(source);
      // What each wire said goes to a model of each sort.
      for (const modelName of isFirstOfWire ? target.modelNames : target.modelNames.slice(0, 1)) {
        await told(`${source.name} to ${modelName}`, async () => {
          const { sent, rawBody } = await send(target, modelName, (card) => conversation(turns, card));
          assertTurnsKept(turns, sent);
          assertCallsPaired(turns, sent, target);
          assertNothingForeign(turns, rawBody, target);
        });
      }
    }
  });

  test(`${target.name} goes on in the middle of another provider's tool calls`, async () => {
    for (const [source, isFirstOfWire] of sourcesFor(target)) {
      if (!isFirstOfWire) continue;
      const turns = turnsOf(source).filter(({ results }) => results.length > 1);
      for (const modelName of target.modelNames) {
        await told(`${source.name} to ${modelName}`, async () => {
          const { sent } = await send(target, modelName, () =>
            turns.flatMap(({ question, answer, results }) => [question, answer, ...results]),
          );
          assertCallsPaired(turns, sent, target);
        });
      }
    }
  });

  test(`${target.name} joins a conversation of agents of every other provider`, async () => {
    const formatter = MULTI_AGENT[target.subject.fixtures.name];
    if (formatter === undefined) throw new Error(`${target.name} has no formatter for several agents here.`);
    for (const [source] of sourcesFor(target)) {
      const turns = turnsOf(source);
      const [modelName] = target.modelNames;
      await told(`${source.name} to ${modelName}`, async () => {
        const { sent, rawBody } = await send(target, modelName, (card) => conversation(turns, card), {
          formatter: formatter(),
        });
        const said = sent.map(({ text }) => text).join("\n");
        assertInOrder(
          said,
          turns.flatMap(({ question, answer }) => [question, ...textsOf(answer)]),
        );
        assertMediaKept(turns.flatMap(mediaOf), sent);
        assertCallsPaired(turns, sent, target);
        assertNothingForeign(turns, rawBody, target);
      });
    }
  });
}

/** Says where it was when something fails. */
async function told(where: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Everything that was said and shown goes out, in its role and in its place. */
function assertTurnsKept(turns: readonly Turn[], sent: readonly RecordedMessage[]): void {
  const parts = cutByQuestion(turns, sent);
  for (const [index, turn] of turns.entries()) {
    const part = parts[index] as RecordedMessage[];
    const byAssistant = part.filter(({ role }) => role === "assistant").map(({ text }) => text);
    assertInOrder(byAssistant.join("\n"), textsOf(turn.answer));
    assertMediaKept(mediaOf(turn), part);
  }
}

/** What was sent, turn by turn. Some wires join what neighbours of one role say. */
function cutByQuestion(turns: readonly Turn[], sent: readonly RecordedMessage[]): RecordedMessage[][] {
  const parts: RecordedMessage[][] = turns.map(() => []);
  let current = -1;
  for (const message of sent) {
    parts[current]?.push(message);
    const next = turns.findLastIndex(({ question }) => message.text.includes(question));
    if (message.role === "user" && next > current) current = next;
    if (message.text.includes("The last question.")) break;
  }
  return parts;
}

function assertInOrder(said: string, texts: readonly string[]): void {
  let at = 0;
  for (const text of texts) {
    const found = said.indexOf(text, at);
    if (found < 0) throw new Error(`${JSON.stringify(text)} is missing in ${JSON.stringify(said)}`);
    at = found + text.length;
  }
}

/** Each medium is shown or described. */
function assertMediaKept(media: readonly DataBlock[], sent: readonly RecordedMessage[]): void {
  const words = sent
    .flatMap(({ text, toolResults }) => [text, ...toolResults.map((result) => result.text)])
    .join("\n");
  const hidden = media.filter((block) => !words.includes(describeMedia(block)));
  const shown = sent.flatMap((message) => message.media);
  expect(shown.length, `shown of ${JSON.stringify(hidden)}`).toBeGreaterThanOrEqual(hidden.length);
}

/** Every call goes out once, with an id that the target takes and no other call has, and with its result. */
function assertCallsPaired(
  turns: readonly Turn[],
  sent: readonly RecordedMessage[],
  { subject }: Account,
): void {
  const asked = turns.flatMap(({ answer }) => callsOf(answer));
  const calls = sent.flatMap(({ toolCalls }) => toolCalls);
  for (const [index, call] of asked.entries())
    expect(calls[index], call.rawInput).toMatchObject({ name: call.name || "unnamed", input: inputOf(call) });
  expect(calls.length).toBe(asked.length);
  const ids = calls.map(({ id }) => id);
  for (const id of ids) expect(id).toMatch(subject.fixtures.toolCallId);
  expect(new Set(ids).size).toBe(ids.length);
  const results = sent.flatMap(({ toolResults }) => toolResults);
  expect(results.map(({ id }) => id)).toEqual(ids);
  for (const [index, { toolResults }] of turns.flatMap((turn) => turn.results).entries()) {
    const [{ output, isError = false }] = toolResults as readonly [ToolResultBlock];
    const { text, isError: isMarked } = results[index] as (typeof results)[number];
    const texts =
      typeof output === "string" ? [output] : output.flatMap((block) => ("text" in block ? block.text : []));
    assertInOrder(text, texts);
    expect(isMarked === true || text.startsWith("Error: ")).toBe(isError);
  }
}

/** What only the provider that wrote it can read, and what it thought, has no business with another. */
function assertNothingForeign(turns: readonly Turn[], sent: string, { subject }: Account): void {
  const content = turns.flatMap(({ answer }) => Msg.from(answer).content);
  const ids = content.flatMap(({ type, id }) => (type === "tool_use" ? id : []));
  const visible = JSON.stringify([
    content.map((block) => (block.type === "thinking" ? "" : { ...block, id: "", providerMetadata: {} })),
    ids.filter((id) => subject.fixtures.toolCallId.test(id)),
  ]);
  const secrets = [
    ...turns.flatMap(({ answer }) => answer.id ?? []),
    ...content.flatMap(({ providerMetadata = {} }) => stringsIn(providerMetadata)),
    ...content.flatMap((block) => (block.type === "thinking" ? [block.id, block.thinking] : [])),
    ...ids,
  ];
  const leaks = secrets.filter((secret) => {
    // Short words stand in ordinary texts, too.
    if (secret.length < 8 || visible.includes(secret)) return false;
    return sent.includes(JSON.stringify(secret).slice(1, -1));
  });
  expect(leaks).toEqual([]);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function textsOf(message: MsgData): string[] {
  return Msg.from(message).content.flatMap((block) =>
    block.type === "text" && block.text.trim() !== "" ? block.text : [],
  );
}

function callsOf(message: MsgData): readonly ToolUseBlock[] {
  return Msg.from(message).toolCalls;
}

function mediaOf({ answer, results }: Turn): DataBlock[] {
  const outputs = results.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
  const shown = outputs.flatMap((output) => (typeof output === "string" ? [] : output));
  return [...Msg.from(answer).content, ...shown].filter((block) => block.type === "data");
}

/** What goes out for a call's arguments: an object, whatever the model wrote. */
function inputOf({ input, inputError, rawInput }: ToolUseBlock): ToolUseBlock["input"] {
  const isUnread = inputError !== undefined && Object.keys(input).length === 0 && !/^\{\}?$/.test(rawInput);
  return isUnread ? { invalid_arguments: rawInput } : input;
}
