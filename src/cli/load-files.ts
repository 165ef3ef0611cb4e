import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord } from "../tool/schema-parts.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { RunnableTool } from "../tool/tool.ts";
import { UsageError } from "./cli-io.ts";

/** @throws UsageError when the file cannot be read, or holds no JSON Schema */
export async function loadSchema(file: string): Promise<JsonSchema> {
  let schema: unknown;
  try {
    schema = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--schema cannot read ${file}: ${(error as Error).message}`);
  }
  if (isRecord(schema)) return schema;
  throw new UsageError(`--schema ${file} must hold a JSON Schema, which is an object.`);
}

/**
 * The tools that modules export: by any name, as default, or in a list.
 *
 * @throws UsageError when a module cannot be loaded, or exports no tool that can be run
 */
export async function loadTools(files: readonly string[]): Promise<RunnableTool[]> {
  const tools: RunnableTool[] = [];
  for (const file of files) {
    let exported: Record<string, unknown>;
    try {
      exported = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
    } catch (error) {
      throw new UsageError(`--tool cannot load ${file}: ${(error as Error).message}`);
    }
    // A tool may stand there twice, by its name and as default.
    const found = new Set(Object.values(exported).flat().filter(isRunnable));
    if (found.size === 0)
      throw new UsageError(`--tool ${file} exports no tool: an object with a name and an execute function.`);
    tools.push(...found);
  }
  return tools;
}

function isRunnable(value: unknown): value is RunnableTool {
  return isRecord(value) && typeof value["name"] === "string" && typeof value["execute"] === "function";
}
