import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isExecutable } from "../controlplane/components.ts";
import { withLock } from "../controlplane/lock.ts";

const run = promisify(execFile);
const moduleDir = fileURLToPath(new URL(".", import.meta.url));
const buildArgs = ["build", "-trimpath", "-buildvcs=false", "-p=2", "-ldflags=-s -w"] as const;

/**
 * Path of the crane program (with our command `assemble`), which is built from its Go module into the user's cache when it is
 * not there yet: about a minute, once for all clones. Throws when Go is missing or the build fails.
 */
export async function findCrane(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const folder = await outputFolder(env);
  const binary = join(folder, "crane");
  if (await isExecutable(binary)) return binary;
  const wait = (holder: number): void => say(`process ${holder} is building crane; waiting`);
  await withLock(`${folder}.lock`, wait, async () => {
    if (!(await isExecutable(binary))) await build(folder, binary, env);
  });
  return binary;
}

/** Named by all that the binary depends on. */
async function outputFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const sources = await Promise.all(["go.mod", "go.sum", "main.go"].map((file) => readFile(join(moduleDir, file))));
  const hash = createHash("sha256");
  for (const source of sources) hash.update(source);
  hash.update([process.platform, process.arch, ...buildArgs].join("\n"));
  const cache = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "berthage", `crane-${hash.digest("hex").slice(0, 12)}`);
}

async function build(folder: string, binary: string, env: NodeJS.ProcessEnv): Promise<void> {
  say(`building crane into ${folder}; this happens once, about a minute`);
  await mkdir(folder, { recursive: true });
  // The rename comes last: a binary that is there is whole, whatever was interrupted.
  const unfinished = `${binary}.${process.pid}`;
  try {
    await run("go", [...buildArgs, "-o", unfinished, "."], { cwd: moduleDir, env: { ...env, CGO_ENABLED: "0" } });
    await rename(unfinished, binary);
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  } finally {
    await rm(unfinished, { force: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `building crane failed: ${String(error)}`;
  if ("code" in error && error.code === "ENOENT")
    return "building crane needs Go, and `go` is not on the PATH: install Go 1.26 or newer from https://go.dev/dl, or build with `docker build .`";
  return `\`go build\` in ${moduleDir} failed: ${"stderr" in error ? String(error.stderr).trim() : error.message}`;
}

function say(line: string): void {
  process.stderr.write(`image: ${line}\n`);
}
