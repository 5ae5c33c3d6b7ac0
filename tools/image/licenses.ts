import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "./places.ts";

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression of its package.json; empty when that has none. */
  readonly license: string;
  /** Text of its licence and notice files; empty when it ships none. */
  readonly notice: string;
}

/** Reads names and licences of npm packages. @param folders relative to the repository. Throws on a folder without a package.json */
export async function readPackages(folders: readonly string[]): Promise<readonly BundledPackage[]> {
  return await Promise.all(folders.map((folder) => readPackage(join(repository, folder))));
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name)).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return {
    name: textOf(manifest, "name"),
    version: textOf(manifest, "version"),
    license: textOf(manifest, "license"),
    notice: texts.map((text) => text.trim()).join("\n\n"),
  };
}

/** One text with the licences of all packages, which most of them ask to be handed on. */
export function licensesText(packages: readonly BundledPackage[]): string {
  const sections = packages.map(({ name, version, license, notice }) =>
    [`${name} ${version} (${license || "see below"})`, notice || `Licensed under ${license}.`].join("\n\n"),
  );
  return `${sections.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function textOf(manifest: unknown, key: string): string {
  if (typeof manifest !== "object" || manifest === null) return "";
  const value: unknown = Object.entries(manifest).find(([name]) => name === key)?.[1];
  return typeof value === "string" ? value : "";
}
