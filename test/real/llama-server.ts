import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A running llama.cpp server. */
export interface LlamaServer {
  /** The base URL of its OpenAI wire. */
  readonly baseUrl: string;
  /** How many of its slots are generating. */
  busySlots(): Promise<number>;
  stop(): Promise<void>;
}

/** llama.cpp's server, where it can be had; else the reason why not. */
export type LlamaServerKit =
  | {
      readonly folder: string;
      start(model: string, args?: readonly string[], until?: "ready" | "started"): Promise<LlamaServer>;
    }
  | { readonly unavailable: string };

const CACHE = fileURLToPath(new URL("../../.cache/llama-server", import.meta.url));

const PACKAGES = [
  "llama.cpp-tools",
  "libllama0",
  "libggml0",
  "libc6",
  "libgcc-s1",
  "libstdc++6",
  "libssl3t64",
  "libgomp1",
  "libzstd1",
  "zlib1g",
];

/** The most time to get the server, in milliseconds. */
const PREPARE_MS = 120_000;

/**
 * Gets Debian's llama.cpp, unpacked beside the system and started with its own loader (it wants a newer C library). Needs
 * apt, dpkg and a mirror; whatever is missing is told, nothing is thrown.
 */
export function prepareLlamaServer(): LlamaServerKit {
  const root = join(CACHE, "root");
  const binary = join(root, "usr/bin/llama-server");
  try {
    if (!existsSync(join(CACHE, "complete"))) download();
    if (!existsSync(binary)) return { unavailable: "the package holds no llama-server" };
    return {
      folder: CACHE,
      start: (model, args = [], until = "ready") => start(root, binary, model, args, until),
    };
  } catch (error) {
    return { unavailable: (error as Error).message };
  }
}

/** Test files run side by side: each downloads into a folder of its own, and the first that is done gives it the name. */
function download(): void {
  const mirror = debianMirror();
  mkdirSync(dirname(CACHE), { recursive: true });
  const folder = mkdtempSync(`${CACHE}-`);
  try {
    unpackInto(folder, mirror);
    renameSync(folder, CACHE);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!existsSync(join(CACHE, "complete"))) throw error;
  }
}

function unpackInto(folder: string, mirror: string): void {
  const [root, debs] = [join(folder, "root"), join(folder, "debs")];
  for (const path of [root, debs, join(folder, "lists/partial"), join(folder, "archives/partial")])
    mkdirSync(path, { recursive: true });
  const sources = join(folder, "sources.list");
  writeFileSync(
    sources,
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} sid main\n`,
  );
  // A state of its own: the machine's package lists stay as they are.
  const apt = [
    `-oDir::State::Lists=${join(folder, "lists")}`,
    `-oDir::Cache=${folder}`,
    `-oDir::Etc::SourceList=${sources}`,
    "-oDir::Etc::SourceParts=/dev/null",
    "-oAPT::Sandbox::User=root",
  ];
  run("apt-get", [...apt, "update"], folder);
  run("apt-get", [...apt, "download", ...PACKAGES], debs);
  for (const deb of readdirSync(debs)) run("dpkg", ["-x", join(debs, deb), root], debs);
  writeFileSync(join(folder, "complete"), "");
}

/** The mirror that this machine is set up with. */
function debianMirror(): string {
  const folder = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  for (const file of files.filter((each) => existsSync(each))) {
    const text = readFileSync(file, "utf8");
    const mirror =
      /^deb\s+(?:\[[^\]]*\]\s+)?(https?:\/\/\S+)\s+\S+\s+main/m.exec(text)?.[1] ??
      /^URIs:\s*(https?:\/\/\S+)/m.exec(text)?.[1];
    if (mirror !== undefined && !mirror.includes("security")) return mirror;
  }
  throw new Error("no Debian mirror is set up on this machine");
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error, stderr } = spawnSync(command, args, { cwd, timeout: PREPARE_MS, encoding: "utf8" });
  if (error !== undefined) throw new Error(`${command} cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} failed: ${stderr.trim().split("\n").at(-1) ?? ""}`);
}

async function start(
  root: string,
  binary: string,
  model: string,
  args: readonly string[],
  until: "ready" | "started",
): Promise<LlamaServer> {
  const libraries = join(root, "usr/lib/x86_64-linux-gnu");
  const port = await freePort();
  const child = spawn(
    join(libraries, "ld-linux-x86-64.so.2"),
    [
      "--library-path",
      `${libraries}:${join(libraries, "llama")}`,
      binary,
      "-m",
      model,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--jinja",
      "-c",
      "4096",
      "--slots",
      ...args,
    ],
    {
      stdio: "ignore",
      env: { ...process.env, GGML_BACKEND_PATH: join(libraries, "ggml/backends0/libggml-cpu-x64.so") },
    },
  );
  const stopped = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await stopped;
  };
  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 20_000;
  // While it loads its model the server is there and answers 503.
  const isUp = (status: number | undefined): boolean =>
    status === 200 || (until === "started" && status === 503);
  while (!isUp(await statusOf(`${origin}/health`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error("llama-server did not come up");
    }
    await wait(until === "ready" ? 50 : 1);
  }
  return {
    baseUrl: `${origin}/v1`,
    busySlots: async () => {
      const slots = JSON.parse(await textOf(`${origin}/slots`)) as { is_processing: boolean }[];
      return slots.filter((slot) => slot.is_processing).length;
    },
    stop,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", () => resolve(undefined));
  });
}

function textOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}
