import type { JsonSchema, ToolSchema } from "../tool/tool-schema.ts";
import type { EncodingName } from "./text-encoding.ts";

/** What tools cost. */
export interface ToolTokens {
  readonly tokens: number;
  /** False for schemas with more than flat properties: the published method says nothing of what is nested. */
  readonly exact: boolean;
}

const PER_PROPERTY = 3;
const PER_CHOICE = 3;
const PER_TOOL_LIST = 12;

/**
 * Tool definitions by the method of the OpenAI cookbook, for gpt-4o (o200k) and for gpt-4 and gpt-3.5 (cl100k); checked
 * 2026-11. Nested properties and the elements of arrays are counted as properties too.
 */
export function toolTokens(
  tools: readonly ToolSchema[],
  encoding: EncodingName,
  countText: (text: string) => number,
): ToolTokens {
  if (tools.length === 0) return { tokens: 0, exact: true };
  const counter = new SchemaCounter(countText);
  const perFunction = encoding === "cl100k_base" ? 10 : 7;
  let tokens = PER_TOOL_LIST;
  for (const { name, description = "", parameters } of tools) {
    tokens += perFunction + countText(`${name}:${withoutDot(description)}`);
    tokens += counter.properties(parameters);
  }
  return { tokens, exact: counter.isFlat };
}

class SchemaCounter {
  isFlat = true;
  private readonly countText: (text: string) => number;
  /** A schema built in code may hold itself. */
  private readonly open = new Set<unknown>();

  constructor(countText: (text: string) => number) {
    this.countText = countText;
  }

  properties(schema: JsonSchema | undefined): number {
    const properties = Object.entries((schema?.["properties"] ?? {}) as Record<string, JsonSchema | null>);
    if (properties.length === 0 || this.open.has(schema)) return 0;
    this.open.add(schema);
    let tokens = PER_PROPERTY;
    for (const [name, property] of properties) tokens += this.property(name, property ?? {});
    this.open.delete(schema);
    return tokens;
  }

  private property(name: string, schema: JsonSchema): number {
    const { type = "", description = "", enum: choices, items } = schema;
    let tokens = PER_PROPERTY + this.countText(`${name}:${wordOf(type)}:${withoutDot(wordOf(description))}`);
    if (Array.isArray(choices)) {
      tokens -= PER_CHOICE;
      for (const choice of choices) tokens += PER_CHOICE + this.countText(wordOf(choice));
    }
    for (const inner of [schema, items, ...alternatives(schema)]) {
      if (typeof inner !== "object" || inner === null) continue;
      if (inner !== schema || "properties" in inner || "$ref" in inner) this.isFlat = false;
      tokens += this.properties(inner as JsonSchema);
    }
    return tokens;
  }
}

function alternatives(schema: JsonSchema): unknown[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((name) => (schema[name] ?? []) as unknown[]);
}

function wordOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function withoutDot(text: string): string {
  return text.endsWith(".") ? text.slice(0, -1) : text;
}
