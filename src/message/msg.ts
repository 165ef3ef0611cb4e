import { ConfigurationError } from "../error/errors-by-kind.ts";
import {
  type ContentBlock,
  type ContentBlockInput,
  createId,
  type TextBlock,
  type ToolResultBlock,
  type ToolUseBlock,
} from "./content-block.ts";

/** Who says a message. */
export type Role = "system" | "user" | "assistant" | "tool";

/** Content as a caller may write it: a string, one block, or several; strings among blocks are text blocks. */
export type ContentInput = string | ContentBlockInput | readonly (string | ContentBlockInput)[];

/** A message as plain data: what `JSON.parse` gives back, and what may be written by hand. */
export interface MsgData {
  readonly role: Role;
  readonly content: ContentInput;
  readonly id?: string;
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly timestamp?: string;
  readonly provider?: string;
  readonly model?: string;
}

/** Wherever a message is accepted: a string (said by the user), plain data, or a {@link Msg}. */
export type MessageInput = string | MsgData | Msg;

/** What a message may have beside its role and content. */
export type MsgOptions = Omit<MsgData, "role" | "content">;

const ROLES: ReadonlySet<string> = new Set<Role>(["system", "user", "assistant", "tool"]);

/** Which blocks each role may hold; anything else is a mistake that no provider accepts. */
const BLOCKS_OF_ROLE: Readonly<Record<Role, ReadonlySet<ContentBlock["type"]>>> = {
  system: new Set(["text", "data"]),
  user: new Set(["text", "data", "tool_result"]),
  assistant: new Set(["text", "thinking", "tool_use", "tool_result", "data"]),
  tool: new Set(["tool_result"]),
};

/**
 * One message of a conversation: plain data with a few readers. `JSON.parse(JSON.stringify(msg))` is accepted wherever a
 * `Msg` is, and loses nothing that a provider needs later.
 *
 * @throws ModelError `configuration` for an unknown role, an unknown block, or a block that the role cannot hold
 */
