import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { debianRoot } from "../debian/root.ts";

/** What the image has of Debian. gcc-12-base holds the licence and version of the two libraries of GCC. */
const names = ["base-files", "ca-certificates", "gcc-12-base", "libc6", "libgcc-s1", "libstdc++6"] as const;

/** Debian's release that these names are of; also in the Dockerfile. */
export const debianRelease = "12";

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
}

export interface Debian {
  /** Folder that the packages are unpacked in. */
  readonly root: string;
  readonly packages: readonly DebianPackage[];
}

/**
 * Fetches the packages (once; they are cached). Throws on a machine whose apt is not of Debian 12.
 * @param releaseFile tells the machine's release (man 5 os-release)
 */
export async function readDebian(env: NodeJS.ProcessEnv, releaseFile = "/etc/os-release"): Promise<Debian> {
  const machine = parseRelease(await readFile(releaseFile, "utf8").catch(() => ""));
  if (machine !== `debian ${debianRelease}`)
    throw new Error(
      `the image is made of packages of Debian ${debianRelease}, and apt here has those of ${machine}: build in a debian:${debianRelease} container, or with \`docker build .\``,
    );
  const root = await debianRoot(names, env);
  const packages = names.map(async (name) => ({ name, version: await versionOf(root, name) }));
  return { root, packages: await Promise.all(packages) };
}

/** @returns such as `debian 12` */
function parseRelease(text: string): string {
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "unknown";
  return `${value("ID")} ${value("VERSION_ID")}`;
}

/** The version stands first in a package's changelog (Debian Policy 12.7), which native packages name differently. */
async function versionOf(root: string, name: string): Promise<string> {
  const file = join(root, "usr/share/doc", name, "changelog");
  const packed = await readFile(`${file}.Debian.gz`).catch(() => readFile(`${file}.gz`));
  const version = /^\S+ \(([^)]+)\)/.exec(gunzipSync(packed).toString())?.[1];
  if (version === undefined) throw new Error(`${file}.Debian.gz does not begin with \`NAME (VERSION)\``);
  return version;
}
