import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { Msg } from "../message/msg.ts";
import { truncateHistory } from "../message/truncate-history.ts";
import type { ToolSchema } from "../tool/tool-schema.ts";

/** Something a formatter could not express: it becomes a warning on the response. */
export type FormatWarning = (option: string, reason: string) => void;

/** The bytes of a local file or of a URL that the provider cannot fetch itself. */
export interface ResolvedMedia {
  /** Base64. */
  readonly data: string;
  readonly mediaType: string;
}

/**
 * Reads media that a provider cannot reach: local paths and `file:` URLs, or http(s) URLs for providers that want bytes.
 * Nothing is read or downloaded unless the caller passes one. Returning undefined means: describe it in words.
 */
export type MediaResolver = (url: string, mediaType: string) => Promise<ResolvedMedia | undefined>;

/** Options every formatter takes. */
export interface FormatterOptions {
  /** MIME types the model reads; other media are described in words, with a warning. @default the model's card, set by the model */
  readonly inputTypes?: readonly string[];
  /** @default none: local files are refused with an error that says how to pass one */
  readonly mediaResolver?: MediaResolver;
  /** Counts what is formatted, to leave out the oldest of a history that is too long. @default none: nothing is left out */
  readonly tokenCounter?: HistoryCounter;
  /** The most tokens of a formatted history and the tools it is sent with. @default the context size of the model, where it is known */
  readonly maxTokens?: number;
  /** How many of `maxTokens` stay free, for the answer. @default 0 */
  readonly reserveTokens?: number;
}

/** What a formatter asks of a token counter. Every `TokenCounterBase` is one. */
export interface HistoryCounter {
  /** @param how `formatted` is what the formatter made of the messages */
  count(
    messages: readonly Msg[],
    tools: readonly ToolSchema[],
    how: { readonly formatted: readonly unknown[] },
  ): Promise<{ readonly tokens: number }>;
}

/** What a formatter is told about one call. */
export interface FormatContext {
  /** The provider and model the messages go to: reasoning goes back only there. */
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** Used where the formatter itself has no `inputTypes`. */
  readonly inputTypes?: readonly string[] | undefined;
  /** Overrides the role of system messages, as the model's card asks. */
  readonly systemRole?: "system" | "developer" | "user" | undefined;
  /** The tools that go with the messages: they take tokens too. */
  readonly tools?: readonly ToolSchema[] | undefined;
  /** The model's, in tokens. Used where the formatter itself has no `maxTokens`. */
  readonly contextSize?: number | undefined;
  readonly warn?: FormatWarning | undefined;
}

/**
 * Turns messages into a wire's own form. Formatting is pure: the messages are not changed, nothing is fetched or written
 * except through the {@link MediaResolver}. A wire writes `formatMessages`; truncation is the same for all.
 *
 * @throws ModelError `configuration` for a limit without a counter, or one that makes no sense
 */
export abstract class FormatterBase<WireMessage, Context extends FormatContext = FormatContext> {
  readonly options: FormatterOptions;
  private readonly media: MediaMemory | undefined;

  constructor(options: FormatterOptions = {}) {
    checkLimits(options);
    const { mediaResolver, tokenCounter } = options;
    if (mediaResolver !== undefined && tokenCounter !== undefined)
      this.media = new MediaMemory(mediaResolver);
    this.options = this.media === undefined ? options : { ...options, mediaResolver: this.media.resolve };
  }

  /**
   * The messages as the wire takes them. With a `tokenCounter` the oldest complete units of a history that is too long are
   * left out, with a warning; see `truncateHistory`.
   *
   * @throws ModelError `context_length` when what must be kept does not fit · `unsupported` or `configuration` for media that cannot be sent
   */
  async format(messages: readonly Msg[], context?: Context): Promise<WireMessage[]> {
    // Every field of every context is optional.
    const told = context ?? ({} as Context);
    const { tokenCounter, maxTokens = told.contextSize, reserveTokens = 0 } = this.options;
    if (tokenCounter === undefined || maxTokens === undefined) return this.formatMessages(messages, told);
    this.media?.open();
    try {
      const limit = maxTokens - reserveTokens;
      const { measured, dropped } = await truncateHistory(messages, limit, async (candidate) => {
        const warnings: Parameters<FormatWarning>[] = [];
        const warn: FormatWarning = (...warning) => void warnings.push(warning);
        const formatted = await this.formatMessages(candidate, { ...told, warn });
        const { tokens } = await tokenCounter.count(candidate, told.tools ?? [], { formatted });
        return { tokens, formatted, warnings };
      });
      if (dropped.length > 0) told.warn?.("messages", droppedNotice(dropped, limit));
      for (const warning of measured.warnings) told.warn?.(...warning);
      return measured.formatted;
    } finally {
      this.media?.close();
    }
  }

  /** The messages as the wire takes them, all of them. */
  protected abstract formatMessages(messages: readonly Msg[], context: Context): Promise<WireMessage[]>;
}

/** How a truncated history is told of. */
export function droppedNotice(dropped: readonly Msg[], limit: number): string {
  const ids = dropped.map(({ id }) => id);
  const named = ids.length > MAX_NAMED ? [...ids.slice(0, MAX_NAMED), "..."] : ids;
  return `The history does not fit in ${limit} tokens; its oldest ${dropped.length} messages were left out (${named.join(", ")}).`;
}

/** How many messages a notice names. */
const MAX_NAMED = 20;

function checkLimits({ tokenCounter, maxTokens, reserveTokens }: FormatterOptions): void {
  if (tokenCounter === undefined && (maxTokens !== undefined || reserveTokens !== undefined)) {
    throw new ConfigurationError(
      "maxTokens and reserveTokens need a tokenCounter: how long is the history? Pass one, such as new OpenAITokenCounter(modelName).",
    );
  }
  checkTokenNumbers({ maxTokens, reserveTokens });
}

/** @throws ModelError `configuration` for one that is no number of tokens */
export function checkTokenNumbers(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (Number.isFinite(value) && value >= 0)) continue;
    throw new ConfigurationError(`${name} must be a number of at least 0, not ${value}.`);
  }
}

/** Lets a history be formatted several times for one request while each of its media is read once. */
class MediaMemory {
  private readonly resolver: MediaResolver;
  private readonly known = new Map<string, ReturnType<MediaResolver>>();
  /** How many requests are being formatted. */
  private users = 0;

  constructor(resolver: MediaResolver) {
    this.resolver = resolver;
  }

  readonly resolve: MediaResolver = (url, mediaType) => {
    const key = `${mediaType} ${url}`;
    const media = this.known.get(key) ?? this.resolver(url, mediaType);
    if (this.users > 0) this.known.set(key, media);
    return media;
  };

  open(): void {
    this.users += 1;
  }

  /** Forgets what was read when nobody formats any more: a file may be another one next time. */
  close(): void {
    this.users -= 1;
    if (this.users === 0) this.known.clear();
  }
}
