import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What decides whether a node can be started here; the machine that this process runs on by default. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly userId: number | undefined;
  readonly exists: (path: string) => Promise<boolean>;
  readonly hasProgram: (name: string) => Promise<boolean>;
  /** Why namespaces cannot be made, or undefined. */
  readonly unshareProblem: () => Promise<string | undefined>;
}

const programs = ["unshare", "mount", "ip", "find", "tar", "go", "apt-get", "dpkg-deb"];
const cgroupHierarchies = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];

/** What a real Kubernetes node lacks on a machine, each with the way to mend it; nothing when it can run. */
export async function missingForNode(machine: Machine = thisMachine()): Promise<readonly string[]> {
  if (machine.platform !== "linux") return [`Linux: containers need its kernel, and this is ${machine.platform}`];
  if (machine.userId !== 0) return ["root: containerd and kubelet mount file systems; try `sudo -E make test-node`"];
  const absent = await absentOf(programs, (name) => machine.hasProgram(name));
  const problem = absent.includes("unshare") ? undefined : await machine.unshareProblem();
  return [
    ...absent.map((name) => `the program ${name}: install it (Debian: util-linux, iproute2, golang, apt and dpkg)`),
    ...(problem === undefined ? [] : [`the right to make namespaces: ${problem}`]),
    ...(await missingCgroups(machine)),
  ];
}

async function missingCgroups({ exists }: Machine): Promise<readonly string[]> {
  if (await exists("/sys/fs/cgroup/cgroup.controllers")) return [];
  const absent = await absentOf(cgroupHierarchies, (name) => exists(`/sys/fs/cgroup/${name}`));
  return absent.map((name) => `cgroup hierarchy ${name}: mount it at /sys/fs/cgroup/${name}, or boot with cgroup v2`);
}

async function absentOf(names: readonly string[], has: (name: string) => Promise<boolean>): Promise<string[]> {
  const found = await Promise.all(names.map(has));
  return names.filter((_, i) => !found[i]);
}

function thisMachine(): Machine {
  const exists = (path: string, mode = constants.F_OK): Promise<boolean> =>
    access(path, mode).then(
      () => true,
      () => false,
    );
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return {
    platform: process.platform,
    userId: process.getuid?.(),
    exists,
    hasProgram: async (name) =>
      (await Promise.all(folders.map((folder) => exists(join(folder, name), constants.X_OK)))).includes(true),
    unshareProblem: () =>
      run("unshare", ["--net", "--mount", "--ipc", "--pid", "--fork", "true"]).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message.trim() : String(error)),
      ),
  };
}
