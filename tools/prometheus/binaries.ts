import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianRoot } from "../debian/root.ts";

const run = promisify(execFile);

export interface PrometheusBinaries {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Paths of a real Prometheus and its promtool: those in the folder `PROMETHEUS_ASSETS`, else of Debian's package. */
export async function prometheusBinaries(env: NodeJS.ProcessEnv = process.env): Promise<PrometheusBinaries> {
  const folder = env["PROMETHEUS_ASSETS"] || join(await debianRoot(["prometheus"], env), "usr/bin");
  const binaries = { prometheus: join(folder, "prometheus"), promtool: join(folder, "promtool") };
  for (const path of Object.values(binaries))
    await access(path, constants.X_OK).catch(() => {
      throw new Error(
        `there is no program ${path}: set PROMETHEUS_ASSETS to a folder with prometheus and promtool, or unset it on Debian`,
      );
    });
  return binaries;
}

/**
 * Runs promtool and gives what it printed on both streams. `input` goes to its standard input.
 * @throws with what it printed when it has a complaint
 */
export async function promtool(args: readonly string[], input?: string): Promise<string> {
  const running = run((await prometheusBinaries()).promtool, [...args]);
  running.child.stdin?.end(input ?? "");
  try {
    const { stdout, stderr } = await running;
    return `${stdout}${stderr}`;
  } catch (error) {
    const said =
      error instanceof Error && "stdout" in error && "stderr" in error ? [error.stdout, error.stderr] : [error];
    throw new Error(`promtool ${args.join(" ")} complains:\n${said.join("")}`, { cause: error });
  }
}
