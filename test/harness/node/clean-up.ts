import { readFile, rm } from "node:fs/promises";
import { run } from "../run.ts";
import { eventually } from "../wait.ts";
import { kubeletFolder, podBridge } from "./names.ts";
import type { ContainerRuntime } from "./runtime.ts";

/** Ends what a stopped kubelet has left running, and takes away its mounts and network, so that the next node finds nothing. */
export async function cleanUp(runtime: ContainerRuntime, data: string): Promise<void> {
  await eventually("all containers to end", async () => {
    const tasks = (await runtime.ctr("tasks", "list", "--quiet")).split("\n").filter((id) => id !== "");
    // Containerd itself deletes a task that has ended, and may be first.
    await Promise.allSettled(tasks.map((id) => runtime.ctr("tasks", "delete", "--force", id)));
    return tasks.length === 0 || undefined;
  });
  const folders = [data, kubeletFolder, "/run/containerd", "/run/netns"];
  for (const mount of await mountPoints()) {
    if (folders.some((folder) => `${mount}/`.startsWith(`${folder}/`))) await run("umount", ["--lazy", mount]);
  }
  await Promise.all([kubeletFolder, "/run/cni"].map((folder) => rm(folder, { recursive: true, force: true })));
  await run("ip", ["link", "delete", podBridge]).catch(() => undefined); // there is none before the first pod
}

/** The last made first: mounts lie upon each other. */
async function mountPoints(): Promise<readonly string[]> {
  const lines = (await readFile("/proc/self/mounts", "utf8")).trimEnd().split("\n");
  return lines.map((line) => line.split(" ")[1] ?? "").toReversed();
}
