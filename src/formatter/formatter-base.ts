import type { Msg } from "../message/msg.ts";

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
  readonly warn?: FormatWarning | undefined;
}

/**
 * Turns messages into a wire's own form. Formatting is pure: the messages are not changed, nothing is fetched or written
 * except through the {@link MediaResolver}.
 */
export abstract class FormatterBase<WireMessage> {
  readonly options: FormatterOptions;

  constructor(options: FormatterOptions = {}) {
    this.options = options;
  }

  abstract format(messages: readonly Msg[], context?: FormatContext): Promise<WireMessage[]>;
}
