import type { Template } from "@huggingface/jinja";
import type { Tokenizer } from "@huggingface/tokenizers";
import type { ToolSchema } from "../tool/tool-schema.ts";
import type { HuggingFaceTokenCounterOptions } from "./hugging-face-token-counter.ts";
import { mediaTokens } from "./media-tokens.ts";
import { type MediaPiece, readPieces } from "./prompt-pieces.ts";
import type { TextTokens } from "./text-encoding.ts";
import { textSegments } from "./text-segments.ts";
import type { TokenCount } from "./token-counter-base.ts";
import { chatTemplateOf, specialTokensOf, type TokenizerFiles } from "./tokenizer-files.ts";

const METHOD = "Hugging Face tokenizer";

/**
 * Stands where a text is cut before it is encoded: a noncharacter, which no text has a use for. A tokenizer of this kind
 * takes every marker of a special token for that token; cut in two, the marker is text.
 */
const CUT = "\uFDD0";
const CUTS = /\uFDD0/g;

/** What a message has around it where there is no template to tell. */
const PER_MESSAGE = 5;

/** One tokenizer with its templates. */
export class ChatTokenizer {
  private readonly files: TokenizerFiles;
  private readonly tokenizer: Tokenizer;
  private readonly parse: (template: string) => Template;
  private readonly templates = new Map<string, Template>();
  private readonly markers: RegExp | undefined;

  constructor(files: TokenizerFiles, tokenizer: Tokenizer, parse: (template: string) => Template) {
    this.files = files;
    this.tokenizer = tokenizer;
    this.parse = parse;
    const markers = [...tokenizer.get_added_tokens_decoder().values()]
      .filter(({ special, content }) => special && content.length > 1)
      .map(({ content }) => content);
    if (markers.length > 0) this.markers = new RegExp(markers.map(escaped).join("|"), "g");
  }

  countChat(
    formatted: readonly unknown[],
    tools: readonly ToolSchema[],
    options: HuggingFaceTokenCounterOptions,
  ): TokenCount {
    const media: MediaPiece[] = [];
    const messages = formatted.map((message) => this.toTemplateMessage(message, media));
    const prompt = this.render(messages, tools, options);
    const { tokens, exact } = this.encode(prompt.text);
    const ofMedia = media.reduce((sum, each) => sum + mediaTokens(each, undefined).tokens, 0);
    return {
      tokens: tokens + prompt.overhead + ofMedia,
      exact: exact && prompt.overhead === 0 && media.length === 0,
      method: prompt.overhead === 0 ? `${METHOD} and chat template` : `${METHOD} without a chat template`,
    };
  }

  /** A text with the cuts that make it text throughout, and no run in it too long. */
  private asText(text: string): string {
    const plain = text.replace(CUTS, "");
    const marked =
      this.markers === undefined
        ? plain
        : plain.replace(this.markers, (marker) => {
            const middle = Math.ceil(marker.length / 2);
            return marker.slice(0, middle) + CUT + marker.slice(middle);
          });
    let cut = "";
    for (const segment of textSegments(marked)) cut += segment.isBroken ? segment.text + CUT : segment.text;
    return cut;
  }

  countText(text: string): TokenCount {
    return { ...this.encode(this.asText(text)), method: METHOD };
  }

  /** @param text may have cuts */
  private encode(text: string): TextTokens {
    let tokens = 0;
    const parts = text.split(CUT);
    for (const part of parts) {
      if (part !== "") tokens += this.tokenizer.encode(part, { add_special_tokens: false }).ids.length;
    }
    return { tokens, exact: parts.length === 1 };
  }

  /** The prompt by the template; where there is none, or it refuses the messages, their texts and a figure for what is around. */
  private render(
    messages: readonly TemplateMessage[],
    tools: readonly ToolSchema[],
    options: HuggingFaceTokenCounterOptions,
  ): { text: string; overhead: number } {
    const source = options.chatTemplate ?? chatTemplateOf(this.files, tools.length > 0);
    const offered = tools.map((tool) => this.asData({ type: "function", function: tool }));
    if (source !== undefined) {
      const template = this.templates.get(source) ?? this.parse(source);
      this.templates.set(source, template);
      try {
        const text = template.render({
          ...specialTokensOf(this.files),
          messages,
          ...(offered.length > 0 && { tools: offered }),
          add_generation_prompt: options.addGenerationPrompt ?? true,
          ...options.templateVariables,
        });
        return { text, overhead: 0 };
      } catch {
        // Templates refuse what their model was not trained on: two turns of the user in a row, tools, instructions.
      }
    }
    const texts = [...messages.map(textsOf), ...offered.map((tool) => JSON.stringify(tool))];
    return { text: texts.join(CUT), overhead: PER_MESSAGE * (texts.length + 1) };
  }

  /** A message as templates know it: plain text, and arguments as an object. */
  private toTemplateMessage(message: unknown, media: MediaPiece[]): TemplateMessage {
    const { role, name, content, tool_calls: calls, tool_call_id, ...rest } = (message ?? {}) as Fields;
    let text = "";
    const sink = {
      text: (part: string): void => void (text += part),
      media: (part: MediaPiece): void => void media.push(part),
    };
    readPieces(content, sink, "content");
    // What other wires keep elsewhere, such as Gemini's parts.
    const { reasoning_content: reasoning, ...others } = rest;
    readPieces(others, sink);
    return {
      role: typeof role === "string" ? role : "user",
      content: this.asText(text),
      ...(typeof name === "string" && { name }),
      ...(typeof tool_call_id === "string" && { tool_call_id }),
      ...(typeof reasoning === "string" && { reasoning_content: this.asText(reasoning) }),
      ...(Array.isArray(calls) && { tool_calls: calls.map((call) => this.toTemplateCall(call)) }),
    };
  }

  private toTemplateCall(call: unknown): object {
    const { name, arguments: input } = ((call as Fields | null)?.["function"] ?? {}) as Fields;
    return {
      type: "function",
      function: {
        name,
        arguments:
          typeof input === "string" ? (this.parsed(input) ?? this.asText(input)) : this.asData(input),
      },
    };
  }

  /** Plain data, every text in it with its cuts. */
  private asData(value: unknown): unknown {
    return this.parsed(JSON.stringify(value));
  }

  private parsed(json: string): unknown {
    try {
      return JSON.parse(json, (_, each: unknown) => (typeof each === "string" ? this.asText(each) : each));
    } catch {
      return undefined;
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

interface TemplateMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly object[];
}

function textsOf({ role, content, tool_calls: calls = [] }: TemplateMessage): string {
  return [role, content, ...calls.map((call) => JSON.stringify(call))].join(CUT);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
