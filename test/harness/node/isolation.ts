import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("isolate.sh", import.meta.url));

/** Namespaces in which a Kubernetes node may do what it does to a machine: `inside.sh` prepares them. */
export interface Isolation {
  /** Goes when the namespaces end. */
  readonly scratch: string;
  /** The machine's address in here; pods and processes reach what listens on it. */
  readonly address: string;
  /** Parent of the pods' cgroups, in every hierarchy. */
  readonly cgroup: string;
}

/** The namespaces that this process runs in. Throws when they are the host's, on which no node may be started. */
export function currentIsolation(env: NodeJS.ProcessEnv = process.env): Isolation {
  const { BERTHAGE_NODE_SCRATCH: scratch, BERTHAGE_NODE_ADDRESS: address, BERTHAGE_NODE_CGROUP: cgroup } = env;
  if (!scratch || !address || !cgroup)
    throw new Error("a node would change this machine: run these tests by `make test-node`, which keeps it to itself");
  return { scratch, address, cgroup };
}

/**
 * Runs a program in namespaces of its own with its output shown, and gives its exit code. Nothing in there outlives the
 * program or this process. Needs root.
 */
export async function runIsolated(command: string, args: readonly string[]): Promise<number> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "berthage-node-")));
  const group = scratch.slice(scratch.lastIndexOf("/") + 1);
  const child = spawn(script, [scratch, group, command, ...args], { stdio: ["pipe", "inherit", "inherit"] });
  child.stdin?.on("error", () => undefined); // it ended by itself
  const [code]: unknown[] = await once(child, "close");
  return typeof code === "number" ? code : 1;
}
