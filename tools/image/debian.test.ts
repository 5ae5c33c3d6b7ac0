import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readDebian } from "./debian.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-release-"));
});
afterEach(async () => await rm(dir, { recursive: true }));

it.each([
  ['ID=ubuntu\nVERSION_ID="24.04"\n', "ubuntu 24.04"],
  ['VERSION_ID="13"\nID=debian\n', "debian 13"],
  ["ID=arch\n", "arch unknown"],
])("takes no packages of another release (%j), and says where to build", async (release, name) => {
  await writeFile(join(dir, "os-release"), release);
  const failure = readDebian({ XDG_CACHE_HOME: dir }, join(dir, "os-release"));
  await expect(failure).rejects.toThrow(
    `packages of Debian 12, and apt here has those of ${name}: build in a debian:12`,
  );
});

it("takes none on a machine that does not say what it is", async () => {
  await expect(readDebian({ XDG_CACHE_HOME: dir }, join(dir, "none"))).rejects.toThrow("unknown unknown");
});
