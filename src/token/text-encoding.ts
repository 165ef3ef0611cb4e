import type { Tiktoken } from "tiktoken/lite";
import { textSegments } from "./text-segments.ts";

/** The encodings that are counted here. `o200k_harmony` has the ranks and the pattern of `o200k_base` and other special tokens. */
export type EncodingName = "cl100k_base" | "o200k_base" | "o200k_harmony";

/** What a text comes to. */
export interface TextTokens {
  readonly tokens: number;
  /** False where an unbroken run was too long to be encoded in one piece. */
  readonly exact: boolean;
}

/** One encoding, loaded. */
export interface TextEncoding {
  /** Special tokens in the text are text like any other. */
  count(text: string): TextTokens;
}

type Ranks = "cl100k_base" | "o200k_base";

const loaded = new Map<Ranks, Promise<TextEncoding>>();

/** An encoding; loaded once for the whole process, at the first call, from the installed package. */
export function loadEncoding(name: EncodingName): Promise<TextEncoding> {
  const ranks = name === "o200k_harmony" ? "o200k_base" : name;
  let encoding = loaded.get(ranks);
  if (encoding === undefined) {
    encoding = load(ranks);
    loaded.set(ranks, encoding);
    encoding.catch(() => loaded.delete(ranks));
  }
  return encoding;
}

async function load(ranks: Ranks): Promise<TextEncoding> {
  // The WASM with one table: the package's main module brings the tables of all encodings, 5.6 MB.
  const [{ Tiktoken }, table, { hash }] = await Promise.all([
    import("tiktoken/lite"),
    ranks === "o200k_base" ? import("tiktoken/encoders/o200k_base") : import("tiktoken/encoders/cl100k_base"),
    import("node:crypto"),
  ]);
  // Declared as an ES module, it is a CommonJS one.
  const { bpe_ranks, special_tokens, pat_str } = table.default as unknown as typeof table.default.default;
  return new CountingEncoding(new Tiktoken(bpe_ranks, special_tokens, pat_str), (text) =>
    hash("sha1", text, "base64"),
  );
}

/** Words such as roles are their own key; of a longer text the key must not keep alive what it is a part of. */
const MAX_OWN_KEY = 12;

/** About 10 MB. */
const MAX_REMEMBERED = 65_536;

/**
 * Counts segment by segment and remembers what each came to, by its digest: a history is counted again with every call of a
 * conversation, and several times while it is truncated, but each line of it is encoded once.
 */
class CountingEncoding implements TextEncoding {
  private readonly encoder: Tiktoken;
  private readonly digest: (text: string) => string;
  private readonly known = new Map<string, number>();

  constructor(encoder: Tiktoken, digest: (text: string) => string) {
    this.encoder = encoder;
    this.digest = digest;
  }

  count(text: string): TextTokens {
    let tokens = 0;
    let exact = true;
    for (const segment of textSegments(text)) {
      tokens += this.countSegment(segment.text);
      if (segment.isBroken) exact = false;
    }
    return { tokens, exact };
  }

  private countSegment(text: string): number {
    const key = text.length <= MAX_OWN_KEY ? text : this.digest(text);
    let tokens = this.known.get(key);
    if (tokens === undefined) {
      tokens = this.encoder.encode_ordinary(text).length;
      if (this.known.size >= MAX_REMEMBERED) this.known.delete(this.known.keys().next().value as string);
      this.known.set(key, tokens);
    }
    return tokens;
  }
}
