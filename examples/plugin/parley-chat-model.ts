import {
  type EventReducer,
  HttpChatModel,
  type HttpChatModelInit,
  type ModelError,
  type ResolvedOptions,
  type ResponseAccumulator,
  type StreamFraming,
  type ToolChoice,
  type WireCall,
  type WireRequest,
} from "rxscope";
import { ParleyChatFormatter, type ParleyTurn } from "./parley-formatter.ts";

/** What Parley sends, a JSON text a line; any field may be missing, and none need be what it should. */
interface ParleyLine {
  readonly model?: string;
  readonly say?: string;
  readonly think?: string;
  readonly call?: {
    readonly n?: number;
    readonly ref?: string;
    readonly tool?: string;
    readonly with?: unknown;
  };
  /** Why the answer ends. */
  readonly over?: string;
  readonly spent?: { readonly in?: number; readonly out?: number };
  /** The last line. */
  readonly bye?: boolean;
  readonly error?: unknown;
}

const REASONS = new Map([
  ["done", "stop"],
  ["full", "length"],
  ["calls", "tool_calls"],
  ["hushed", "content_filter"],
] as const);

/** A model behind Parley's wire. */
export class ParleyChatModel extends HttpChatModel<ParleyTurn> {
  protected readonly framing: StreamFraming = { type: "ndjson" };

  constructor(init: HttpChatModelInit<ParleyTurn>) {
    super({ ...init, formatter: init.formatter ?? new ParleyChatFormatter() });
  }

  protected request({ messages, tools, options, warn }: WireCall<ParleyTurn>): WireRequest {
    const { temperature, maxTokens, stop, toolChoice, stream = true } = options;
    const body = {
      model: this.modelName,
      talk: messages,
      ...(tools.length > 0 && {
        tools: tools.map(({ name, parameters }) => ({ tool: name, schema: parameters })),
      }),
      ...(tools.length > 0 && toolChoice !== undefined && { choose: choiceOf(toolChoice, warn) }),
      ...(temperature !== undefined && { heat: temperature }),
      ...(maxTokens !== undefined && { most: maxTokens }),
      ...(stop !== undefined && { until: typeof stop === "string" ? [stop] : stop }),
      stream,
    };
    return { path: "/talk", body };
  }

  protected reducer(
    answer: ResponseAccumulator,
    _options: ResolvedOptions,
    failure: (event: unknown) => ModelError,
  ): EventReducer {
    const read = (event: unknown): boolean => {
      // Providers send what they like: a reader takes what is of the right type, and no more.
      const line = (typeof event === "object" && event !== null ? event : {}) as ParleyLine;
      if (line.error) throw failure(event);
      answer.identify(undefined, textOf(line.model));
      answer.content.thinking(textOf(line.think));
      answer.content.text(textOf(line.say));
      if (typeof line.call === "object" && line.call !== null) {
        const { n: index, ref: id, tool: name, with: input } = line.call;
        answer.content.toolCall({ index, id, name, arguments: input });
      }
      if (textOf(line.over) !== "") {
        const raw = textOf(line.over);
        answer.finish(REASONS.get(raw as never) ?? "other", raw);
      }
      if (typeof line.spent === "object" && line.spent !== null) {
        const { in: inputTokens = 0, out: outputTokens = 0 } = line.spent;
        answer.usage({
          inputTokens,
          outputTokens,
          totalTokens: inputTokens + outputTokens,
          raw: { ...line.spent },
        });
      }
      return line.bye === true;
    };
    return {
      event: read,
      // A whole answer has the lines that a stream would have had, or is an error.
      whole: (body) => {
        read(body);
        const { lines } = body as { lines?: unknown };
        if (Array.isArray(lines)) for (const each of lines) read(each);
      },
    };
  }
}

function choiceOf(choice: ToolChoice, warn: WireCall<ParleyTurn>["warn"]): unknown {
  if (typeof choice === "string") return choice;
  if ("name" in choice) return { tool: choice.name };
  warn(
    "toolChoice",
    "Parley can be told one tool or any, but not some of them; the model was left the choice.",
  );
  return "auto";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
