import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";
import { parseAst } from "vitest/node";

/**
 * The floors of the house (docs/architecture.md). A file imports its own room and lower floors; rooms on one floor do not
 * know each other. A module directly in src/ is a room of its own.
 */
const FLOORS: Readonly<Record<string, number>> = {
  "rxjs.ts": 0,
  error: 0,
  message: 1,
  tool: 2,
  transport: 3,
  wire: 4,
  formatter: 5,
  token: 6,
  model: 7,
  "tool-loop": 8,
  middleware: 8,
  telemetry: 8,
  embedding: 8,
  tts: 8,
  realtime: 8,
  credential: 9,
  client: 10,
  testing: 10,
  gateway: 11,
  "builtin.ts": 12,
  cli: 13,
  "core.ts": 14,
  "index.ts": 15,
};

/** Heavy or replaceable packages, each behind one door. */
const DOORS: readonly { package: string; allowed: (path: string) => boolean; door: string }[] = [
  {
    package: "rxjs",
    // The kit uses streams as a user does.
    allowed: (path) => path === "rxjs.ts" || path.startsWith("testing/conformance/"),
    door: "rxjs.ts",
  },
  { package: "undici", allowed: (path) => path.startsWith("transport/"), door: "transport/" },
  { package: "eventsource-parser", allowed: (path) => path === "transport/sse.ts", door: "transport/sse.ts" },
  ...["tiktoken", "@huggingface/tokenizers", "@huggingface/jinja"].map((name) => ({
    package: name,
    allowed: (path: string) => path.startsWith("token/"),
    door: "token/",
  })),
  {
    package: "jsonrepair",
    allowed: (path) => path.startsWith("model/structured/"),
    door: "model/structured/",
  },
  { package: "zod-to-json-schema", allowed: (path) => path.startsWith("tool/"), door: "tool/" },
];

/** Packages that the library loads on first use only. */
const LAZY: ReadonlySet<string> = new Set(["jsonrepair", "tiktoken", "zod-to-json-schema"]);

/** Modules that do something when they are loaded; everything else only declares. */
const EFFECTS: ReadonlySet<string> = new Set(["builtin.ts", "cli/main.ts"]);

/** The one import for its effect, beside those of {@link EFFECTS}. */
const EFFECT_IMPORTS: Readonly<Record<string, string>> = { "index.ts": "./builtin.ts" };

const READS_ENVIRONMENT = ["credential/", "cli/", "transport/dispatcher.ts"];

/** Names that say nothing of what is inside. */
const VAGUE_NAME = /^(?:utils?|helpers?|common|types?|misc|shared)$/;

interface Import {
  readonly specifier: string;
  /** `lazy` is a dynamic import, `type` leaves nothing behind at run time. */
  readonly kind: "value" | "type" | "lazy";
}

interface Module {
  /** Relative to src/, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** What it does at its top level beyond declaring. */
  readonly effects: readonly string[];
  readonly readsEnvironment: boolean;
}

type Node = { readonly type: string; readonly [field: string]: unknown };

const modules = readModules(new URL("../src/", import.meta.url));

test("every folder and module of src has its floor", () => {
  expect(modules.length).toBeGreaterThan(20);
  expect(checkRooms(modules)).toEqual([]);
});

test("the page has a line for every room of src, lower floors first", () => {
  const page = readFileSync(new URL("../docs/architecture.md", import.meta.url), "utf8");
  const described = [...page.matchAll(/^\| `([a-z-]+)\/`/gm)].map(([, room = ""]) => room);
  const rooms = new Set(
    modules.filter(({ path }) => path.includes("/")).map(({ path }) => path.split("/")[0]),
  );
  expect(described).toHaveLength(rooms.size);
  expect(new Set(described)).toEqual(rooms);
  const floors = described.map((room) => FLOORS[room] as number);
  expect(floors).toEqual(floors.toSorted((a, b) => a - b));
});

test("a module imports its own room and lower floors only", () => {
  expect(checkFloors(modules)).toEqual([]);
});

test("no files import each other in a circle", () => {
  expect(findCycles(fileGraph(modules))).toEqual([]);
});

