import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const maxBuffer = 16 * 1024 * 1024;

/**
 * Downloads the newest versions of the named packages, without their dependencies, into `folder`, and gives the paths of
 * the `.deb` files. Needs no root: the package lists are fetched into a folder of their own below `folder`.
 */
export async function download(
  packages: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const state = join(folder, ".apt");
  await Promise.all(
    [join(state, "lists", "partial"), join(state, "cache")].map((path) => mkdir(path, { recursive: true })),
  );
  const options = privately(state);
  const apt = async (...args: readonly string[]): Promise<void> =>
    await call("apt-get", [...options, ...args], folder, env);
  await apt("update", "--error-on=any");
  await apt("download", ...packages);
  return (await readdir(folder)).filter((name) => name.endsWith(".deb")).map((name) => join(folder, name));
}

/** Unpacks a `.deb` into `folder` without installing it: no script of the package runs. */
export async function extract(file: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  await call("dpkg-deb", ["--extract", file, folder], folder, env);
}

/** The sandbox user of apt could not write into our folder, so a root's apt stays root. */
function privately(state: string): readonly string[] {
  const settings = [
    `Dir::State::Lists=${join(state, "lists")}`,
    `Dir::Cache=${join(state, "cache")}`,
    "APT::Sandbox::User=root",
    "Acquire::Retries=3",
    "Acquire::Languages=none",
  ];
  return ["-qq", ...settings.flatMap((setting) => ["-o", setting])];
}

async function call(tool: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run(tool, args, { cwd, env, maxBuffer });
  } catch (error) {
    throw new Error(reasonOf(tool, args, error), { cause: error });
  }
}

function reasonOf(tool: string, args: readonly string[], error: unknown): string {
  if (!(error instanceof Error)) return `\`${tool}\` failed: ${String(error)}`;
  if ("code" in error && error.code === "ENOENT")
    return `\`${tool}\` is not on the PATH: Debian packages can be had on Debian and its kin only (amd64 or arm64); install apt and dpkg, or run this in a Debian container`;
  const said = "stderr" in error ? String(error.stderr).trim() : error.message;
  return `\`${tool} ${args.filter((arg) => arg !== "-o" && !arg.includes("::")).join(" ")}\` failed: ${said}`;
}
