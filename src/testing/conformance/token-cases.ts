import { image } from "../../message/data-blocks.ts";
import type { MessageInput } from "../../message/msg.ts";
import type { ChatModelBase } from "../../model/chat-model-base.ts";
import type { TokenCount } from "../../token/token-counter-base.ts";
import type { ToolInput } from "../../tool/tool-schema.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import type { RecordedRequest } from "./wire-fixtures.ts";

/** Section O of the table: tokens, counted by the library or, where it does so for nothing, by the provider. */
export const tokenCases: readonly ConformanceCase[] = [
  {
    id: "O1",
    title:
      "tokens are counted always the same, and without asking anybody where the provider has no way to ask",
    run: async (context) => {
      const first = await countedFor(context, ["Hello there."]);
      const again = await countedFor(context, ["Hello there."]);
      same(again.count, first.count, "a second count");
      same(
        context.server.requests.length,
        context.fixtures.counting === undefined ? 0 : 2,
        "how often the provider was asked",
      );
      const { tokens, exact, method } = first.count;
      claim(Number.isInteger(tokens) && tokens > 0, `${tokens} tokens`);
      claim(typeof exact === "boolean" && method !== "", "a count without saying how");
    },
  },
  {
    id: "O2",
    title: "text that looks like a special token is counted as text",
    run: async (context) => {
      const text = "<|endoftext|><|im_start|>";
      const { count, sent } = await countedFor(context, [text]);
      if (sent !== undefined) return same(sent.messages.at(-1)?.text, text, "the text that is asked about");
      const { count: plain } = await countedFor(context, ["Hi"]);
      return claim(
        count.tokens >= plain.tokens + 5,
        `${count.tokens} tokens, and ${plain.tokens} for a word`,
      );
    },
  },
  {
    id: "O3",
    title: "tools and pictures are counted",
    run: async (context) => {
      const card = { ...context.model().card, inputTypes: ["*/*"] };
      const setup = { model: context.model({ card }) };
      const tool = { name: "get_weather", description: "The weather of a city, now." };
      const look = { role: "user" as const, content: ["Look.", image(PICTURE, { mediaType: "image/png" })] };
      const plain = await countedFor(context, ["Look."], setup);
      const withTool = await countedFor(context, ["Look."], { ...setup, tools: [tool] });
      const withPicture = await countedFor(context, [look], setup);
      if (withTool.sent !== undefined) {
        same(
          withTool.sent.tools?.map(({ name }) => name),
          [tool.name],
          "the tools that are asked about",
        );
        same(
          withPicture.sent?.messages.flatMap(({ media }) => media.map(({ kind }) => kind)),
          ["image"],
          "the media",
        );
        return;
      }
      claim(withTool.count.tokens >= plain.count.tokens + 8, "a tool takes no tokens");
      claim(withPicture.count.tokens >= plain.count.tokens + 50, "a picture takes no tokens");
    },
  },
  {
    id: "O4",
    title:
      "a model that nobody knows is counted approximately, and says so; a provider that is asked may know none",
    run: async (context) => {
      const modelName = "nobody-knows-9000";
      if (context.fixtures.counting === undefined) {
        const { count } = await countedFor(context, ["Hello there."], {
          model: context.model({ modelName }),
        });
        claim(count.tokens > 0, "no tokens");
        same(count.exact, false, "whether it is exact");
        return;
      }
      const { status, body } = context.fixtures.modelNotFound;
      context.server.script(context.whole(body, { status }));
      const kind = await context
        .model({ modelName })
        .countTokens("Hello there.")
        .then(
          () => "a count",
          (error: { kind?: string }) => error.kind,
        );
      same(kind, "not_found", "what came of it");
    },
  },
];

/** A PNG's header: 512 pixels each way. */
const PICTURE = Buffer.from("89504e470d0a1a0a0000000d4948445200000200000002000806000000f478d4fa", "hex");

const TOKENS = 14;

/** A count, and what the provider was asked for it. */
async function countedFor(
  context: ConformanceContext,
  messages: readonly MessageInput[],
  {
    model = context.model(),
    tools = [],
  }: { readonly model?: ChatModelBase; readonly tools?: readonly ToolInput[] } = {},
): Promise<{ count: TokenCount; sent: RecordedRequest | undefined }> {
  const { counting } = context.fixtures;
  if (counting === undefined) return { count: await model.countTokens(messages, tools), sent: undefined };
  context.server.script(context.whole(counting.answer(TOKENS)));
  const count = await model.countTokens(messages, tools);
  same(count.tokens, TOKENS, "the count that the provider gave");
  const { path, body } = context.server.requests.at(-1) ?? { path: "", body: {} };
  return { count, sent: context.fixtures.readRequest({ path, body: counting.callIn(body) }) };
}