test("no rooms import each other in a circle, not even for types", () => {
  expect(findCycles(roomGraph(modules))).toEqual([]);
});

test("relative imports stay inside src, name a file that exists, and bear its extension", () => {
  expect(checkPaths(modules)).toEqual([]);
});

test("packages with a door are imported only behind it", () => {
  expect(checkDoors(modules)).toEqual([]);
});

test("the entries load no package that can wait before it is used", () => {
  for (const entry of ["index.ts", "core.ts"]) expect(checkLazy(modules, entry)).toEqual([]);
});

test("only credentials, the command line and the look for a proxy read the environment", () => {
  expect(checkEnvironment(modules)).toEqual([]);
});

test("only the built-ins and the program do something when they are loaded", () => {
  expect(checkEffects(modules)).toEqual([]);
});

test("package.json names as side effects exactly the modules that have one, who imports them for it, and what they are joined to", () => {
  const { sideEffects } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    sideEffects: string[];
  };
  const named = [...EFFECTS, ...Object.keys(EFFECT_IMPORTS)].map(
    (path) => `./dist/${path.replace(/ts$/, "js")}`,
  );
  // The built-ins are joined to a chunk that several entries share: a bundler that was not told of it would leave it out.
  expect(sideEffects.toSorted()).toEqual([...named, "./dist/chunks/*.js"].toSorted());
});

test("files are named for what is in them, in kebab case", () => {
  expect(checkNames(modules)).toEqual([]);
});

// The rules themselves: each must find what it forbids.

test("an import is read in each of its forms", () => {
  const source = `
    import a from "value-default";
    import * as b from "value-namespace";
    import { type C } from "value-that-remains";
    import "value-bare";
    export { d } from "value-export";
    export * from "value-star";
    import type { E } from "type-import";
    export type { F } from "type-export";
    type G = import("type-inline").G;
    const h = await import("lazy-import");
    const i = require("lazy-require");
    const text = 'import x from "in-a-string"'; // import y from "in-a-comment"
    const template = \`import("in-a-template")\`;
  `;
  expect(
    parseModule("model/a.ts", source).imports.map(({ kind, specifier }) => `${kind}: ${specifier}`),
  ).toEqual([
    "value: value-default",
    "value: value-namespace",
    "value: value-that-remains",
    "value: value-bare",
    "value: value-export",
    "value: value-star",
    "type: type-import",
    "type: type-export",
    "type: type-inline",
    "lazy: lazy-import",
    "lazy: lazy-require",
  ]);
});

test("an unknown folder and an unknown module in src are found", () => {
  expect(
    checkRooms([parseModule("kitchen/pan.ts", ""), parseModule("extra.ts", ""), parseModule("core.ts", "")]),
  ).toEqual(["kitchen/pan.ts: kitchen has no floor", "extra.ts: extra.ts has no floor"]);
});

test("an import of a higher floor, or of a neighbour on the same one, is found, types included", () => {
  const found = checkFloors([
    parseModule(
      "message/msg.ts",
      `import type { ModelCard } from "../model/card.ts"; import "../error/e.ts";`,
    ),
    parseModule("tool-loop/loop.ts", `const a = import("../middleware/cache.ts");`),
    parseModule(
      "model/a.ts",
      `import { b } from "./b.ts"; import { core } from "../core.ts"; type X = import("../cli/x.ts").X;`,
    ),
    parseModule(
      "testing/kit.ts",
      `import { x } from "../client/x.ts"; import { y } from "../credential/y.ts";`,
    ),
  ]);
  expect(found).toEqual([
    "message/msg.ts: message (floor 1) imports ../model/card.ts of model (floor 7)",
    "tool-loop/loop.ts: tool-loop (floor 8) imports ../middleware/cache.ts of middleware (floor 8)",
    "model/a.ts: model (floor 7) imports ../core.ts of core.ts (floor 14)",
    "model/a.ts: model (floor 7) imports ../cli/x.ts of cli (floor 13)",
    "testing/kit.ts: testing (floor 10) imports ../client/x.ts of client (floor 10)",
  ]);
});

