import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ContainerConfig } from "../../../tools/image/config.ts";
import { platformOf } from "../../../tools/image/platform.ts";
import type { Program } from "../../harness/processes.ts";

const script = fileURLToPath(new URL("enter.sh", import.meta.url));

/** Whether this process may enter another root file system, as a container engine does. */
export const canEnter = process.getuid?.() === 0;

export interface Call {
  /** The program's path in the image, and its arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files of this machine by where the program sees them; only when `canEnter`. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/**
 * How to call a program of an unpacked image as a container: as the image's user, with its environment and none of this machine's, on a
 * read-only root file system that has its files alone. The network is this machine's. Without root only the files are the image's: its
 * loader runs its program with its libraries.
 */
export async function contained(root: string, config: ContainerConfig, call: Call): Promise<Omit<Program, "name">> {
  const { command, env = {}, mounts = {} } = call;
  const variables = [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  if (!canEnter) return { command: "env", args: ["-i", ...variables, ...outside(root, command)] };
  // A container engine makes the places before it mounts something at them.
  for (const folder of ["dev", "proc"]) await mkdir(join(root, folder), { recursive: true });
  for (const place of Object.keys(mounts)) {
    await mkdir(dirname(join(root, place)), { recursive: true });
    await writeFile(join(root, place), "", { flag: "a" });
  }
  const binds = Object.entries(mounts).flatMap(([place, file]) => [file, place]);
  const enter = ["env", "-i", ...variables, "/usr/sbin/chroot", `--userspec=${config.User}`, "--groups=", root];
  const args = ["--mount", "--propagation=private", "--", "sh", script, root, ...binds, "--", ...enter, ...command];
  return { command: "unshare", args };
}

function outside(root: string, command: readonly string[]): readonly string[] {
  const { triplet, loader } = platformOf(process.platform, process.arch);
  const inside = command.map((word) => (word.startsWith("/") ? join(root, word) : word));
  return [join(root, loader), "--library-path", join(root, "lib", triplet), ...inside];
}
