import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface LockedPackage {
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockFile = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
const { packages } = JSON.parse(lockFile) as { readonly packages: Readonly<Record<string, LockedPackage>> };

/** Whether a package that is asked for at a place is found there, or in a folder above it. */
function isLocked(place: string, name: string): boolean {
  if (packages[`${place === "" ? "" : `${place}/`}node_modules/${name}`] !== undefined) return true;
  const end = place.lastIndexOf("/node_modules/");
  return place !== "" && isLocked(end === -1 ? "" : place.slice(0, end), name);
}

// npm leaves out of a lock file what its registry lacks on the day, other systems' binaries first: `npm ci` refuses it then.
test("the lock file has every package that it names, those of other systems too", () => {
  const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(place, name))
      .map((name) => `${place} needs ${name}`),
  );
  expect(missing).toEqual([]);
  expect(Object.keys(packages).length).toBeGreaterThan(100);
});

test("the lock file records no download addresses", () => {
  const resolved = Object.entries(packages).filter((entry) => entry[1].resolved !== undefined);
  expect(resolved).toEqual([]);
});
