import type { ToolSchema } from "../tool/tool-schema.ts";
import { mediaTokens } from "./media-tokens.ts";
import { type PieceSink, readPieces } from "./prompt-pieces.ts";
import { scriptTokens } from "./script-tokens.ts";

/** What the chat templates of the open models put around a message. */
const PER_MESSAGE = 4;

/** About how many tokens a prompt has, by its characters. */
export function estimatePrompt(
  formatted: readonly unknown[],
  tools: readonly ToolSchema[],
  charsPerToken: number | undefined,
): number {
  let tokens = 0;
  const sink: PieceSink = {
    text: (text) => void (tokens += estimateText(text, charsPerToken)),
    media: (media) => void (tokens += mediaTokens(media, undefined).tokens),
  };
  for (const message of formatted) {
    tokens += PER_MESSAGE;
    readPieces(message, sink);
  }
  for (const tool of tools) sink.text(JSON.stringify(tool));
  return tokens;
}

/** @param charsPerToken without it the scripts of the text decide */
export function estimateText(text: string, charsPerToken: number | undefined): number {
  return charsPerToken === undefined ? scriptTokens(text) : text.length / charsPerToken;
}
