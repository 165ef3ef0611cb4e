/** Where the bytes of a {@link DataBlock} are. `mediaType` is a MIME type; `image/*` where only the kind is known. */
export type DataSource =
  | { readonly type: "url"; readonly url: string; readonly mediaType: string }
  | { readonly type: "base64"; readonly data: string; readonly mediaType: string }
  | { readonly type: "file"; readonly fileId: string; readonly mediaType: string };

/**
 * What a provider wants back with a block and nobody else understands (a thinking signature, an item id), by provider.
 * Only that provider's formatter reads its entry. It survives `JSON.stringify`.
 */
export type ProviderMetadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface BlockBase {
  /** Stable over all snapshots of one answer, and unique within a conversation. */
  readonly id: string;
  readonly providerMetadata?: ProviderMetadata;
}

/** Text, of anybody. */
export interface TextBlock extends BlockBase {
  readonly type: "text";
  readonly text: string;
}

/** The model's reasoning, as far as the provider shows it. Empty text with metadata is a redacted block. */
export interface ThinkingBlock extends BlockBase {
  readonly type: "thinking";
  readonly thinking: string;
}

/** The model asks for a tool. The library never runs it. */
export interface ToolUseBlock extends BlockBase {
  readonly type: "tool_use";
  readonly name: string;
  /** The arguments so far as a value; `{}` until something can be read. Final when the response is. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The arguments exactly as the model wrote them. */
  readonly rawInput: string;
  /** Why `input` is not what the model meant: not JSON, cut short, not an object, no tool name. Do not run such a call. */
  readonly inputError?: string;
}

/** What a tool gave back. `id` is the id of the {@link ToolUseBlock} that it answers. */
export interface ToolResultBlock extends BlockBase {
  readonly type: "tool_result";
  readonly name: string;
  readonly output: string | readonly (TextBlock | DataBlock)[];
  readonly isError?: boolean;
}

/** An image, a sound, a video or a file. */
export interface DataBlock extends BlockBase {
  readonly type: "data";
  readonly source: DataSource;
  /** A file name, where the provider shows one to the model. */
  readonly name?: string;
}

/** One piece of a message, told apart by `type`. */
export type ContentBlock = TextBlock | ThinkingBlock | ToolUseBlock | ToolResultBlock | DataBlock;

type WithoutId<Block> = Block extends { id: string } ? Omit<Block, "id"> & { readonly id?: string } : never;

/** A block as a caller may write it: the `id` is made when it is missing, except for tool calls and results, where it is the link. */
export type ContentBlockInput =
  | WithoutId<TextBlock>
  | WithoutId<ThinkingBlock>
  | WithoutId<DataBlock>
  | (Omit<ToolUseBlock, "rawInput"> & { readonly rawInput?: string })
  | ToolResultBlock;

let counter = 0;
const processPart = `_${Math.random().toString(36).slice(2, 8)}_`;

/** A short id, unique in this process and with near certainty beyond it: `msg_k3x9a1_4`. */
export function createId(prefix: string): string {
  counter += 1;
  return prefix + processPart + counter.toString(36);
}