test("circles are found: of two files, of many, of a file with itself, through a lazy import; types alone make none", () => {
  const cycles = (...sources: [path: string, source: string][]): string[] =>
    findCycles(fileGraph(sources.map(([path, source]) => parseModule(path, source))));
  expect(
    cycles(["model/a.ts", `import { b } from "./b.ts";`], ["model/b.ts", `export * from "./a.ts";`]),
  ).toEqual(["model/a.ts -> model/b.ts -> model/a.ts"]);
  expect(
    cycles(
      ["model/start.ts", `import "./a.ts";`],
      ["model/a.ts", `import "./b.ts";`],
      ["model/b.ts", `const c = () => import("./c.ts");`],
      ["model/c.ts", `import "./a.ts"; import "./leaf.ts";`],
      ["model/leaf.ts", ""],
    ),
  ).toEqual(["model/a.ts -> model/b.ts -> model/c.ts -> model/a.ts"]);
  expect(cycles(["model/a.ts", `import "./a.ts";`])).toEqual(["model/a.ts -> model/a.ts"]);
  expect(
    cycles(["model/a.ts", `import type { B } from "./b.ts";`], ["model/b.ts", `import "./a.ts";`]),
  ).toEqual([]);
});

test("a circle of rooms is found even where it is only of types and of different files", () => {
  const found = findCycles(
    roomGraph([
      parseModule("wire/a.ts", `import type { F } from "../formatter/f.ts";`),
      parseModule(
        "formatter/g.ts",
        `import type { W } from "../wire/w.ts"; import type { F } from "./f.ts";`,
      ),
    ]),
  );
  expect(found).toEqual(["wire -> formatter -> wire"]);
});

test("imports that leave src, name no file, lack the extension, or name the package itself are found", () => {
  const source = `import "../../package.json"; import "./b"; import "./gone.ts"; import "rxscope/core"; import "rxjs"; import "./a.ts";`;
  expect(checkPaths([parseModule("model/a.ts", source), parseModule("model/b.ts", "")])).toEqual([
    "model/a.ts: ../../package.json is not a file of src",
    "model/a.ts: ./b is not a file of src",
    "model/a.ts: ./gone.ts is not a file of src",
    "model/a.ts: rxscope/core is this package itself",
  ]);
});

test("a package imported past its door is found, subpaths and lazy and type imports included", () => {
  const found = checkDoors([
    parseModule("model/a.ts", `import type { Dispatcher } from "undici"; import u from "undici-types";`),
    parseModule("transport/http.ts", `import "undici"; import "eventsource-parser/stream";`),
    parseModule("transport/sse.ts", `import { createParser } from "eventsource-parser";`),
    parseModule("model/b.ts", `const t = import("tiktoken/lite"); type Z = import("zod-to-json-schema").Z;`),
    parseModule("token/tiktoken.ts", `const t = () => import("tiktoken");`),
  ]);
  expect(found).toEqual([
    "model/a.ts: undici is imported only by transport/",
    "transport/http.ts: eventsource-parser is imported only by transport/sse.ts",
    "model/b.ts: tiktoken is imported only by token/",
    "model/b.ts: zod-to-json-schema is imported only by tool/",
  ]);
});

test("a heavy package that comes with the entry is found, with the way to it", () => {
  const tree = [
    parseModule(
      "core.ts",
      `export { count } from "./token/counter.ts"; export { toJsonSchema } from "./tool/schema.ts";`,
    ),
    parseModule("token/counter.ts", `import { get_encoding } from "tiktoken";`),
    parseModule(
      "tool/schema.ts",
      `const z = () => import("zod-to-json-schema"); import type { Z } from "zod-to-json-schema";`,
    ),
  ];
  expect(checkLazy(tree, "core.ts")).toEqual(["core.ts -> token/counter.ts -> tiktoken"]);
});

