import { join } from "node:path";
import { type LlamaServer, prepareLlamaServer } from "./llama-server.ts";
import { writeScriptedGguf } from "./scripted-gguf.ts";

/** llama.cpp's server, or why it cannot be had. */
export const kit = prepareLlamaServer();
if ("unavailable" in kit)
  console.log(`The tests against a real llama-server are skipped: ${kit.unavailable}.`);

/** What {@link CALLS} calls. */
export const TOOLS = [
  { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
];

/** A script that thinks, speaks and calls a tool twice. */
export const CALLS = [
  "<think>",
  "Need",
  " the",
  " weather",
  ".",
  "</think>",
  "Checking",
  " now",
  ":",
  "<tool_call>",
  '{"name": "get_',
  'weather", "arguments": {"city": "',
  "Paris",
  '"}}',
  "</tool_call>",
  "<tool",
  "_call>",
  '{"name": "get_we',
  'ather", "arguments": {"city": ',
  '"Rome"',
  "}}",
  "</tool_",
  "call>",
];

/** Runs `use` with a server whose model says this script. @param name of the model's file, different in every test file */
export async function withServer(
  name: string,
  script: readonly string[],
  use: (server: LlamaServer) => Promise<void>,
  args: readonly string[] = [],
  loop = false,
): Promise<void> {
  if ("unavailable" in kit) return;
  const model = join(kit.folder, `${name}.gguf`);
  writeScriptedGguf(model, script, { loop, context: loop ? 65_536 : 4096 });
  const server = await kit.start(model, args);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}
