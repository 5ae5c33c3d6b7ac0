import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packFolder, unpack } from "./archive.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-archive-"));
});
afterEach(async () => await rm(dir, { recursive: true }));

/** The same content, written in the given order and with times and modes of its own. */
async function folder(name: string, files: readonly string[], mode: number): Promise<string> {
  const root = join(dir, name);
  await mkdir(join(root, "app"), { recursive: true });
  for (const file of files) {
    const path = join(root, file);
    await writeFile(path, `content of ${file}`);
    await chmod(path, file.endsWith("program") ? mode | 0o100 : mode);
    await utimes(path, mode, mode);
  }
  return root;
}

async function pack(root: string, name: string, seconds = 1000, compress = true): Promise<Buffer> {
  const file = join(dir, name);
  await packFolder(root, file, seconds, compress);
  return await readFile(file);
}

const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("a packed folder", () => {
  const files = ["app/b", "app/a", "program", "LICENSE"];

  it("has the same bytes for the same content, whoever wrote it, when and in which order", async () => {
    const first = await pack(await folder("first", files, 0o600), "first.tar.gz");
    const second = await pack(await folder("second", files.toReversed(), 0o664), "second.tar.gz");
    expect(hash(second)).toBe(hash(first));
    expect(hash(await pack(join(dir, "first"), "later.tar.gz", 2000))).not.toBe(hash(first));
  });

  it("names files without a leading dot or slash, owned by root, executable only where they were", async () => {
    const tar = gunzipSync(await pack(await folder("one", files, 0o600), "one.tar.gz"));
    const headers = new Map<string, { mode: string; owner: string; seconds: number }>();
    for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
      const field = (from: number, length: number): string =>
        tar.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
      const seconds = Number.parseInt(field(136, 12), 8);
      headers.set(field(0, 100), { mode: field(100, 8).slice(-3), owner: field(108, 16), seconds });
      at += 512 + Math.ceil(Number.parseInt(field(124, 12), 8) / 512) * 512;
    }
    expect([...headers.keys()]).toEqual(["LICENSE", "app/", "app/a", "app/b", "program"]);
    expect([...headers.values()].map(({ mode }) => mode)).toEqual(["644", "755", "644", "644", "755"]);
    expect(new Set([...headers.values()].map(({ owner, seconds }) => `${owner} ${seconds}`))).toEqual(
      new Set(["0000000 1000"]),
    );
  });

  it("can be unpacked, compressed or not", async () => {
    const root = await folder("one", files, 0o600);
    for (const compress of [true, false]) {
      await pack(root, "one.tar", 1000, compress);
      const target = await mkdtemp(join(dir, "unpacked-"));
      await unpack(join(dir, "one.tar"), target);
      expect(await readFile(join(target, "app/a"), "utf8")).toBe("content of app/a");
    }
  });
});

it("says why a folder or file cannot be packed or unpacked", async () => {
  await expect(packFolder(join(dir, "none"), join(dir, "x"), 0, true)).rejects.toThrow("none");
  await writeFile(join(dir, "broken.tar"), "no tar at all");
  await expect(unpack(join(dir, "broken.tar"), dir)).rejects.toThrow(/broken\.tar failed with exit code \d+: .*tar/s);
});
