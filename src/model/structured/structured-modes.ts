import { UnsupportedError } from "../../error/errors-by-kind.ts";
import { type Msg, text, UserMessage } from "../../message/msg.ts";
import type { JsonSchema, ToolInput } from "../../tool/tool-schema.ts";
import type { GenerateOptions } from "../generate-options.ts";
import type { ModelCard } from "../model-card.ts";
import type { StructuredMode, StructuredOptions, StructuredStrategy } from "./structured-output.ts";

/** One request for a value. */
export interface StructuredCall {
  readonly messages: readonly Msg[];
  readonly tools: readonly ToolInput[];
  readonly options: GenerateOptions;
}

/** What is asked for. */
export interface AskedValue {
  readonly schema: JsonSchema;
  readonly name: string;
  readonly description: string | undefined;
}

/**
 * The ways to ask this model, in the order in which they are tried. What a card does not say is tried.
 *
 * @throws ModelError `unsupported` when the strategy is one that the card says the model lacks
 */
export function modesOf(
  strategy: StructuredStrategy,
  card: ModelCard,
  options: StructuredOptions,
): StructuredMode[] {
  const { structuredOutput, tools } = card.capabilities;
  const hasNative = structuredOutput === undefined || structuredOutput === "json_schema";
  const native: StructuredMode[] = hasNative ? ["native"] : [];
  const byTool: StructuredMode[] = tools === false ? [] : ["tool_forced", "tool_auto"];
  if (byTool.length > 0 && canStopThinking(card) && options.thinking?.enabled !== false)
    byTool.push("tool_without_thinking");
  const modes = {
    auto: [...native, ...byTool, "prompt" as const],
    native,
    tool: byTool,
    prompt: ["prompt" as const],
  };
  const chosen: StructuredMode[] = modes[strategy];
  if (chosen.length === 0) {
    throw new UnsupportedError(
      `${card.modelName} cannot give structured output by the strategy "${strategy}". Use "auto".`,
    );
  }
  return chosen;
}

function canStopThinking({ capabilities, parameterSchema }: ModelCard): boolean {
  const properties = (parameterSchema["properties"] ?? {}) as Record<string, unknown>;
  const { reasoning, alwaysThinks = false } = capabilities;
  return reasoning !== false && !alwaysThinks && properties["thinking"] !== undefined;
}

/** The request for a value in one mode. */
export function callFor(
  mode: StructuredMode,
  messages: readonly Msg[],
  asked: AskedValue,
  options: GenerateOptions,
  card: ModelCard,
): StructuredCall {
  const { schema, name, description } = asked;
  const named = { name, ...(description !== undefined && { description }) };
  switch (mode) {
    case "native": {
      // Without the schema the model would not know what is asked for, and the next way does better.
      const responseFormat = { type: "json_schema", schema, strict: true, orFail: true, ...named } as const;
      return { messages, tools: [], options: { ...options, toolChoice: null, responseFormat } };
    }
    case "prompt": {
      const { structuredOutput } = card.capabilities;
      const hasJsonMode = structuredOutput === "json_object" || structuredOutput === "json_schema";
      return {
        messages: withWords(
          messages,
          `Answer with JSON only: no words around it, no code fence. ${description === undefined ? "It" : `It is: ${description}. It`} must fit this JSON Schema:\n${JSON.stringify(schema)}`,
        ),
        tools: [],
        options: { ...options, toolChoice: null, responseFormat: hasJsonMode ? { type: "json" } : null },
      };
    }
    default: {
      const tool: ToolInput = {
        name,
        description: `Takes the answer.${description === undefined ? "" : ` ${description}`} Call it once, with the whole answer.`,
        parameters: schema,
      };
      const isAuto = mode === "tool_auto";
      return {
        messages: isAuto
          ? withWords(messages, `Give your answer by calling the tool ${name}, and write nothing beside it.`)
          : messages,
        tools: [tool],
        options: {
          ...options,
          responseFormat: null,
          toolChoice: isAuto ? "auto" : { name },
          ...(mode === "tool_without_thinking" && {
            thinking: { enabled: false, effort: null, budgetTokens: null },
          }),
        } as GenerateOptions,
      };
    }
  }
}

/** The messages with words of ours at their end: in the user's last message, or in one of their own behind any other. */
function withWords(messages: readonly Msg[], words: string): readonly Msg[] {
  const last = messages.at(-1);
  if (last?.role !== "user") return [...messages, new UserMessage(words)];
  return [...messages.slice(0, -1), last.with({ content: [...last.content, text(`\n\n${words}`)] })];
}
