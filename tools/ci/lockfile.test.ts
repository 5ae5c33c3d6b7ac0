import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(await readFile(file, "utf8"));
const packages = Object.entries(lock.packages);

it("locks the packages of every platform, without which `npm ci` refuses to work", () => {
  const locked = new Set(
    packages.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)),
  );
  const asked = packages.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((name) => !locked.has(name))).toEqual([]);
});

it("names no registry, so that every clone uses its own", () => {
  expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});
