import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findComponents } from "./components.ts";
import { binaryName, componentNames, readRecipe } from "./recipe.ts";

const build = fileURLToPath(new URL("build.ts", import.meta.url));

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-build-"));
});
afterEach(async () => await rm(dir, { recursive: true }));

/** Puts a `go` on the PATH that says it is `version`, and writes down each build and "compiles" by writing a file. */
async function installGo(version: string, exitCode = 0): Promise<void> {
  const go = join(dir, "bin", "go");
  const script = [
    "#!/bin/sh",
    `[ "$1" = env ] && { echo go${version}; exit 0; }`,
    `echo "CGO_ENABLED=$CGO_ENABLED $*" >> ${join(dir, "builds")}`,
    'while [ "$1" != -o ]; do shift; done',
    'echo "#!/bin/sh" > "$2" && chmod +x "$2"',
    `exit ${exitCode}`,
  ];
  await mkdir(join(dir, "bin"), { recursive: true });
  await writeFile(go, script.join("\n"));
  await chmod(go, 0o755);
}

const environment = (): NodeJS.ProcessEnv => ({ XDG_CACHE_HOME: join(dir, "cache") });

async function runBuild(extra: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; said: string }> {
  const env = { ...environment(), PATH: `${join(dir, "bin")}:/usr/bin:/bin`, ...extra };
  const child = spawn(process.execPath, [build], { env, stdio: ["ignore", "ignore", "pipe"] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code, said };
}

const builds = async (): Promise<string[]> => (await readFile(join(dir, "builds"), "utf8")).trim().split("\n");

describe("building the control plane", () => {
  it("happens once, however many ask for it at the same time", async () => {
    await installGo("1.26.8");
    const runs = await Promise.all([runBuild(), runBuild(), runBuild()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await runBuild()).said).toContain("is ready");
    const [only, ...more] = await builds();
    expect(more).toEqual([]);
    expect(only).toMatch(/^CGO_ENABLED=0 build -trimpath .*gitVersion=v1\.\d+\.\d+ .*gitMajor=1 /);
  });

  it("leaves a folder in which every component is found, and nothing unfinished", async () => {
    await expect(findComponents(["etcd"], environment())).rejects.toThrow("run `npm run controlplane`");
    await installGo("1.26.8");
    expect((await runBuild()).said).toContain("happens once");
    const folder = await findComponents(componentNames, environment());
    expect((await readdir(folder)).toSorted()).toEqual([binaryName, ...componentNames].toSorted());
    expect(await readdir(join(folder, ".."))).toHaveLength(1);
  });

  it("leaves nothing that could be taken for a control plane when the compiler fails", async () => {
    await installGo("1.26.8", 2);
    const { code, said } = await runBuild();
    expect(code).toBe(1);
    expect(said).toContain("failed with exit code 2");
    await expect(findComponents(["etcd"], environment())).rejects.toThrow("not built yet");
  });

  it.each([
    ["1.9.9", false],
    ["1.25.12", false],
    ["1.26.0", true],
    ["1.30.1", true],
    ["2.0.0", true],
  ])("takes Go %s for new enough: %s", async (version, isEnough) => {
    await installGo(version);
    const { code, said } = await runBuild();
    expect(code).toBe(isEnough ? 0 : 1);
    if (!isEnough) expect(said).toMatch(/needs Go 1\.\d+\.\d+, found .*: install Go .* from https:\/\/go.dev\/dl/);
  });

  it("says what to install when there is no Go", async () => {
    const { code, said } = await runBuild({ PATH: join(dir, "empty") });
    expect(code).toBe(1);
    expect(said).toMatch(/`go` is not on the PATH: install Go/);
  });

  it("is not needed with KUBEBUILDER_ASSETS", async () => {
    expect((await runBuild({ KUBEBUILDER_ASSETS: dir })).code).toBe(0);
    await writeFile(join(dir, "etcd"), "", { mode: 0o755 });
    expect(await findComponents(["etcd"], { KUBEBUILDER_ASSETS: dir })).toBe(dir);
    const failure = findComponents(["etcd", "kwok", "kubectl"], { KUBEBUILDER_ASSETS: dir });
    await expect(failure).rejects.toThrow(`KUBEBUILDER_ASSETS=${dir} lacks kwok, kubectl`);
  });
});

describe("the recipe", () => {
  it("takes the cache folder from XDG_CACHE_HOME, else from the home folder", async () => {
    const [given, usual] = await Promise.all([readRecipe({ XDG_CACHE_HOME: "/x" }), readRecipe({})]);
    expect(given.outputDir).toMatch(/^\/x\/berthage\/controlplane-[0-9a-f]{12}$/);
    expect(usual.outputDir.endsWith(given.outputDir.replace("/x/", ".cache/"))).toBe(true);
  });
});
