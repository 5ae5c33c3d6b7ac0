import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { packFolder } from "./archive.ts";
import { imageConfig } from "./config.ts";
import { findCrane } from "./crane.ts";
import { debianRelease, readDebian } from "./debian.ts";
import { assemble } from "./oci.ts";
import { pinnedNode, repository } from "./places.ts";
import { platformOf } from "./platform.ts";
import { sbom } from "./sbom.ts";
import type { Source } from "./source.ts";
import { layTrees } from "./trees.ts";

const run = promisify(execFile);

export interface BuiltImage {
  /** `berthage:VERSION`; container engines call it docker.io/library/berthage:VERSION. */
  readonly reference: string;
  /** Of the manifest: `sha256:…`. */
  readonly digest: string;
  /** `berthage.tar`: an OCI layout and a docker-archive in one, for `ctr image import`, `docker load` and `crane push`. */
  readonly archive: string;
  /** `berthage.cdx.json`: bill of materials, CycloneDX. */
  readonly sbom: string;
}

/**
 * Builds the image of the repository's sources as they lie there, and puts its two files into `folder` (made when missing; files of an
 * earlier image are replaced). The same sources and Debian packages give the same bytes. Needs the installed npm packages, Go
 * (once), apt and GNU tar; neither root nor a container engine. Another version in `source` makes another image of the same sources.
 */
export async function buildImage(
  folder: string,
  source: Source,
  env: NodeJS.ProcessEnv = process.env,
): Promise<BuiltImage> {
  const platform = platformOf(process.platform, process.arch);
  const [crane, debian, npm, node] = await Promise.all([findCrane(env), readDebian(env), npmSbom(env), nodeFacts()]);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, ".build-"));
  try {
    const trees = await layTrees(join(work, "trees"), source, debian, platform);
    const layers = await Promise.all(trees.folders.map((tree) => packLayer(tree, work, source)));
    const reference = `berthage:${source.version}`;
    const { layout, digest } = await assemble(crane, work, imageConfig(source, platform), layers, reference);
    const document = sbom(npm, {
      source,
      digest,
      architecture: platform.architecture,
      node,
      debian: { release: debianRelease, packages: debian.packages },
      bundled: trees.packages,
    });
    const [archive, bill] = [join(work, "berthage.tar"), join(work, "berthage.cdx.json")];
    await packFolder(layout, archive, source.createdSeconds, false);
    await writeFile(bill, `${JSON.stringify(document, undefined, 2)}\n`);
    return { reference, digest, archive: await moveInto(folder, archive), sbom: await moveInto(folder, bill) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function packLayer(tree: string, work: string, source: Source): Promise<string> {
  const file = join(work, `${basename(tree)}.tar.gz`);
  await packFolder(tree, file, source.createdSeconds, true);
  return file;
}

/** Only when it is whole: whoever reads the file of an earlier build keeps that. */
async function moveInto(folder: string, file: string): Promise<string> {
  const place = join(folder, basename(file));
  await rename(file, place);
  return place;
}

/** What npm knows of every locked package, whichever are installed. */
async function npmSbom(env: NodeJS.ProcessEnv): Promise<unknown> {
  const args = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only"];
  const { stdout } = await run("npm", args, { cwd: repository, env, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}

async function nodeFacts(): Promise<{ readonly version: string; readonly sha256: string }> {
  const [{ stdout }, binary] = await Promise.all([run(pinnedNode, ["--version"]), readFile(pinnedNode)]);
  return { version: stdout.trim().replace(/^v/, ""), sha256: createHash("sha256").update(binary).digest("hex") };
}
