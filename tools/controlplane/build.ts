import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isExecutable } from "./components.ts";
import { withLock } from "./lock.ts";
import { binaryName, componentNames, moduleDir, type Recipe, readRecipe } from "./recipe.ts";

const run = promisify(execFile);
const usualDuration = "usually 5–8 min on 2 cores";

/** Builds the control plane unless it is built or `KUBEBUILDER_ASSETS` replaces it. Says on stderr what takes long. */
async function main(): Promise<void> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  if (assets) return say(`KUBEBUILDER_ASSETS=${assets} is used; nothing to build`);
  const recipe = await readRecipe(process.env);
  const binary = join(recipe.outputDir, binaryName);
  if (!(await isExecutable(binary))) {
    const wait = (holder: number): void => say(`process ${holder} is building it; waiting`);
    await withLock(`${recipe.outputDir}.lock`, wait, async () => {
      if (!(await isExecutable(binary))) await build(recipe, binary);
    });
  }
  say(`Kubernetes ${recipe.kubernetesVersion} is ready: ${binary}`);
}

async function build(recipe: Recipe, binary: string): Promise<void> {
  await requireGo(recipe.goVersion);
  say(`building Kubernetes ${recipe.kubernetesVersion} into ${recipe.outputDir}; this happens once, ${usualDuration}`);
  await mkdir(recipe.outputDir, { recursive: true });
  await Promise.all(componentNames.map((name) => replaceSymlink(join(recipe.outputDir, name))));
  // The rename comes last: a binary that is there is whole, whatever was interrupted.
  const unfinished = `${binary}.${process.pid}`;
  try {
    await compile([...recipe.buildArgs, "-o", unfinished, "."]);
    await rename(unfinished, binary);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function replaceSymlink(path: string): Promise<void> {
  await rm(path, { force: true });
  await symlink(binaryName, path);
}

async function compile(args: readonly string[]): Promise<void> {
  const started = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  const env = { ...process.env, CGO_ENABLED: "0" };
  const child = spawn("go", args, { cwd: moduleDir, env, stdio: ["ignore", "inherit", "inherit"] });
  const progress = setInterval(() => say(`still building after ${elapsed()} (${usualDuration})`), 15_000);
  try {
    const [code] = await once(child, "exit");
    if (code !== 0)
      throw new Error(`\`go build\` in ${moduleDir} failed with exit code ${code}; its reason stands above`);
    say(`built in ${elapsed()}`);
  } finally {
    clearInterval(progress);
    child.kill();
  }
}

/** Throws unless a Go of at least `needed` (such as 1.26.0) is on the PATH. */
async function requireGo(needed: string): Promise<void> {
  const advice = `install Go ${needed} or newer from https://go.dev/dl and put its bin folder on the PATH, or set KUBEBUILDER_ASSETS to a folder with a control plane`;
  // GOTOOLCHAIN=local: tell the version that is installed, not one that Go would download.
  const options = { env: { ...process.env, GOTOOLCHAIN: "local" } };
  const found = await run("go", ["env", "GOVERSION"], options).catch(() => {
    throw new Error(`building the control plane needs Go, and \`go\` is not on the PATH: ${advice}`);
  });
  const version = found.stdout.trim().replace(/^go/, "");
  if (isOlder(version, needed))
    throw new Error(`building the control plane needs Go ${needed}, found ${version}: ${advice}`);
}

function isOlder(version: string, needed: string): boolean {
  return version.localeCompare(needed, "en", { numeric: true }) < 0;
}

function say(line: string): void {
  process.stderr.write(`controlplane: ${line}\n`);
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