test("a look at the environment is found in each of its forms, and not in comments", () => {
  const found = checkEnvironment([
    parseModule("model/a.ts", `const key = process.env["KEY"];`),
    parseModule("model/b.ts", `const { env } = process;`),
    parseModule("model/c.ts", `import { env } from "node:process";`),
    parseModule("testing/d.ts", `export function f() { return globalThis.process["env"].KEY; }`),
    parseModule(
      "model/e.ts",
      `/** Like process.env. */ const s = "process.env"; process.version; const env = { env: 1 }; env.env;`,
    ),
    parseModule("credential/f.ts", `process.env.KEY`),
    parseModule("cli/g.ts", `process.env.KEY`),
  ]);
  expect(found.map((line) => line.split(":")[0])).toEqual([
    "model/a.ts",
    "model/b.ts",
    "model/c.ts",
    "testing/d.ts",
  ]);
});

test("work at the top level of a module is found, declarations are not", () => {
  const effects = (source: string): readonly string[] => parseModule("model/a.ts", source).effects;
  expect(effects(`register();`)).toHaveLength(1);
  expect(effects(`if (x) y = 1;`)).toHaveLength(1);
  expect(effects(`for (const a of b) f(a);`)).toHaveLength(1);
  expect(effects(`import "./other.ts";`)).toHaveLength(1);
  expect(effects(`class A { static { register(A); } }`)).toHaveLength(1);
  expect(effects(`export class A { static { register(A); } }`)).toHaveLength(1);
  expect(effects(`class A { static { inspectAsString(this); } }`)).toEqual([]);
  expect(effects(`class A { static { inspectAsString(this); register(this); } }`)).toHaveLength(1);
  expect(effects(`const a = await f();`)).toHaveLength(1);
  expect(effects(`export const a = f(await g());`)).toHaveLength(1);
  expect(
    effects(`
      import { a } from "./a.ts"; import type { B } from "./b.ts"; export * from "./c.ts";
      export const d = new Map([[1, a]]); let e: number | undefined;
      export async function f() { await e; { static_: for (;;) break static_; } }
      class M { static { inspectAsString(this); } }
      export default class G { static h = 1; i = async () => { await 1; }; }
      export interface J {} type K = B; declare const l: K;
    `),
  ).toEqual([]);
  expect(
    checkEffects([
      parseModule("builtin.ts", `register();`),
      parseModule("index.ts", `import "./builtin.ts";`),
    ]),
  ).toEqual([]);
  expect(checkEffects([parseModule("index.ts", `import "./model/a.ts";`)])).toEqual([
    `index.ts: import "./model/a.ts";`,
  ]);
  expect(checkEffects([parseModule("core.ts", `import "./builtin.ts";`)])).toEqual([
    `core.ts: import "./builtin.ts";`,
  ]);
});

test("names that say nothing, and names not in kebab case, are found", () => {
  const names = [
    "model/utils.ts",
    "model/types.ts",
    "tool/chat-helpers.ts",
    "wire/common/a.ts",
    "tool/toJson.ts",
    "tool/to-json.ts",
  ];
  expect(checkNames(names.map((path) => parseModule(path, "")))).toEqual([
    "model/utils.ts: utils says nothing of what is inside",
    "model/types.ts: types says nothing of what is inside",
    "tool/chat-helpers.ts: helpers says nothing of what is inside",
    "wire/common/a.ts: common says nothing of what is inside",
    "tool/toJson.ts: toJson is not in kebab case",
  ]);
});

function readModules(src: URL): Module[] {
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts"))
    .toSorted()
    .map((path) => parseModule(path, readFileSync(new URL(path, src), "utf8")));
}

function parseModule(path: string, source: string): Module {
  const program = parseAst(source, { lang: "ts" }) as unknown as Node & { readonly body: readonly Node[] };
  const imports: Import[] = [];
  let readsEnvironment = false;
  visit(program, (node) => {
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
    readsEnvironment ||= isEnvironment(node);
  });
  const effects = program.body.filter(hasEffect).map((node) => textOf(node, source));
  return { path, imports, effects, readsEnvironment };
}

