import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { run } from "../run.ts";
import { writeImage } from "./images.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-images-"));
  await writeFile(join(dir, "app"), "#!/bin/sh\n", { mode: 0o700 });
});
afterEach(async () => await rm(dir, { recursive: true }));

const image = async (name: string): Promise<string> => {
  const file = join(dir, name);
  const files = { "/usr/bin/app": join(dir, "app") };
  await writeImage(file, { references: ["registry.example/app:1", "app:2"], entrypoint: ["/usr/bin/app"], files });
  return file;
};

const unpacked = (file: string, path: string): Promise<string> => run("tar", ["-xOf", file, path]);

it("is an archive as `docker save` writes it: names, configuration, and a layer that its digest fits", async () => {
  const file = await image("image.tar");
  const [manifest] = JSON.parse(await unpacked(file, "manifest.json"));
  expect(manifest.RepoTags).toEqual(["registry.example/app:1", "app:2"]);
  const config = JSON.parse(await unpacked(file, manifest.Config));
  expect(config.config.Entrypoint).toEqual(["/usr/bin/app"]);
  await run("tar", ["-xf", file, "-C", dir, "layer.tar"]);
  const layer = await readFile(join(dir, "layer.tar"));
  expect(config.rootfs.diff_ids).toEqual([`sha256:${createHash("sha256").update(layer).digest("hex")}`]);
});

it("lets everybody run what only its maker could, and nobody change it", async () => {
  const file = await image("image.tar");
  await run("tar", ["-xf", file, "-C", dir, "layer.tar"]);
  const listed = await run("tar", ["-tvf", join(dir, "layer.tar"), "--numeric-owner"]);
  expect(listed).toMatch(/^-rwxr-xr-x 0\/0 .* \.\/usr\/bin\/app$/m);
});

it("is the same bytes whenever it is made", async () => {
  const [first, second] = [await readFile(await image("a.tar")), await readFile(await image("b.tar"))];
  expect(first.equals(second)).toBe(true);
});
