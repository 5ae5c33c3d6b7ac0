import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/**
 * Packs a folder's content so that the same files give the same bytes: GNU tar in name order, all owned by root, every file as old as
 * `seconds`, modes 755 or 644 (reproducible-builds.org, "Archive metadata"). Gzip is the pinned Node's own.
 */
export async function packFolder(folder: string, file: string, seconds: number, compress: boolean): Promise<void> {
  const names = (await readdir(folder)).toSorted();
  const options = [
    "--create",
    "--format=gnu",
    "--sort=name",
    `--mtime=@${seconds}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
    `--directory=${folder}`,
  ];
  const tar = spawn("tar", [...options, "--", ...names], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(tar, "exit");
  const target = createWriteStream(file);
  const packed = compress ? pipeline(tar.stdout, createGzip({ level: 6 }), target) : pipeline(tar.stdout, target);
  const [said, [code]] = await Promise.all([text(tar.stderr), ended, packed]);
  if (code !== 0) throw new Error(`GNU tar of ${folder} failed with exit code ${code}: ${said.trim()}`);
}

/** Unpacks a tar or tar.gz into an existing folder. */
export async function unpack(file: string, folder: string): Promise<void> {
  const tar = spawn("tar", ["--extract", `--file=${file}`, `--directory=${folder}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said, [code]] = await Promise.all([text(tar.stderr), once(tar, "exit")]);
  if (code !== 0) throw new Error(`unpacking ${file} failed with exit code ${code}: ${said.trim()}`);
}
