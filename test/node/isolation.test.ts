import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { eventually } from "../harness/wait.ts";

const script = fileURLToPath(new URL("../harness/node/isolate.sh", import.meta.url));

interface Isolated {
  readonly scratch: string;
  readonly group: string;
  readonly exit: Promise<unknown>;
  /** What a runner does by dying. */
  letGo(): void;
}

/** Runs a line of shell in namespaces of its own, inside those of the tests. */
async function isolate(line: string): Promise<Isolated> {
  const scratch = await mkdtemp(join(tmpdir(), "berthage-isolated-"));
  const group = scratch.slice(scratch.lastIndexOf("/") + 1);
  const child = spawn(script, [scratch, group, "sh", "-c", line], { stdio: ["pipe", "inherit", "inherit"] });
  const exit = once(child, "close").then(([code]) => code);
  return { scratch, group, exit, letGo: () => child.stdin?.destroy() };
}

/** Folders of cgroups with this name, in whichever hierarchies there are. */
async function groupsOf(name: string): Promise<readonly string[]> {
  const root = "/sys/fs/cgroup";
  const parents = [root, ...(await readdir(root)).map((entry) => join(root, entry))];
  const entries = await Promise.all(parents.map((parent) => readdir(parent).catch(() => [])));
  return entries.flat().filter((entry) => entry === name);
}

it("changes nothing outside: mounts, addresses, cgroups and settings end with it", async () => {
  const before = await stateOutside();
  const { scratch, group, exit } = await isolate(
    'mkdir /var/lib/kubelet.isolated && mount -t tmpfs tmpfs "$BERTHAGE_NODE_SCRATCH" && echo 7 >/proc/sys/kernel/panic && exit 3',
  );
  expect(await exit).toBe(3);
  expect(await stateOutside()).toEqual(before);
  expect(await readdir("/var/lib")).not.toContain("kubelet.isolated");
  expect(await groupsOf(group)).toEqual([]);
  expect(await readdir(tmpdir())).not.toContain(scratch.slice(scratch.lastIndexOf("/") + 1));
});

it("ends all that runs in it, and cleans up, when whoever started it is gone", async () => {
  const { scratch, group, exit, letGo } = await isolate(
    'setsid sleep 600 & for c in /sys/fs/cgroup/*"$BERTHAGE_NODE_CGROUP"; do mkdir "$c/pod"; done; echo up >"$BERTHAGE_NODE_SCRATCH/up"; wait',
  );
  await eventually("it runs", () => readFile(join(scratch, "up"), "utf8"));
  expect(await groupsOf(group)).not.toEqual([]);
  letGo();
  await exit;
  expect(await groupsOf(group)).toEqual([]);
  await expect(readdir(scratch)).rejects.toThrow("ENOENT");
  expect(await sleepers()).toEqual([]);
});

it("keeps what a program writes at the fixed paths of a node for itself", async () => {
  const probe = `/run/berthage-probe-${process.pid}`;
  await writeFile(probe, "outside");
  const { exit } = await isolate(`[ ! -e ${probe} ] && echo inside >${probe}`);
  expect(await exit).toBe(0);
  expect(await readFile(probe, "utf8")).toBe("outside");
});

/** Mounts, addresses with their routes, and a setting of the whole machine. */
async function stateOutside(): Promise<readonly string[]> {
  const files = ["/proc/self/mounts", "/proc/net/fib_trie", "/proc/sys/kernel/panic"];
  return Promise.all(files.map((file) => readFile(file, "utf8")));
}

async function sleepers(): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.startsWith("sleep\x300"));
}
