import type { DataBlock, ToolResultBlock } from "../message/content-block.ts";
import { acceptsMediaType } from "../message/accepted-media.ts";
import { describeMedia } from "./media.ts";

/** A tool result for a wire whose results are text only: the text, and the media that are shown to the model after it. */
export interface ToolResultText {
  readonly text: string;
  readonly promoted: readonly DataBlock[];
}

/**
 * Words for a tool result. Media that the model reads are promoted: the text names them, and they follow in a message of
 * the user. Others are described. Wording as in AgentScope 2.
 */
export function toolResultText(
  result: ToolResultBlock,
  accepted: readonly string[] | undefined,
): ToolResultText {
  const prefix = result.isError ? "Error: " : "";
  if (typeof result.output === "string") return { text: prefix + result.output, promoted: [] };
  const promoted: DataBlock[] = [];
  const parts = result.output.map((block) => {
    if (block.type === "text") return block.text;
    if (accepted !== undefined && !acceptsMediaType(accepted, block.source.mediaType))
      return reminder(describeMedia(block));
    promoted.push(block);
    return reminder(
      `A(n) ${kindOf(block)} file is returned and will be presented to you with the identifier [${block.id}].`,
    );
  });
  return { text: prefix + parts.join("\n"), promoted };
}

/** What is written around promoted media: before all of them, before each one, after all of them. */
export const PROMOTED_MEDIA: {
  readonly before: string;
  readonly item: (block: DataBlock) => string;
  readonly after: string;
} = {
  before: "<system-reminder>The multimodal data and their identifiers are listed as follows:",
  item: (block) => `- ${block.id} (${kindOf(block)} file): `,
  after: "</system-reminder>",
};

/** Promoted media as the parts of a message of the user: each after its identifier, words around all of them. */
export async function promotedParts<Part>(
  blocks: readonly DataBlock[],
  toText: (text: string) => Part,
  toMedia: (block: DataBlock) => Promise<Part>,
): Promise<Part[]> {
  const parts = [toText(PROMOTED_MEDIA.before)];
  for (const block of blocks) parts.push(toText(PROMOTED_MEDIA.item(block)), await toMedia(block));
  return [...parts, toText(PROMOTED_MEDIA.after)];
}

function reminder(text: string): string {
  return `<system-reminder>${text}</system-reminder>`;
}

function kindOf({ source }: DataBlock): string {
  return source.mediaType.split("/", 1)[0] as string;
}
