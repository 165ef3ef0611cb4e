/** What a server that speaks the OpenAI chat wire does otherwise than OpenAI. */
export interface OpenAIDialect {
  /** The field of reasoning in messages and deltas. @default "reasoning_content" */
  readonly reasoningField?: "reasoning_content" | "reasoning";
  /** Where a stream has its usage: in an event of its own, beside the finish reason, or in the choice with it. @default "own event" */
  readonly usage?: "own event" | "finish event" | "choice";
  /** Whether a stream has its usage though nobody asked for it. @default false */
  readonly alwaysTellsUsage?: boolean;
  /** Whether fields that the server does not know are ignored. @default false: they are refused */
  readonly ignoresUnknownFields?: boolean;
  /** Whether messages of the user may show videos. @default false: they are refused */
  readonly showsVideos?: boolean;
  /** Whether a schema may say whatever JSON Schema can, strict or not. @default false: OpenAI's rules hold */
  readonly takesAnySchema?: boolean;
  /** Whether a tool call's id may be of any length. @default false: OpenAI's limit holds */
  readonly takesLongCallIds?: boolean;
}

/**
 * Servers by what a path has before `/chat/completions`: the prefix that is theirs alone, or, where there is none, the vendor's
 * name. Sources: their API pages and recorded answers, checked 2026-11.
 */
const DIALECTS: readonly (readonly [path: RegExp, dialect: OpenAIDialect])[] = [
  [
    /\/(?:compatible-mode|dashscope)\//,
    { ignoresUnknownFields: true, showsVideos: true, takesLongCallIds: true },
  ],
  [
    /^\/api\/v1\/|\/openrouter\//,
    { reasoningField: "reasoning", alwaysTellsUsage: true, ignoresUnknownFields: true, showsVideos: true },
  ],
  [/\/mistral\//, { usage: "finish event", alwaysTellsUsage: true, ignoresUnknownFields: true }],
  [/\/deepseek\//, { usage: "finish event", alwaysTellsUsage: true, ignoresUnknownFields: true }],
  [
    /\/(?:kimi|moonshot)\//,
    {
      usage: "choice",
      alwaysTellsUsage: true,
      ignoresUnknownFields: true,
      showsVideos: true,
      takesAnySchema: true,
    },
  ],
  [/\/xai\//, { alwaysTellsUsage: true, ignoresUnknownFields: true }],
  [
    /\/(?:vllm|ollama)\//,
    { reasoningField: "reasoning", ignoresUnknownFields: true, showsVideos: true, takesAnySchema: true },
  ],
  [
    /\/(?:llamacpp|lmstudio|compatible)\//,
    { ignoresUnknownFields: true, showsVideos: true, takesAnySchema: true },
  ],
  // Whoever else: only OpenAI itself, and Azure, refuse what they do not know.
  [/^\/(?!v1\/|openai\/|azure\/|chat\/)/, { ignoresUnknownFields: true, showsVideos: true }],
];

const OPENAI: OpenAIDialect = {};

/** How the server that a path leads to speaks. */
export function dialectOf(path: string): OpenAIDialect {
  return DIALECTS.find(([pattern]) => pattern.test(path))?.[1] ?? OPENAI;
}
