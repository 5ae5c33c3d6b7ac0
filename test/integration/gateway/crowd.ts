import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isRecord } from "../../../src/chain/hex.ts";

const program = fileURLToPath(new URL("crowd-process.ts", import.meta.url));

/** Left for everything else that a process has open. */
const OTHER_DESCRIPTORS = 500;

/** Connections of a process of its own, half of them silent and half with headers that never end. */
export interface Crowd {
  /** How many have been open so far. */
  opened(): number;
  /** How many of them have ended. */
  ended(): number;
  leave(): Promise<void>;
}

export function startCrowd(port: number, count: number): Crowd {
  const child = fork(program, [String(port), String(count)], { execArgv: [] });
  let last = { opened: 0, ended: 0 };
  child.on("message", (message: unknown) => {
    if (!isRecord(message)) return;
    last = { opened: Number(message["opened"]), ended: Number(message["ended"]) };
  });
  return {
    opened: () => last.opened,
    ended: () => last.ended,
    async leave() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** As many connections as are wanted, or as this machine's limit of descriptors allows each of the two processes. */
export function affordable(wanted: number): number {
  const report: unknown = process.report.getReport();
  const limits = isRecord(report) ? report["userLimits"] : undefined;
  const files = isRecord(limits) ? limits["open_files"] : undefined;
  const soft = isRecord(files) ? files["soft"] : undefined; // a number, or "unlimited"
  const count = typeof soft === "number" ? Math.min(wanted, soft - OTHER_DESCRIPTORS) : wanted;
  if (count < wanted) console.log(`${count} connections instead of ${wanted}: the limit of descriptors is ${soft}`);
  return count;
}

/** How many files and sockets this process has open. */
export async function openDescriptors(): Promise<number> {
  return (await readdir("/dev/fd")).length;
}
