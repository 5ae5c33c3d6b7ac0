import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCrane } from "./crane.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-crane-"));
});
afterEach(async () => await rm(dir, { recursive: true }));

/** Puts a `go` on the PATH that writes down each build and "compiles" by writing a file. */
async function installGo(...last: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const go = join(dir, "bin", "go");
  const script = [
    "#!/bin/sh",
    `echo "CGO_ENABLED=$CGO_ENABLED $*" >> ${join(dir, "builds")}`,
    'while [ "$1" != -o ]; do shift; done',
    'echo "#!/bin/sh" > "$2" && chmod +x "$2"',
    ...last,
  ];
  await mkdir(join(dir, "bin"), { recursive: true });
  await writeFile(go, script.join("\n"));
  await chmod(go, 0o755);
  return { XDG_CACHE_HOME: join(dir, "cache"), PATH: `${join(dir, "bin")}:/usr/bin:/bin` };
}

const cached = async (): Promise<string[]> => await readdir(join(dir, "cache", "berthage"), { recursive: true });

describe("crane", () => {
  it("is built once, however many ask for it at the same time", async () => {
    const env = await installGo();
    const [first, ...others] = await Promise.all([findCrane(env), findCrane(env), findCrane(env)]);
    expect(others).toEqual([first, first]);
    expect(await findCrane(env)).toBe(first);
    const builds = (await readFile(join(dir, "builds"), "utf8")).trim().split("\n");
    expect(builds).toHaveLength(1);
    expect(builds[0]).toMatch(/^CGO_ENABLED=0 build -trimpath /);
  });

  it("lies alone in a folder of the cache, named by its sources", async () => {
    const env = await installGo();
    expect(await findCrane(env)).toMatch(/\/cache\/berthage\/crane-[0-9a-f]{12}\/crane$/);
    expect(await cached()).toHaveLength(2);
  });

  it("is not there after a failed build, and the error says what the compiler said", async () => {
    const env = await installGo("echo 'main.go:1: no such thing' >&2; exit 2");
    await expect(findCrane(env)).rejects.toThrow(/`go build` in .* failed: main.go:1: no such thing/);
    expect((await cached()).filter((path) => path.includes("/crane"))).toEqual([]);
    expect(await findCrane(await installGo())).toContain("crane");
  });

  it("needs Go, and the error says where that is from", async () => {
    const env = { XDG_CACHE_HOME: join(dir, "cache"), PATH: join(dir, "empty") };
    await expect(findCrane(env)).rejects.toThrow("`go` is not on the PATH: install Go 1.26 or newer");
  });
});
