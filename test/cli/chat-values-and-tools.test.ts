import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { map } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ModelRegistry } from "rxscope";
import { ScriptedChatModel } from "rxscope/testing";
import { fakeTerminal, runPiped } from "./fake-terminal.ts";
import { script } from "./scripted-model.ts";

const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS = `
  export const twice = {
    name: "twice",
    parameters: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    execute: ({ n }) => n * 2,
  };
  export default twice;
  export const more = [{ name: "shout", returnDirect: true, execute: () => "HELLO" }];
  export const unrelated = 7;
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rxscope-cli-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  ModelRegistry.reset();
  vi.unstubAllEnvs();
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const schemaFile = (): string => file("schema.json", JSON.stringify(SCHEMA));
const toolFile = (): string => file("tools.mjs", TOOLS);

test("--schema prints the value as JSON and nothing else; how it came about is told on standard error", async () => {
  const model = script(['{"city":1}', '```json\n{"city":"Paris"}\n```']);
  const { code, stdout, stderr } = await runPiped([
    "chat",
    "test:scripted",
    "--schema",
    schemaFile(),
    "Where?",
  ]);
  expect([code, stdout]).toEqual([0, '{\n  "city": "Paris"\n}\n']);
  expect(stderr).toMatch(/finished: stop · native invalid · native ok\n$/);
  expect(model.calls[0]?.options.responseFormat).toMatchObject({ type: "json_schema", schema: SCHEMA });
});

test("what of the schema could not be honoured is told, and no terminal obeys what is in the value", async () => {
  const model = new ScriptedChatModel('{"city":"Pa\u009bris"}', {});
  const warned = model.with((call, next) =>
    next(call).pipe(
      map((response) => response.with({ warnings: [{ option: "responseFormat", reason: "Not held." }] })),
    ),
  );
  ModelRegistry.register("test:scripted", warned);
  const { stdout, stderr } = await runPiped(["chat", "test:scripted", "--schema", schemaFile(), "Where?"]);
  expect(stdout).toBe('{\n  "city": "Pa\\u009bris"\n}\n');
  expect(JSON.parse(stdout)).toEqual({ city: "Pa\u009bris" });
  expect(stderr).toContain("warning: responseFormat: Not held.");
});

test("on a terminal the value is seen to grow on one line, which gives way to the whole", async () => {
  script([{ text: '{"city": "New York"}', delayMs: 60 }]);
  const terminal = fakeTerminal({ stdoutIsTTY: true });
  expect(await terminal.run("chat", "test:scripted", "--schema", schemaFile(), "Where?")).toBe(0);
  expect(terminal.stdout).toContain('\r\u001b[K\u001b[2m{"city":"New ');
  expect(terminal.stdout.endsWith('\r\u001b[K{\n  "city": "New York"\n}\n')).toBe(true);
});

test("--json with --schema prints one snapshot a line, the value in the last", async () => {
  script('{"city": "Paris"}');
  const { stdout } = await runPiped(["chat", "test:scripted", "--json", "--schema", schemaFile(), "Where?"]);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ isLast }) => isLast)).toEqual([...lines.slice(1).map(() => false), true]);
  expect(lines.at(-1)).toMatchObject({
    value: { city: "Paris" },
    attempts: [{ mode: "native", outcome: "ok" }],
  });
});

test("no value that fits is a failure of the model", async () => {
  script(() => "I would rather not.");
  const { code, stdout, stderr } = await runPiped([
    "chat",
    "test:scripted",
    "--schema",
    schemaFile(),
    "Where?",
  ]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("gave no value that fits the schema");
});

test("--tool runs the tools of a module, and shows each call and what it gave", async () => {
  const model = script([
    { text: "Let me see.", toolCalls: [{ name: "twice", arguments: { n: 21 } }] },
    { text: "It is 42.", usage: { inputTokens: 3, outputTokens: 4 } },
  ]);
  const { code, stdout, stderr } = await runPiped(["chat", "test:scripted", "--tool", toolFile(), "21 * 2?"]);
  expect([code, stdout]).toEqual([0, 'Let me see.\n→ twice({"n":21})\n← twice: 42\nIt is 42.\n']);
  expect(stderr).toMatch(/^3 tokens in · 4 out · /);
  expect(model.calls[0]?.tools.map(({ name }) => name)).toEqual(["twice", "shout"]);
});

test("what a tool yields is shown on its way to the result", async () => {
  script([{ toolCalls: [{ name: "search", arguments: {} }] }, "Nothing."]);
  const search = `async function* execute() { yield "looking"; return { found: 0 }; }
    export default { name: "search", execute };`;
  const { stdout } = await runPiped([
    "chat",
    "test:scripted",
    "--tool",
    file("search.mjs", search),
    "Find it",
  ]);
  expect(stdout).toBe('→ search({})\n… search: looking\n← search: {"found":0}\nNothing.\n');
});

test("a tool that returns directly has the last word, and an endless model is stopped", async () => {
  script([{ toolCalls: [{ name: "shout", arguments: {} }] }]);
  const direct = await runPiped(["chat", "test:scripted", "--tool", toolFile(), "Hi"]);
  expect(direct.stdout).toBe("→ shout({})\n← shout: HELLO\nHELLO\n");
  ModelRegistry.reset();
  script(() => ({ toolCalls: [{ name: "twice", arguments: { n: 1 } }] }));
  const endless = await runPiped(["chat", "test:scripted", "--tool", toolFile(), "Hi"]);
  expect(endless.stderr).toContain("it was stopped");
});

test("--json with --tool prints one event a line", async () => {
  script([{ toolCalls: [{ name: "twice", arguments: { n: 1 } }] }, "2"]);
  const { stdout } = await runPiped(["chat", "test:scripted", "--json", "--tool", toolFile(), "Hi"]);
  const types = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toContain("tool_start");
  expect(types.at(-1)).toBe("final");
});

test("in a conversation the tools stay at hand, and their rounds stay in the history", async () => {
  const model = script([{ toolCalls: [{ name: "twice", arguments: { n: 1 } }] }, "2", "Bye"]);
  const terminal = fakeTerminal({ stdinIsTTY: true, stdoutIsTTY: true });
  const run = terminal.run("chat", "test:scripted", "--tool", toolFile());
  terminal.type("double one\n");
  await vi.waitFor(() => expect(model.calls).toHaveLength(2));
  terminal.type("thanks\n");
  await vi.waitFor(() => expect(model.calls).toHaveLength(3));
  terminal.type("/exit\n");
  expect(await run).toBe(0);
  expect(model.calls[2]?.messages.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "assistant",
    "user",
  ]);
});

test.each<[what: string, args: () => string[], message: string]>([
  ["both at once", () => ["--schema", schemaFile(), "--tool", toolFile(), "Hi"], "do not go together"],
  ["a schema that is not there", () => ["--schema", join(folder, "gone.json"), "Hi"], "cannot read"],
  ["a schema that is no JSON", () => ["--schema", file("bad.json", "{"), "Hi"], "cannot read"],
  [
    "a schema that is no object",
    () => ["--schema", file("list.json", "[]"), "Hi"],
    "must hold a JSON Schema",
  ],
  ["a module that is not there", () => ["--tool", join(folder, "gone.mjs"), "Hi"], "cannot load"],
  [
    "a module without tools",
    () => ["--tool", file("none.mjs", "export const a = 1;"), "Hi"],
    "exports no tool",
  ],
  ["a demo with a schema", () => ["--demo", "--schema", schemaFile()], "need a prompt"],
])("%s is a mistake on the command line", async (_what, args, message) => {
  script([]);
  const { code, stderr } = await runPiped(["chat", "test:scripted", ...args()]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("a schema needs a prompt on a terminal, too", async () => {
  script([]);
  const terminal = fakeTerminal({ stdinIsTTY: true });
  expect(await terminal.run("chat", "test:scripted", "--schema", schemaFile())).toBe(2);
  expect(terminal.stderr).toContain("--schema needs a prompt");
});
