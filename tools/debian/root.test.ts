import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { debianRoot } from "./root.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-debian-"));
  await mkdir(join(dir, "bin"));
});
afterEach(async () => await rm(dir, { recursive: true }));

const environment = (): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: join(dir, "cache"),
  PATH: `${join(dir, "bin")}:/usr/bin:/bin`,
});

async function installTool(name: string, ...script: readonly string[]): Promise<void> {
  await writeFile(join(dir, "bin", name), ["#!/bin/sh", ...script].join("\n"));
  await chmod(join(dir, "bin", name), 0o755);
}

/** An `apt-get` that writes down its calls and "downloads" a file a package, and a `dpkg-deb` that unpacks one. */
async function installApt(...failing: readonly string[]): Promise<void> {
  await installTool(
    "apt-get",
    `echo "$*" >> ${join(dir, "calls")}`,
    'while [ "$1" != update ] && [ "$1" != download ]; do shift; done',
    '[ "$1" = download ] || exit 0',
    "shift",
    ...failing,
    'for name in "$@"; do echo "$name" > "$name.deb"; done',
  );
  await installTool("dpkg-deb", 'mkdir -p "$3/usr/bin" && cp "$2" "$3/usr/bin/$(cat "$2")"');
}

const calls = async (): Promise<string[]> => (await readFile(join(dir, "calls"), "utf8")).trim().split("\n");

describe("a root of Debian packages", () => {
  it("holds the packages' files and nothing else, and leaves nothing beside it", async () => {
    await installApt();
    const root = await debianRoot(["runc", "containerd"], environment());
    expect((await readdir(root, { recursive: true })).toSorted()).toEqual(
      ["usr", "usr/bin", "usr/bin/containerd", "usr/bin/runc"].toSorted(),
    );
    expect(await readdir(join(dir, "cache", "berthage"))).toHaveLength(1);
  });

  it("is made once, however many ask for it at the same time and in whatever order they name the packages", async () => {
    await installApt();
    const [first, ...others] = await Promise.all([
      debianRoot(["runc", "containerd"], environment()),
      debianRoot(["containerd", "runc", "runc"], environment()),
    ]);
    expect(others).toEqual([first]);
    expect(await debianRoot(["containerd", "runc"], environment())).toBe(first);
    expect(await debianRoot(["runc"], environment())).not.toBe(first);
    expect((await calls()).filter((call) => call.endsWith("download containerd runc"))).toHaveLength(1);
  });

  it("touches none of the system's apt state", async () => {
    await installApt();
    await debianRoot(["runc"], environment());
    for (const call of await calls()) {
      expect(call).toContain(`-o Dir::State::Lists=${join(dir, "cache")}`);
      expect(call).toContain(`-o Dir::Cache=${join(dir, "cache")}`);
    }
  });

  it("is not there after a failure, which says what apt said, and is made by the next try", async () => {
    await installApt("echo 'E: Unable to locate package runc' >&2; exit 100");
    await expect(debianRoot(["runc"], environment())).rejects.toThrow(
      /`apt-get .*download runc` failed: E: Unable to locate package runc/,
    );
    expect(await readdir(join(dir, "cache", "berthage"))).toEqual([]);
    await installApt();
    expect(existsSync(join(await debianRoot(["runc"], environment()), "usr", "bin", "runc"))).toBe(true);
  });

  it("cannot be had without apt, and the error says what to do", async () => {
    const env = { ...environment(), PATH: join(dir, "empty") };
    await expect(debianRoot(["runc"], env)).rejects.toThrow(/`apt-get` is not on the PATH: .* install apt and dpkg/);
  });

  it.each(["", "-o", "../etc", "Runc", "a b"])("takes %j for no package's name", async (name) => {
    await expect(debianRoot([name], environment())).rejects.toThrow("is not a Debian package's name");
  });
});
