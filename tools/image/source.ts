import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { repository } from "./places.ts";

const run = promisify(execFile);

/** Which sources an image is made of; all that tells one build of the same packages from another. */
export interface Source {
  /** Semantic version, which is the image's tag too. */
  readonly version: string;
  /** Full commit hash, with `-dirty` behind it when files differ from it; empty when that is not known. */
  readonly commit: string;
  /** Seconds since 1970; every file's time in the image. */
  readonly createdSeconds: number;
}

/**
 * Asks git for the commit and its time; `SOURCE_DATE_EPOCH` (reproducible-builds.org) wins over the latter. Without git or a
 * repository (as in a Docker build) the commit is empty and the time 0.
 */
export async function readSource(version: string, env: NodeJS.ProcessEnv): Promise<Source> {
  const git = async (...args: readonly string[]): Promise<string> => {
    const result = await run("git", args, { cwd: repository, env }).catch(() => ({ stdout: "" }));
    return result.stdout.trim();
  };
  const [commit, changes, time] = await Promise.all([
    git("rev-parse", "HEAD"),
    git("status", "--porcelain"),
    git("log", "-1", "--format=%ct"),
  ]);
  return {
    version,
    commit: commit === "" || changes === "" ? commit : `${commit}-dirty`,
    createdSeconds: parseSeconds(env["SOURCE_DATE_EPOCH"] || time || "0"),
  };
}

function parseSeconds(text: string): number {
  if (!/^\d{1,11}$/.test(text))
    throw new Error(`SOURCE_DATE_EPOCH=${text} is not a whole number of seconds since 1970`);
  return Number(text);
}