export class Msg {
  readonly id: string;
  /** Who speaks, as the other agents know it. @default the role */
  readonly name: string;
  readonly role: Role;
  readonly content: readonly ContentBlock[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly timestamp: string;
  /** The provider whose answer this is; its reasoning goes back only there. */
  declare readonly provider?: string;
  /** The model whose answer this is. */
  declare readonly model?: string;

  constructor(data: MsgData) {
    if (!ROLES.has(data.role)) {
      throw new ConfigurationError(
        `${JSON.stringify(data.role)} is not a role. Use system, user, assistant or tool.`,
      );
    }
    this.id = data.id ?? createId("msg");
    this.name = data.name ?? data.role;
    this.role = data.role;
    this.content = toBlocks(data.content, data.role);
    this.metadata = data.metadata ?? {};
    this.timestamp = data.timestamp ?? new Date().toISOString();
    if (data.provider !== undefined) this.provider = data.provider;
    if (data.model !== undefined) this.model = data.model;
  }

  /** The message that `input` means; a `Msg` is returned as it is. */
  static from(input: MessageInput): Msg {
    if (input instanceof Msg) return input;
    if (typeof input === "string") return new UserMessage(input);
    if (typeof input !== "object" || input === null) {
      throw new ConfigurationError(
        `A message must be a string, { role, content } or a Msg, not ${input === null ? "null" : typeof input}.`,
      );
    }
    return new Msg(input);
  }

  /** All text blocks, joined without a separator. */
  get text(): string {
    return textOf(this.content);
  }

  get toolCalls(): readonly ToolUseBlock[] {
    return this.content.filter((block) => block.type === "tool_use");
  }

  get toolResults(): readonly ToolResultBlock[] {
    return this.content.filter((block) => block.type === "tool_result");
  }

  /** The same message with other content or details; the original is unchanged. */
  with(change: Partial<MsgData>): Msg {
    return new Msg({ ...this, ...change });
  }
}

/** Instructions that stand above the conversation. */
export class SystemMessage extends Msg {
  constructor(content: ContentInput, options: MsgOptions = {}) {
    super({ ...options, role: "system", content });
  }
}

/** What the user says. */
export class UserMessage extends Msg {
  constructor(content: ContentInput, options: MsgOptions = {}) {
    super({ ...options, role: "user", content });
  }
}

/** What the model said. From an answer, use `response.toMessage()`: it keeps what the provider needs back. */
export class AssistantMessage extends Msg {
  constructor(content: ContentInput, options: MsgOptions = {}) {
    super({ ...options, role: "assistant", content });
  }
}

/** What a tool gave back, addressed to the call with this id. */
export class ToolResultMessage extends Msg {
  constructor(
    call: { readonly id: string; readonly name: string },
    output: string | ToolResultBlock["output"],
    options: MsgOptions & { readonly isError?: boolean } = {},
  ) {
    const { isError, ...rest } = options;
    const block: ToolResultBlock = {
      type: "tool_result",
      id: call.id,
      name: call.name,
      output,
      ...(isError !== undefined && { isError }),
    };
    super({ ...rest, role: "tool", content: [block] });
  }
}

/** The text of all text blocks, joined without a separator. */
export function textOf(blocks: readonly ContentBlock[]): string {
  let text = "";
  for (const block of blocks) if (block.type === "text") text += block.text;
  return text;
}

/** A text block with an id of its own. */
export function text(value: string): TextBlock {
  return { type: "text", id: createId("text"), text: value };
}

/** Messages in any accepted form as `Msg`s. */
export function toMessages(input: MessageInput | readonly MessageInput[]): Msg[] {
  return (isList(input) ? input : [input]).map((message) => Msg.from(message));
}

function isList(input: MessageInput | readonly MessageInput[]): input is readonly MessageInput[] {
  return Array.isArray(input);
}

function toBlocks(content: ContentInput, role: Role): ContentBlock[] {
  const list =
    typeof content === "string" || !Array.isArray(content) ? [content] : (content as readonly unknown[]);
  return (list as readonly (string | ContentBlockInput)[]).map((item) => toBlock(item, role));
}

function toBlock(input: string | ContentBlockInput, role: Role): ContentBlock {
  const type = typeof input === "string" ? "text" : (input as { type?: unknown } | null | undefined)?.type;
  if (!BLOCKS_OF_ROLE[role].has(type as ContentBlock["type"])) {
    const allowed = [...BLOCKS_OF_ROLE[role]].join(", ");
    throw new ConfigurationError(
      `A ${role} message cannot hold a "${String(type)}" block; it holds ${allowed}.`,
    );
  }
  if (typeof input === "string") return text(input);
  const lacking = lacks(input);
  if (lacking !== undefined)
    throw new ConfigurationError(`A "${input.type}" block has no ${lacking}, or not of the right type.`);
  switch (input.type) {
    case "tool_use":
      return input.rawInput === undefined
        ? { ...input, rawInput: JSON.stringify(input.input) }
        : (input as ToolUseBlock);
    case "tool_result":
      return input;
    default:
      return input.id === undefined ? { ...input, id: createId(input.type) } : (input as ContentBlock);
  }
}

/** The first field that a block cannot do without, and that is not what it must be: messages come from files and databases. */
function lacks(block: ContentBlockInput): string | undefined {
  switch (block.type) {
    case "text":
      return typeof block.text === "string" ? undefined : "text";
    case "thinking":
      return typeof block.thinking === "string" ? undefined : "thinking";
    case "data":
      return typeof block.source?.mediaType === "string" ? undefined : "source";
    case "tool_use":
      if (typeof block.name !== "string") return "name";
      return typeof block.id === "string" ? undefined : "id";
    default:
      if (typeof block.output !== "string" && !Array.isArray(block.output)) return "output";
      return typeof block.id === "string" ? undefined : "id";
  }
}