function importOf(node: Node): Import | undefined {
  switch (node.type) {
    case "ImportDeclaration":
      return importFrom(node["source"], node["importKind"] === "type" ? "type" : "value");
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return importFrom(node["source"], node["exportKind"] === "type" ? "type" : "value");
    case "TSImportType":
      return importFrom(node["source"], "type");
    case "ImportExpression":
      return importFrom(node["source"], "lazy");
    case "CallExpression":
      return isIdentifier(node["callee"], "require")
        ? importFrom((node["arguments"] as readonly unknown[])[0], "lazy")
        : undefined;
    default:
      return undefined;
  }
}

function importFrom(source: unknown, kind: Import["kind"]): Import | undefined {
  return isNode(source) && typeof source["value"] === "string"
    ? { specifier: source["value"], kind }
    : undefined;
}

/** Whether a node is `process.env`, or takes `env` out of `process`. */
function isEnvironment(node: Node): boolean {
  switch (node.type) {
    case "MemberExpression":
      return nameOf(node["property"]) === "env" && isProcess(node["object"]);
    case "VariableDeclarator":
      return isProcess(node["init"]) && isNode(node["id"]) && takes(node["id"]["properties"], "key");
    case "ImportDeclaration":
      return (
        /^(?:node:)?process$/.test(nameOf(node["source"]) ?? "") && takes(node["specifiers"], "imported")
      );
    default:
      return false;
  }
}

function takes(parts: unknown, name: "key" | "imported"): boolean {
  return Array.isArray(parts) && parts.some((part) => isNode(part) && nameOf(part[name]) === "env");
}

function isProcess(node: unknown): boolean {
  if (isIdentifier(node, "process")) return true;
  return isNode(node) && node.type === "MemberExpression" && nameOf(node["property"]) === "process";
}

/** Whether a statement at the top level does more than import, export and declare. */
function hasEffect(node: Node): boolean {
  switch (node.type) {
    case "ImportDeclaration":
      // Without specifiers it is for the effect; `import {} from` has none either.
      return (node["specifiers"] as readonly unknown[]).length === 0;
    case "ExportAllDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSModuleDeclaration":
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return false;
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
      return isNode(node["declaration"]) && hasEffect(node["declaration"]);
    case "ClassDeclaration":
      return (node["body"] as { body: readonly Node[] }).body.some(
        (member) => member.type === "StaticBlock" && !(member["body"] as Node[]).every(shapesItsClass),
      );
    case "VariableDeclaration":
      // `require()` of the package, which must work, cannot wait.
      return waits(node);
    default:
      return true;
  }
}

/** `inspectAsString(this)`: gives the class a method whose name no declaration can spell, and touches nothing else. */
function shapesItsClass({ expression }: Node): boolean {
  if (!isNode(expression) || expression.type !== "CallExpression") return false;
  const [first] = expression["arguments"] as readonly Node[];
  return isIdentifier(expression["callee"], "inspectAsString") && first?.type === "ThisExpression";
}

function waits(node: Node): boolean {
  if (node.type === "AwaitExpression") return true;
  if (/Function|Class/.test(node.type)) return false;
  return childrenOf(node).some(waits);
}

function visit(node: Node, callback: (node: Node) => void): void {
  callback(node);
  for (const child of childrenOf(node)) visit(child, callback);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Partial<Node>).type === "string";
}

function isIdentifier(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node["name"] === name;
}

/** The name of an identifier, the text of a literal. */
function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const name = node["name"] ?? node["value"];
  return typeof name === "string" ? name : undefined;
}

function textOf(node: Node, source: string): string {
  return source.slice(node["start"] as number, node["end"] as number);
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** The file of src that a relative import means. */
function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined;
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function checkRooms(tree: readonly Module[]): string[] {
  return tree
    .filter(({ path }) => FLOORS[roomOf(path)] === undefined)
    .map(({ path }) => `${path}: ${roomOf(path)} has no floor`);
}

function checkFloors(tree: readonly Module[]): string[] {
  return tree.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier }) => {
      const target = targetOf(path, specifier);
      const from = roomOf(path);
      const to = target === undefined ? from : roomOf(target);
      const floors = [FLOORS[from] ?? Infinity, FLOORS[to] ?? Infinity] as const;
      if (from === to || floors[1] < floors[0]) return [];
      return [`${path}: ${from} (floor ${floors[0]}) imports ${specifier} of ${to} (floor ${floors[1]})`];
    }),
  );
}

