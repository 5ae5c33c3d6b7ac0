import { readFile } from "node:fs/promises";

/** Linux counts a process's time in hundredths of a second, whatever the kernel's own tick. */
const TICKS_A_SECOND = 100;

/** The program that a supervisor of the harness (`supervise.sh`) runs; its helper shell is the other child. */
export async function programOf(supervisor: number): Promise<number> {
  const children = (await readFile(`/proc/${supervisor}/task/${supervisor}/children`, "utf8")).trim().split(" ");
  for (const child of children) {
    const name = (await readFile(`/proc/${child}/comm`, "utf8")).trim();
    if (name !== "sh" && name !== "supervise.sh") return Number(child);
  }
  throw new Error(`process ${supervisor} runs no program: has it ended?`);
}

/** Seconds of CPU that a process has used, in user and kernel together. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Resident memory now and at its highest. */
export async function residentMiB(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
  return { now: kibibytes("VmRSS") / 1024, peak: kibibytes("VmHWM") / 1024 };
}
