import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianRoot } from "../debian/root.ts";

const run = promisify(execFile);

export interface PrometheusBinaries {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Paths of a real Prometheus and its promtool, from Debian's package. */
export async function prometheusBinaries(): Promise<PrometheusBinaries> {
  const root = await debianRoot(["prometheus"]);
  return { prometheus: join(root, "usr/bin/prometheus"), promtool: join(root, "usr/bin/promtool") };
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
