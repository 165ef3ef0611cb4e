import { ConfigurationError } from "../error/errors-by-kind.ts";
import { OpenAIChatFormatter } from "../formatter/openai-chat-formatter.ts";
import { type MessageInput, toMessages } from "../message/msg.ts";
import { toToolSchemas } from "../tool/to-json-schema.ts";
import type { ToolInput } from "../tool/tool-schema.ts";
import type { ChatTokenizer } from "./chat-tokenizer.ts";
import { type CountContext, type TokenCount, TokenCounterBase } from "./token-counter-base.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

/** Options of a {@link HuggingFaceTokenCounter}. */
export interface HuggingFaceTokenCounterOptions {
  /** A Jinja template in place of the tokenizer's own. */
  readonly chatTemplate?: string;
  /** Whether the beginning of the answer counts, which the server writes before the model does. @default true */
  readonly addGenerationPrompt?: boolean;
  /** More variables of the template, for example `{ enable_thinking: false }`. */
  readonly templateVariables?: Readonly<Record<string, unknown>>;
}

/**
 * Counts with a model's own tokenizer and chat template, from files on this machine: for Qwen, DeepSeek, Llama and every
 * other model that comes with a `tokenizer.json`. Exact for text, given the template that the server uses; media are estimates. Needs
 * the packages `@huggingface/tokenizers` and `@huggingface/jinja`. Nothing is ever downloaded.
 */
export class HuggingFaceTokenCounter extends TokenCounterBase {
  private readonly source: string | TokenizerFiles;
  private readonly options: HuggingFaceTokenCounterOptions;
  private readonly formatter = new OpenAIChatFormatter();
  private own: Promise<ChatTokenizer> | undefined;

  /** @param source a folder with `tokenizer.json` and `tokenizer_config.json`, or what is in them */
  constructor(source: string | TokenizerFiles, options: HuggingFaceTokenCounterOptions = {}) {
    super();
    this.source = source;
    this.options = options;
  }

  /**
   * @throws ModelError `configuration` without the two packages, or without the tokenizer's files
   */
  async count(
    messages: MessageInput | readonly MessageInput[],
    tools: readonly ToolInput[] = [],
    context: CountContext = {},
  ): Promise<TokenCount> {
    const [tokenizer, formatted, schemas] = await Promise.all([
      this.load(),
      context.formatted ?? this.formatter.format(toMessages(messages)),
      toToolSchemas(tools),
    ]);
    return tokenizer.countChat(formatted, schemas, this.options);
  }

  /**
   * The tokens of a text alone. Markers of special tokens in it are text.
   *
   * @throws ModelError `configuration` without the two packages, or without the tokenizer's files
   */
  override async countText(text: string): Promise<TokenCount> {
    const tokenizer = await this.load();
    return tokenizer.countText(text);
  }

  private load(): Promise<ChatTokenizer> {
    if (typeof this.source === "string") return sharedTokenizer(this.source);
    this.own ??= makeTokenizer(this.source);
    return this.own;
  }
}

/** By folder: a tokenizer takes tens of megabytes and most of a second. */
const shared = new Map<string, Promise<ChatTokenizer>>();

function sharedTokenizer(folder: string): Promise<ChatTokenizer> {
  let tokenizer = shared.get(folder);
  if (tokenizer === undefined) {
    tokenizer = import("./tokenizer-files.ts")
      .then(({ readTokenizerFiles }) => readTokenizerFiles(folder))
      .then(makeTokenizer);
    shared.set(folder, tokenizer);
    tokenizer.catch(() => shared.delete(folder));
  }
  return tokenizer;
}

async function makeTokenizer(files: TokenizerFiles): Promise<ChatTokenizer> {
  const [{ ChatTokenizer }, { Tokenizer, Template }] = await Promise.all([
    import("./chat-tokenizer.ts"),
    installedPackages(),
  ]);
  return new ChatTokenizer(
    files,
    new Tokenizer(files.tokenizer, files.config ?? {}),
    (text) => new Template(text),
  );
}

/** A bundler takes what is awaited in a `try` for optional: without the packages it does not fail. */
async function installedPackages() {
  try {
    const { Tokenizer } = await import("@huggingface/tokenizers");
    const { Template } = await import("@huggingface/jinja");
    return { Tokenizer, Template };
  } catch (error) {
    throw new ConfigurationError(
      "HuggingFaceTokenCounter needs two packages that are not installed with rxscope. Run: npm install @huggingface/tokenizers @huggingface/jinja",
      { cause: error },
    );
  }
}
