import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../run.ts";
import { sandboxImage } from "./names.ts";

const programDir = fileURLToPath(new URL("program", import.meta.url));

/** The image of examples/web.yaml: an HTTP server that says what it was given. */
export const tenantImage = "registry.example/inference:1.4";

export interface ImageSpec {
  /** Names that the image gets on import. */
  readonly references: readonly string[];
  readonly entrypoint: readonly string[];
  /** Files of the image by their path in it. */
  readonly files: Readonly<Record<string, string>>;
}

/** Builds the images that the tests' own pods run, as one archive a program. Needs Go. */
export async function buildTestImages(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const program = join(folder, "program");
  await run("env", [
    ...["CGO_ENABLED=0", "GOTOOLCHAIN=local"],
    ...["go", "build", "-C", programDir, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", program, "."],
  ]);
  const files = { "/program": program };
  const images = {
    "pause.tar": { references: [sandboxImage], entrypoint: ["/program", "pause"], files },
    "tenant.tar": { references: [tenantImage], entrypoint: ["/program"], files },
  };
  for (const [name, image] of Object.entries(images)) await writeImage(join(folder, name), image);
  return Object.keys(images).map((name) => join(folder, name));
}

/** Writes an image of one layer in the form of `docker save`, which `ctr images import` takes. */
export async function writeImage(file: string, { references, entrypoint, files }: ImageSpec): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "berthage-image-"));
  try {
    const root = join(dir, "root");
    for (const [path, source] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await cp(source, join(root, path));
    }
    await pack(join(dir, "layer.tar"), root, ["."]);
    const config = JSON.stringify({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Entrypoint: entrypoint, WorkingDir: "/" },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(await readFile(join(dir, "layer.tar")))}`] },
    });
    const configFile = `${sha256(config)}.json`;
    await writeFile(join(dir, configFile), config);
    const manifest = [{ Config: configFile, RepoTags: references, Layers: ["layer.tar"] }];
    await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
    await pack(join(dir, "image.tar"), dir, ["manifest.json", configFile, "layer.tar"]);
    await cp(join(dir, "image.tar"), `${file}.new`);
    await rename(`${file}.new`, file);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** With nothing of this machine in it: the same files give the same bytes. */
async function pack(archive: string, folder: string, paths: readonly string[]): Promise<void> {
  const plain = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=go+rX,go-w"];
  await run("tar", [...plain, "--create", `--file=${archive}`, `--directory=${folder}`, ...paths]);
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
