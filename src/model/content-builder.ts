import {
  type ContentBlock,
  createId,
  type DataBlock,
  type ProviderMetadata,
  type TextBlock,
  type ThinkingBlock,
  type ToolUseBlock,
} from "../message/content-block.ts";
import { BlockList, blocksOf, type BlockView } from "./block-list.ts";
import type { ContentDelta } from "./chat-response.ts";
import { LazyMap } from "./lazy-map.ts";
import { PartialJson } from "./partial-json.ts";

/** A piece of a tool call as it stands on the wire: any part may be missing from any piece. */
export interface ToolCallDelta {
  /** The wire's own index of the call. */
  readonly index?: number | undefined;
  readonly id?: string | null | undefined;
  readonly name?: string | null | undefined;
  /** The next fragment of the arguments, or all of them as a value. */
  readonly arguments?: unknown;
  /** Whether it is known to begin a call, so that without an index and an id it belongs to no open one. */
  readonly begins?: boolean;
  readonly providerMetadata?: ProviderMetadata | undefined;
}

/** A tool call while its pieces arrive. */
interface OpenToolCall {
  /** The wire's index, where it has one. */
  readonly index: number | undefined;
  /** The provider's id; the block keeps its first one, made up where the provider gives none in time. */
  wireId: string | undefined;
  blockId: string | undefined;
  name: string;
  rawInput: string;
  readonly parser: PartialJson;
  /** Where the block stands; undefined until its name is known. */
  position: number | undefined;
  providerMetadata: ProviderMetadata | undefined;
}

/** Base64 that arrives in pieces which were encoded each for itself. */
interface OpenData {
  readonly position: number;
  /** The whole bytes so far in base64, up to the last full group of three bytes. */
  encoded: string;
  rest: Buffer;
}

/** Tells one block from another of the same kind, where the wire numbers them. */
export type BlockKey = string | number;

const NO_DELTA: readonly ContentDelta[] = Object.freeze([]);
const EMPTY_INPUT: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * The one place that knows how content blocks open, grow and close. It keeps the blocks of one answer (one choice), in
 * order of arrival, and hands out lists that never change afterwards.
 */
export class ContentBuilder {
  private readonly idPrefix = createId("b");
  private readonly blocks = new BlockList();
  /** Undefined while there is none: an empty list would grow to seventeen places with its first. */
  private deltas: ContentDelta[] | undefined;
  private readonly positions = new LazyMap<BlockKey, number>();
  private readonly calls: OpenToolCall[] = [];
  /** The last call with an index of the wire, the first one with an id of the provider, and the ids that blocks have. */
  private readonly callsByIndex = new LazyMap<number, OpenToolCall>();
  private readonly callsById = new LazyMap<string, OpenToolCall>();
  private readonly callIds = new LazyMap<string, true>();
  private readonly openData = new LazyMap<BlockKey, OpenData>();

  /** All blocks so far. */
  get content(): readonly ContentBlock[] {
    return blocksOf(this.blocks.view);
  }

  /** All blocks so far, for a snapshot that may never be asked for them. */
  get view(): BlockView {
    return this.blocks.view;
  }

  /** The last block. */
  get last(): ContentBlock | undefined {
    return this.blocks.at(this.blocks.length - 1);
  }

  /** Whether no block has begun. */
  get isEmpty(): boolean {
    return this.blocks.length === 0;
  }

  /** Whether something was added since the last {@link takeDelta}. */
  get hasDelta(): boolean {
    return this.deltas !== undefined;
  }

  /** Whether a tool call with a name has begun. */
  get hasToolCalls(): boolean {
    return this.calls.some((call) => call.position !== undefined && call.name !== "");
  }

  /** What was added since the last call of this method. */
  takeDelta(): readonly ContentDelta[] {
    const deltas = this.deltas ?? NO_DELTA;
    this.deltas = undefined;
    return deltas;
  }

  /** Adds text to the block with this key; without a key to the last block if it is text, else to a new one. */
  text(added: string, key?: BlockKey): void {
    if (added === "") return;
    const position = key === undefined ? this.blocks.length - 1 : (this.positions.get(key) ?? -1);
    const last = this.blocks.at(position);
    if (last?.type === "text") {
      const block = withText(last, added);
      this.blocks.replace(position, block);
      this.changed({ type: "text", id: block.id, text: added });
    } else {
      const id = this.nextId();
      this.append({ type: "text", id, text: added }, key);
      this.changed({ type: "text", id, text: added });
    }
  }

