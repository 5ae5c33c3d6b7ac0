import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CertificateFiles, readCertificate, renewCertificates } from "./certificate-files.ts";
import type { Certificate } from "./serve.ts";

let dir: string;
let files: CertificateFiles;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-certificate-"));
  files = { certFile: join(dir, "tls.crt"), keyFile: join(dir, "tls.key") };
  await put("1");
});
afterEach(() => rm(dir, { recursive: true }));

async function put(version: string): Promise<void> {
  await Promise.all([writeFile(files.certFile, `cert ${version}`), writeFile(files.keyFile, `key ${version}`)]);
}

/** Looks once after each of the given changes; what was taken into service and what was logged. */
async function renewals(...changes: (() => Promise<void>)[]): Promise<{ taken: Certificate[]; logged: string[] }> {
  const taken: Certificate[] = [];
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const left = [...changes];
  await renewCertificates(await readCertificate(files), {
    files,
    serving: {
      renewCertificate(certificate) {
        if (certificate.cert === "cert bad") throw new Error("key values mismatch");
        taken.push(certificate);
      },
    },
    logger: { info: log, warn: log, error: log },
    async pause() {
      const next = left.shift();
      await next?.();
      return next !== undefined;
    },
  });
  return { taken, logged };
}

describe("renewCertificates", () => {
  test("takes what has changed, once", async () => {
    const { taken, logged } = await renewals(
      async () => undefined,
      () => put("2"),
      async () => undefined,
      () => put("3"),
    );
    expect(taken).toEqual([
      { cert: "cert 2", key: "key 2" },
      { cert: "cert 3", key: "key 3" },
    ]);
    expect(logged).toHaveLength(2);
  });

  test("keeps what it has while the files cannot be used, tells so once, and goes on when they can", async () => {
    const { taken, logged } = await renewals(
      () => rm(files.certFile),
      async () => undefined,
      () => put("bad"),
      () => put("4"),
    );
    expect(taken).toEqual([{ cert: "cert 4", key: "key 4" }]);
    expect(logged).toEqual([
      "the gateway's certificate cannot be renewed",
      "the gateway's certificate cannot be renewed",
      "the gateway serves a renewed certificate",
    ]);
  });
});

test("readCertificate names the file that is missing", async () => {
  await expect(readCertificate({ ...files, keyFile: join(dir, "none") })).rejects.toThrow(join(dir, "none"));
});
