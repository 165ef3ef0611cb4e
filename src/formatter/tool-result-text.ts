import type { DataBlock, ToolResultBlock } from "../message/content-block.ts";
import { describeMedia, unlessUnsupported } from "./media.ts";

/** A tool result for a wire whose results are text only: the text, and the media that are shown to the model after it. */
export interface ToolResultText<Part> {
  readonly text: string;
  readonly promoted: readonly PromotedMedia<Part>[];
}

/** A medium of a tool result, and what it becomes on the wire. */
export interface PromotedMedia<Part> {
  readonly block: DataBlock;
  readonly part: Part;
}

/**
 * Words for a tool result. Media that the model can be shown are promoted: the text names them, and they follow in a message
 * of the user. Others are described: a tool gives what it has. Wording as in AgentScope 2.
 */
export async function toolResultText<Part>(
  result: ToolResultBlock,
  toMedia: (block: DataBlock) => Promise<Part>,
): Promise<ToolResultText<Part>> {
  const prefix = result.isError ? "Error: " : "";
  if (typeof result.output === "string") return { text: prefix + result.output, promoted: [] };
  const promoted: PromotedMedia<Part>[] = [];
  const parts: string[] = [];
  for (const block of result.output) {
    if (block.type === "text") {
      parts.push(block.text);
      continue;
    }
    const part = await unlessUnsupported(toMedia(block));
    if (part !== undefined) promoted.push({ block, part });
    parts.push(
      reminder(
        part === undefined
          ? describeMedia(block)
          : `A(n) ${kindOf(block)} file is returned and will be presented to you with the identifier [${block.id}].`,
      ),
    );
  }
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
export function promotedParts<Part>(
  promoted: readonly PromotedMedia<Part>[],
  toText: (text: string) => Part,
): Part[] {
  return [
    toText(PROMOTED_MEDIA.before),
    ...promoted.flatMap(({ block, part }) => [toText(PROMOTED_MEDIA.item(block)), part]),
    toText(PROMOTED_MEDIA.after),
  ];
}

function reminder(text: string): string {
  return `<system-reminder>${text}</system-reminder>`;
}

function kindOf({ source }: DataBlock): string {
  return source.mediaType.split("/", 1)[0] as string;
}