  /** Adds reasoning, by the same rule as {@link text}. */
  thinking(added: string, key?: BlockKey): void {
    if (added === "") return;
    const position = key === undefined ? this.blocks.length - 1 : (this.positions.get(key) ?? -1);
    const last = this.blocks.at(position);
    if (last?.type === "thinking") {
      const block = withThinking(last, added);
      this.blocks.replace(position, block);
      this.changed({ type: "thinking", id: block.id, thinking: added });
    } else {
      const id = this.nextId();
      this.append({ type: "thinking", id, thinking: added }, key);
      this.changed({ type: "thinking", id, thinking: added });
    }
  }

  /**
   * Opens a thinking block without text, for what is only kept to be sent back, unless there is one: with this key, or
   * without a key at the end.
   */
  ensureThinking(key?: BlockKey): void {
    const position = key === undefined ? this.blocks.length - 1 : (this.positions.get(key) ?? -1);
    if (this.blocks.at(position)?.type === "thinking") return;
    this.append({ type: "thinking", id: this.nextId(), thinking: "" }, key);
  }

  /**
   * Adds a piece of a tool call. The call is found by the wire's index, then by a new non-empty id, then by position: an
   * id that differs from the one bound to the index opens a new call; a piece without an id continues the call at its
   * index, or the last one, unless it names another tool, or names one again and begins new arguments after whole ones.
   */
  toolCall(delta: ToolCallDelta): void {
    const call = this.findCall(delta) ?? this.openCall(delta);
    const id = delta.id ?? "";
    if (call.wireId === undefined && id !== "") {
      call.wireId = id;
      if (!this.callsById.has(id)) this.callsById.set(id, call);
    }
    if (call.name === "") call.name = delta.name ?? "";
    if (delta.providerMetadata !== undefined) {
      call.providerMetadata = mergeMetadata(call.providerMetadata, delta.providerMetadata);
    }
    const fragment = toFragment(delta.arguments);
    if (fragment !== "") {
      call.rawInput += fragment;
      call.parser.push(fragment);
    }
    // Without a name nobody can use the call: it is shown when the name comes, with all its arguments so far.
    if (call.name === "") return;
    if (call.position === undefined) {
      this.showCall(call, {});
      this.changed({
        type: "tool_use",
        id: call.blockId as string,
        name: call.name,
        rawInput: call.rawInput,
      });
    } else if (fragment !== "" || delta.providerMetadata !== undefined) {
      this.showCall(call, {});
      this.changed({ type: "tool_use", id: call.blockId as string, name: call.name, rawInput: fragment });
    }
  }

  /** Adds a whole media block. */
  data(block: Omit<DataBlock, "id" | "type">): void {
    const whole: DataBlock = { type: "data", id: this.nextId(), ...block };
    this.append(whole);
    this.changed(whole);
  }

  /** Adds base64 to the media block with this key; each piece was encoded for itself. */
  base64(piece: string, mediaType: string, key: BlockKey): void {
    let open = this.openData.get(key);
    if (open === undefined) {
      open = { position: this.blocks.length, encoded: "", rest: Buffer.alloc(0) };
      this.openData.set(key, open);
      this.append({ type: "data", id: this.nextId(), source: { type: "base64", data: "", mediaType } }, key);
    }
    const bytes = Buffer.concat([open.rest, Buffer.from(piece, "base64")]);
    const whole = bytes.length - (bytes.length % 3);
    open.encoded += bytes.toString("base64", 0, whole);
    open.rest = bytes.subarray(whole);
    const before = this.blocks.at(open.position) as DataBlock;
    const source = { type: "base64", data: open.encoded + open.rest.toString("base64"), mediaType } as const;
    this.blocks.replace(open.position, { ...before, source });
    this.changed({ type: "data", id: before.id, source: { type: "base64", data: piece, mediaType } });
  }

  /** Notes what the provider wants back with a block: the one with this key, else the last one. */
  annotate(metadata: ProviderMetadata, key?: BlockKey): void {
    const position = key === undefined ? this.blocks.length - 1 : (this.positions.get(key) ?? -1);
    const block = this.blocks.at(position);
    if (block === undefined) return;
    const providerMetadata = mergeMetadata(block.providerMetadata, metadata);
    this.blocks.replace(position, { ...block, providerMetadata });
    // A call's block is made anew from the call whenever it grows.
    const call = this.calls.find((open) => open.position === position);
    if (call !== undefined) call.providerMetadata = providerMetadata;
  }

  /** Reads every tool call's arguments for good: the answer is at its end. */
  close(): void {
    for (const call of this.calls) {
      if (call.name === "") {
        this.showCall(call, { inputError: "The provider sent this call without a tool name." });
      } else {
        this.showCall(call, readInput(call.rawInput));
      }
    }
  }

