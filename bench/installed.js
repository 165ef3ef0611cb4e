// @ts-check
// What packages take on the disk, with everything that they depend on.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @param {readonly string[]} names */
export function installedSize(names) {
  /** @type {Map<string, number>} by folder */
  const sizes = new Map();
  const queue = names.map((name) => find(name, fileURLToPath(new URL(".", import.meta.url))));
  for (const folder of queue) {
    if (folder === undefined || sizes.has(folder)) continue;
    const { dependencies = {}, files } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    sizes.set(folder, isCheckout(folder) ? published(folder, files) : sizeOf(folder));
    queue.push(...Object.keys(dependencies).map((name) => find(name, folder)));
  }
  return { bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), count: sizes.size };
}

/** The folder of a package as Node finds it from another; optional ones may be missing. @param {string} name @param {string} from @returns {string | undefined} */
function find(name, from) {
  const folder = join(from, "node_modules", name);
  if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
  return dirname(from) === from ? undefined : find(name, dirname(from));
}

/** Whether it is no installed package but its sources. @param {string} folder */
function isCheckout(folder) {
  return existsSync(join(folder, "src")) && existsSync(join(folder, "test"));
}

/** What of the sources is published. @param {string} folder @param {readonly string[]} files */
function published(folder, files) {
  const names = [...files.filter((name) => !name.startsWith("!")), "package.json", "README.md", "LICENSE"];
  return names.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
}

/** @param {string} path @returns {number} */
function sizeOf(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  // Packages inside are counted for themselves.
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
