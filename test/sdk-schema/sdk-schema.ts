import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import type { GenerateOptions, MessageInput, ToolInput } from "../../src/index.ts";

/** A request type of an official SDK. */
export interface SdkType {
  /** The npm package, a dev dependency of this one. */
  readonly sdk: string;
  /**
   * A type expression over the package's default export, for example `Sdk.Chat.ChatCompletionCreateParams`, or over its named
   * ones, for example `Named.ChatRequest`.
   */
  readonly type: string;
}

/** A call whose request is looked at. */
export interface RequestCase {
  readonly what: string;
  readonly model?: string;
  readonly messages?: MessageInput[];
  readonly tools?: ToolInput[];
  readonly options?: GenerateOptions;
}

export const CALL = {
  type: "tool_use",
  id: "call_1",
  name: "get_weather",
  input: { city: "Paris" },
} as const;

/** A request type's check, and the `test` for what needs it, skipped, and said so, where the check cannot be made. */
export interface TypeCheck {
  /** What the type finds wrong with a request body. */
  readonly violations: (body: unknown) => string[];
  readonly it: ReturnType<typeof test.skipIf>;
}

/** Makes the check of a type, which may take a while the first time. */
export function typeCheck(type: SdkType): TypeCheck {
  const validator = requestValidator(type);
  const isMissing = typeof validator === "object";
  if (isMissing)
    console.log(`The checks against the types of ${type.sdk} are skipped: ${validator.unavailable}.`);
  return { violations: isMissing ? () => [] : validator, it: test.skipIf(isMissing) };
}

/** Tells what is wrong with a request body, or why nobody can tell. */
type RequestValidator = ((body: unknown) => string[]) | { readonly unavailable: string };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, ".cache", "sdk-schema");
const TOOLS_FOLDER = join(CACHE, "node_modules");

/** The generator reads types with a TypeScript older than ours, so both live in a folder of their own. */
const TOOLS = { "ts-json-schema-generator": "2.4.0", ajv: "8.20.0" };

/**
 * A validator made of the types of an official SDK: the generated JSON Schema forbids what the types do not know. Made once
 * and kept in `.cache`, by the SDK's version.
 */
function requestValidator({ sdk, type }: SdkType): RequestValidator {
  try {
    const { version } = JSON.parse(readFileSync(join(ROOT, "node_modules", sdk, "package.json"), "utf8")) as {
      version: string;
    };
    const name = `${sdk.replaceAll("/", "-")}-${version}`;
    const file = join(CACHE, `${name}.json`);
    installTools();
    if (!existsSync(file)) generate(sdk, type, name);
    return compile(JSON.parse(readFileSync(file, "utf8")) as object);
  } catch (error) {
    return { unavailable: (error as Error).message };
  }
}

/** Installed beside its place and then moved there: tests of several SDKs may come here at the same time. */
function installTools(): void {
  if (existsSync(TOOLS_FOLDER)) return;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "install-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: TOOLS }));
    run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], folder);
    renameSync(join(folder, "node_modules"), TOOLS_FOLDER);
  } catch (error) {
    if (!existsSync(TOOLS_FOLDER)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function generate(sdk: string, type: string, name: string): void {
  writeFileSync(
    join(CACHE, `${name}.ts`),
    `import type Sdk from "${sdk}";\nimport type * as Named from "${sdk}";\nexport type Request = ${type};\n`,
  );
  writeFileSync(
    join(CACHE, `${name}.tsconfig.json`),
    JSON.stringify({
      compilerOptions: { module: "nodenext", target: "ES2022", strict: true, skipLibCheck: true, types: [] },
      files: [`${name}.ts`],
    }),
  );
  const generator = join(TOOLS_FOLDER, "ts-json-schema-generator", "bin", "ts-json-schema-generator.js");
  run(
    process.execPath,
    [
      generator,
      "--path",
      `${name}.ts`,
      "--type",
      "Request",
      "--tsconfig",
      `${name}.tsconfig.json`,
      "--no-type-check",
      "--out",
      join(CACHE, `${name}.json`),
    ],
    CACHE,
  );
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    timeout: 120_000,
    encoding: "utf8",
  });
  if (error !== undefined) throw new Error(`${command} cannot be run: ${error.message}`);
  if (status !== 0)
    throw new Error(`${command} ${args[0] ?? ""} failed: ${stderr.trim().split("\n").at(-1) ?? ""}`);
}

interface Validate {
  (body: unknown): boolean;
  errors?: readonly { instancePath: string; message?: string; params: object }[] | null;
}

function compile(schema: object): (body: unknown) => string[] {
  const require = createRequire(join(CACHE, "package.json"));
  const { Ajv } = require("ajv") as { Ajv: new (options: object) => { compile(schema: object): Validate } };
  const validate = new Ajv({ strict: false, allErrors: false }).compile(schema);
  return (body) => {
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message = "", params }) =>
        `${instancePath || "/"} ${message} ${JSON.stringify(params)}`,
    );
  };
}