  private findCall(delta: ToolCallDelta): OpenToolCall | undefined {
    const { index, id } = delta;
    if (index !== undefined) {
      const call = this.callsByIndex.get(index);
      if (call === undefined) return undefined;
      if (id && call.wireId !== undefined && id !== call.wireId) return this.callsById.get(id);
      // Servers that count every call as number 0.
      return !id && beginsAnother(call, delta) ? undefined : call;
    }
    if (id) return this.callsById.get(id);
    const last = this.calls.at(-1);
    return delta.begins || (last !== undefined && beginsAnother(last, delta)) ? undefined : last;
  }

  private openCall({ index }: ToolCallDelta): OpenToolCall {
    const call: OpenToolCall = {
      index,
      wireId: undefined,
      blockId: undefined,
      name: "",
      rawInput: "",
      parser: new PartialJson(),
      position: undefined,
      providerMetadata: undefined,
    };
    this.calls.push(call);
    if (index !== undefined) this.callsByIndex.set(index, call);
    return call;
  }

  private showCall(
    call: OpenToolCall,
    final: Pick<ToolUseBlock, "inputError"> & { input?: ToolUseBlock["input"] },
  ): void {
    // The id must not change once it was shown, so an id that comes later than the name is not taken over.
    call.blockId ??= this.freeId(call.wireId);
    const { blockId: id, name, rawInput, providerMetadata } = call;
    const input = final.input ?? asInput(call.parser.value) ?? EMPTY_INPUT;
    let block: ToolUseBlock = { type: "tool_use", id, name, input, rawInput };
    if (final.inputError !== undefined) block = { ...block, inputError: final.inputError };
    if (providerMetadata !== undefined) block = { ...block, providerMetadata };
    if (call.position === undefined) {
      call.position = this.blocks.length;
      this.append(block);
    } else {
      this.blocks.replace(call.position, block);
    }
  }

  /** The provider's id, or a new one where it gives none or the same to several calls: results are matched by it. */
  private freeId(wireId: string | undefined): string {
    const id = wireId === undefined || this.callIds.has(wireId) ? createId("call") : wireId;
    this.callIds.set(id, true);
    return id;
  }

  private append(block: ContentBlock, key?: BlockKey): void {
    if (key !== undefined) this.positions.set(key, this.blocks.length);
    this.blocks.push(block);
  }

  /** Notes what the next snapshot adds. */
  private changed(delta: ContentDelta): void {
    if (this.deltas === undefined) this.deltas = [delta];
    else this.deltas.push(delta);
  }

  private nextId(): string {
    return `${this.idPrefix}.${this.blocks.length}`;
  }
}

// Written out, because this runs for every delta and copying an object by spread costs three times as much.
function withText({ id, text, providerMetadata }: TextBlock, added: string): TextBlock {
  const grown = text + added;
  return providerMetadata === undefined
    ? { type: "text", id, text: grown }
    : { type: "text", id, text: grown, providerMetadata };
}

function withThinking({ id, thinking, providerMetadata }: ThinkingBlock, added: string): ThinkingBlock {
  const grown = thinking + added;
  return providerMetadata === undefined
    ? { type: "thinking", id, thinking: grown }
    : { type: "thinking", id, thinking: grown, providerMetadata };
}

/** Whether a piece without an id belongs to a new call and not to this one. */
function beginsAnother(call: OpenToolCall, { name, arguments: added }: ToolCallDelta): boolean {
  if (!name || call.name === "") return false;
  return name !== call.name || (call.parser.complete && toFragment(added).trimStart().startsWith("{"));
}

function toFragment(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function asInput(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** What the arguments of a finished call mean, or why they mean nothing. */
function readInput(rawInput: string): { input?: ToolUseBlock["input"]; inputError?: string } {
  const trimmed = rawInput.trim();
  // Providers write "no arguments" as nothing at all, or as null.
  if (trimmed === "" || trimmed === "null") return { input: EMPTY_INPUT };
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (error) {
    return { inputError: `The arguments are not JSON: ${(error as Error).message}` };
  }
  const input = asInput(value);
  return input === undefined
    ? { input: EMPTY_INPUT, inputError: "The arguments are not a JSON object." }
    : { input };
}

/** The blocks of an answer that was cut: a tool call whose arguments are not whole says so, lest it be run. */
export function interruptContent(content: readonly ContentBlock[]): readonly ContentBlock[] {
  return content.map((block) =>
    block.type === "tool_use" &&
    block.inputError === undefined &&
    (block.rawInput === "" || readInput(block.rawInput).inputError)
      ? { ...block, inputError: "The answer was cut before the arguments were whole." }
      : block,
  );
}

function mergeMetadata(before: ProviderMetadata | undefined, added: ProviderMetadata): ProviderMetadata {
  const merged: Record<string, Readonly<Record<string, unknown>>> = { ...before };
  for (const [provider, values] of Object.entries(added))
    merged[provider] = { ...merged[provider], ...values };
  return merged;
}
