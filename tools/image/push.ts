import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { unpack } from "./archive.ts";
import { findCrane } from "./crane.ts";

const run = promisify(execFile);

/**
 * Pushes an image that `buildImage` made, with the digest that it has. Credentials are those of `docker login` or `crane auth login`;
 * a registry on this machine is spoken to without TLS.
 * @param target `REGISTRY/NAME:TAG`
 * @returns `REGISTRY/NAME@sha256:…`
 */
export async function pushImage(
  archive: string,
  target: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  // As a folder: of a tar crane would read the docker-archive, and give the manifest another digest.
  const layout = await mkdtemp(join(tmpdir(), "berthage-push-"));
  try {
    await unpack(archive, layout);
    const { stdout } = await run(await findCrane(env), ["push", layout, target], { env });
    return stdout.trim();
  } catch (error) {
    const reason = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new Error(`pushing ${archive} to ${target} failed: ${reason}`, { cause: error });
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}
