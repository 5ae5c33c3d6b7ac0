import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withLock } from "../controlplane/lock.ts";
import { download, extract } from "./apt.ts";

/**
 * The folder into which the named Debian packages (without their dependencies: name these too) are unpacked, so that a
 * package's `/usr/bin/x` is `<folder>/usr/bin/x`. Downloaded once, into the user's cache, which all clones share;
 * neither root nor an installation is needed. Says on stderr what takes long. Throws when apt is missing or fails.
 */
export async function debianRoot(packages: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const names = [...new Set(packages)].toSorted();
  for (const name of names)
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is not a Debian package's name`);
  const root = await rootOf(names, env);
  if (await isThere(root)) return root;
  const wait = (holder: number): void => say(`process ${holder} is downloading ${names.join(", ")}; waiting`);
  await withLock(`${root}.lock`, wait, async () => {
    if (!(await isThere(root))) await fill(root, names, env);
  });
  return root;
}

/** Named by all that decides the content but the packages' versions, which the distribution's release holds still. */
async function rootOf(names: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const hash = createHash("sha256").update([process.arch, release, ...names].join("\n"));
  const cache = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "berthage", `debian-${hash.digest("hex").slice(0, 12)}`);
}

async function fill(root: string, names: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  say(`downloading ${names.join(", ")} into ${root}; this happens once`);
  const aside = await mkdtemp(`${root}.`);
  try {
    const [debs, unpacked] = [join(aside, "debs"), join(aside, "root")];
    await Promise.all([debs, unpacked].map((path) => mkdir(path)));
    for (const file of await download(names, debs, env)) await extract(file, unpacked, env);
    // The rename comes last: a root that is there is whole, whatever was interrupted. Another may have been first.
    await rename(unpacked, root).catch(async (error: unknown) => {
      if (!(await isThere(root))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

function say(line: string): void {
  process.stderr.write(`debian: ${line}\n`);
}