function checkPaths(tree: readonly Module[]): string[] {
  const files = new Set(tree.map(({ path }) => path));
  return tree.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier }) => {
      if (packageOf(specifier) === "rxscope") return [`${path}: ${specifier} is this package itself`];
      const target = targetOf(path, specifier);
      return target === undefined || files.has(target) ? [] : [`${path}: ${specifier} is not a file of src`];
    }),
  );
}

function checkDoors(tree: readonly Module[]): string[] {
  return tree.flatMap(({ path, imports }) =>
    DOORS.filter(
      (rule) => !rule.allowed(path) && imports.some(({ specifier }) => packageOf(specifier) === rule.package),
    ).map((rule) => `${path}: ${rule.package} is imported only by ${rule.door}`),
  );
}

/** The ways by which loading `entry` loads a package that should wait. */
function checkLazy(tree: readonly Module[], entry: string): string[] {
  const byPath = new Map(tree.map((module) => [module.path, module]));
  const seen = new Set<string>();
  const walk = (path: string, way: readonly string[]): string[] => {
    if (seen.has(path)) return [];
    seen.add(path);
    return (byPath.get(path)?.imports ?? []).flatMap(({ specifier, kind }) => {
      if (kind !== "value") return [];
      const target = targetOf(path, specifier);
      if (target !== undefined) return walk(target, [...way, target]);
      return LAZY.has(packageOf(specifier)) ? [[...way, packageOf(specifier)].join(" -> ")] : [];
    });
  };
  return walk(entry, [entry]);
}

function checkEnvironment(tree: readonly Module[]): string[] {
  return tree
    .filter(
      ({ path, readsEnvironment }) =>
        readsEnvironment && !READS_ENVIRONMENT.some((room) => path.startsWith(room)),
    )
    .map(({ path }) => `${path}: only ${READS_ENVIRONMENT.join(" and ")} read process.env`);
}

function checkEffects(tree: readonly Module[]): string[] {
  return tree
    .filter(({ path }) => !EFFECTS.has(path))
    .flatMap(({ path, effects }) =>
      effects
        .filter((effect) => effect !== `import "${EFFECT_IMPORTS[path]}";`)
        .map((effect) => `${path}: ${effect}`),
    );
}

function checkNames(tree: readonly Module[]): string[] {
  return tree.flatMap(({ path }) => {
    const names = [...path.split("/").slice(0, -1), posix.basename(path, ".ts")];
    return names.flatMap((name) => {
      if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) return [`${path}: ${name} is not in kebab case`];
      const vague = name.split("-").find((word) => VAGUE_NAME.test(word));
      return vague === undefined ? [] : [`${path}: ${vague} says nothing of what is inside`];
    });
  });
}

/** Which file loads which: type imports are gone by then. */
function fileGraph(tree: readonly Module[]): Map<string, Set<string>> {
  return new Map(
    tree.map(({ path, imports }) => [
      path,
      new Set(
        imports
          .filter(({ kind }) => kind !== "type")
          .map(({ specifier }) => targetOf(path, specifier))
          .filter((target) => target !== undefined),
      ),
    ]),
  );
}

function roomGraph(tree: readonly Module[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of tree) {
    const targets = graph.get(roomOf(path)) ?? new Set();
    graph.set(roomOf(path), targets);
    for (const { specifier } of imports) {
      const target = targetOf(path, specifier);
      if (target !== undefined && roomOf(target) !== roomOf(path)) targets.add(roomOf(target));
    }
  }
  return graph;
}

/** One way round each circle that a walk through the graph meets, as `a -> b -> a`. */
function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const walk = (node: string): void => {
    const start = way.indexOf(node);
    if (start !== -1) {
      cycles.push([...way.slice(start), node].join(" -> "));
      return;
    }
    if (done.has(node)) return;
    way.push(node);
    for (const next of graph.get(node) ?? []) walk(next);
    way.pop();
    done.add(node);
  };
  for (const node of graph.keys()) walk(node);
  return cycles;
}
