import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ImageConfig } from "./config.ts";

const run = promisify(execFile);

export interface Assembled {
  /** Folder to be packed: an OCI layout that is what `docker save` writes, too. */
  readonly layout: string;
  /** Of the manifest: `sha256:…`. */
  readonly digest: string;
}

/**
 * Makes an image of packed layers. The index names it for containerd and skopeo (OCI image layout, annotations), and `manifest.json` for
 * whoever reads docker-archives, of the same blobs.
 * @param layers tar.gz files, lowest first
 * @param reference `NAME:TAG` without a registry
 */
export async function assemble(
  crane: string,
  work: string,
  config: ImageConfig,
  layers: readonly string[],
  reference: string,
): Promise<Assembled> {
  const [configFile, layout] = [join(work, "config.json"), join(work, "layout")];
  await writeFile(configFile, JSON.stringify(config));
  const names = {
    "io.containerd.image.name": `docker.io/library/${reference}`,
    "org.opencontainers.image.ref.name": reference.slice(reference.indexOf(":") + 1),
  };
  const annotations = Object.entries(names).map(([key, value]) => `--annotation=${key}=${value}`);
  const { stdout } = await run(crane, [
    "assemble",
    `--config=${configFile}`,
    `--layout=${layout}`,
    ...annotations,
    ...layers,
  ]);
  const digest = stdout.trim();
  const manifest = parseManifest(await readFile(join(layout, blob(digest)), "utf8"));
  const docker = [{ Config: blob(manifest.config), RepoTags: [reference], Layers: manifest.layers.map(blob) }];
  await writeFile(join(layout, "manifest.json"), JSON.stringify(docker));
  return { layout, digest };
}

/** Where an OCI layout has a blob. */
export function blob(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** The digests in an OCI image manifest. Throws when it is none. */
export function parseManifest(text: string): { readonly config: string; readonly layers: readonly string[] } {
  const manifest: unknown = JSON.parse(text);
  if (typeof manifest === "object" && manifest !== null && "config" in manifest && "layers" in manifest) {
    const { config, layers } = manifest;
    if (Array.isArray(layers)) return { config: digestOf(config), layers: layers.map(digestOf) };
  }
  throw new Error(`not an OCI image manifest: ${text.slice(0, 200)}`);
}

function digestOf(descriptor: unknown): string {
  if (typeof descriptor === "object" && descriptor !== null && "digest" in descriptor) {
    if (typeof descriptor.digest === "string") return descriptor.digest;
  }
  throw new Error(`not an OCI descriptor: ${JSON.stringify(descriptor)}`);
}
