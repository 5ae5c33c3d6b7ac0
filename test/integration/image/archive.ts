import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { chmod, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImageConfig } from "../../../tools/image/config.ts";
import { findCrane } from "../../../tools/image/crane.ts";
import { blob, parseManifest } from "../../../tools/image/oci.ts";

/** Unpacks the files of an image as crane flattens its layers. @returns a new folder */
export async function exportFiles(archive: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "berthage-root-"));
  await chmod(root, 0o755);
  const crane = spawn(await findCrane(), ["export", "-", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  const tar = spawn("tar", ["--extract", "--directory", root], { stdio: [crane.stdout, "ignore", "inherit"] });
  const [[exported], [unpacked]] = await Promise.all([
    once(crane, "exit"),
    once(tar, "exit"),
    pipeline(createReadStream(archive), crane.stdin),
  ]);
  if (exported !== 0 || unpacked !== 0) throw new Error(`crane ended with ${exported}, tar with ${unpacked}`);
  return root;
}

/** The configuration that the archive's index leads to; its shape is taken at the specification's word. */
export async function readConfig(layout: string, digest: string): Promise<ImageConfig> {
  const manifest = parseManifest(await readFile(join(layout, blob(digest)), "utf8"));
  return JSON.parse(await readFile(join(layout, blob(manifest.config)), "utf8"));
}
