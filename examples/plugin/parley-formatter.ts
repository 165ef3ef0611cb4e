import {
  type ContentBlock,
  type FormatContext,
  FormatterBase,
  formatConversation,
  HISTORY_PROMPT,
  type Msg,
  normalizeHistory,
  type ToolResultBlock,
  UnsupportedError,
} from "rxscope";

/** One turn as Parley's wire has it. */
export interface ParleyTurn {
  readonly who: "system" | "user" | "assistant" | "tool";
  readonly say: string;
  readonly calls?: readonly { readonly ref: string; readonly tool: string; readonly with: unknown }[];
  /** Of a tool: the call that it answers. */
  readonly ref?: string;
}

/** Messages for Parley's wire, one for one. It carries text only. */
export class ParleyChatFormatter extends FormatterBase<ParleyTurn> {
  protected formatMessages(messages: readonly Msg[], context: FormatContext): Promise<ParleyTurn[]> {
    const { provider, model, warn } = context;
    const toolCallId = { pattern: /^[a-z0-9]+$/i, maxLength: 12 };
    return this.formatHistory(normalizeHistory(messages, { toolCallId, provider, model, warn }), context);
  }

  /** @param _context for formatters that write histories otherwise */
  protected async formatHistory(history: readonly Msg[], _context: FormatContext): Promise<ParleyTurn[]> {
    return history.flatMap(turnsOf);
  }
}

/** A conversation of several agents: what they say becomes lines `name: text` in a message of the user. */
export class ParleyMultiAgentFormatter extends ParleyChatFormatter {
  protected override formatHistory(history: readonly Msg[], context: FormatContext): Promise<ParleyTurn[]> {
    return formatConversation<ParleyTurn>(
      history,
      HISTORY_PROMPT,
      {
        each: async (messages) => messages.flatMap(turnsOf),
        medium: async (block) => wordsOf(block),
        talk: async (blocks) => ({ who: "user", say: blocks.map(wordsOf).join("\n") }),
      },
      context,
    );
  }
}

function turnsOf({ role, content, toolCalls, toolResults }: Msg): ParleyTurn[] {
  if (role === "tool") return toolResults.map(turnOfResult);
  const say = content.flatMap((block) => (isTold(block) ? wordsOf(block) : [])).join("\n");
  const calls = toolCalls.map(({ id, name, input }) => ({ ref: id, tool: name, with: input }));
  if (say === "" && calls.length === 0) return [];
  return [{ who: role, say, ...(calls.length > 0 && { calls }) }];
}

/** Calls stand beside the words, and reasoning does not go back. */
function isTold({ type }: ContentBlock): boolean {
  return type === "text" || type === "data";
}

function turnOfResult({ id, output, isError }: ToolResultBlock): ParleyTurn {
  const words = typeof output === "string" ? output : output.map(wordsOf).join("\n");
  return { who: "tool", ref: id, say: isError ? `It failed: ${words}` : words };
}

function wordsOf(block: ContentBlock): string {
  if (block.type === "text") return block.text;
  throw new UnsupportedError(
    `Parley carries text only, and no ${block.type === "data" ? block.source.mediaType : block.type}.`,
  );
}
