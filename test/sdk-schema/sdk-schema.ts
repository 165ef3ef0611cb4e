import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A request type of an official SDK. */
export interface SdkType {
  /** The npm package, a dev dependency of this one. */
  readonly sdk: string;
  /** A type expression over the package's default export, for example `Sdk.Chat.ChatCompletionCreateParams`. */
  readonly type: string;
}

/** Tells what is wrong with a request body, or why nobody can tell. */
export type RequestValidator = ((body: unknown) => string[]) | { readonly unavailable: string };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, ".cache", "sdk-schema");

/** The generator reads types with a TypeScript older than ours, so both live in a folder of their own. */
const TOOLS = { "ts-json-schema-generator": "2.4.0", ajv: "8.20.0" };

/**
 * A validator made of the types of an official SDK: the generated JSON Schema forbids what the types do not know. Made once
 * and kept in `.cache`, by the SDK's version.
 */
export function requestValidator({ sdk, type }: SdkType): RequestValidator {
  try {
    const { version } = JSON.parse(readFileSync(join(ROOT, "node_modules", sdk, "package.json"), "utf8")) as {
      version: string;
    };
    const file = join(CACHE, `${sdk.replaceAll("/", "-")}-${version}.json`);
    installTools();
    if (!existsSync(file)) generate(sdk, type, file);
    return compile(JSON.parse(readFileSync(file, "utf8")) as object);
  } catch (error) {
    return { unavailable: (error as Error).message };
  }
}

function installTools(): void {
  if (
    existsSync(join(CACHE, "node_modules", "ajv")) &&
    existsSync(join(CACHE, "node_modules", "ts-json-schema-generator"))
  )
    return;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, "package.json"), JSON.stringify({ private: true, dependencies: TOOLS }));
  run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"]);
}

function generate(sdk: string, type: string, file: string): void {
  writeFileSync(
    join(CACHE, "request.ts"),
    `import type Sdk from "${sdk}";\nexport type Request = ${type};\n`,
  );
  writeFileSync(
    join(CACHE, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { module: "nodenext", target: "ES2022", strict: true, skipLibCheck: true, types: [] },
      files: ["request.ts"],
    }),
  );
  const generator = join(
    CACHE,
    "node_modules",
    "ts-json-schema-generator",
    "bin",
    "ts-json-schema-generator.js",
  );
  run(process.execPath, [
    generator,
    "--path",
    "request.ts",
    "--type",
    "Request",
    "--tsconfig",
    "tsconfig.json",
    "--no-type-check",
    "--out",
    file,
  ]);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd: CACHE,
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
