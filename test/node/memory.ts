import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";

/** Memory of all processes in these namespaces (proportional set size: shared pages are counted once), most first, as a table. */
export async function memoryOfPrograms(): Promise<string> {
  const sums = new Map<string, { count: number; kibibytes: number }>();
  for (const pid of (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
    const used = await usedBy(pid).catch(() => undefined); // it ended meanwhile
    if (used === undefined) continue;
    const { count, kibibytes } = sums.get(used.program) ?? { count: 0, kibibytes: 0 };
    sums.set(used.program, { count: count + 1, kibibytes: kibibytes + used.kibibytes });
  }
  const rows = [...sums].filter(([, { kibibytes }]) => kibibytes >= 5 * 1024);
  return rows
    .toSorted(([, a], [, b]) => b.kibibytes - a.kibibytes)
    .map(
      ([program, { count, kibibytes }]) =>
        `${String(Math.round(kibibytes / 1024)).padStart(6)} MiB ${program} ×${count}`,
    )
    .join("\n");
}

async function usedBy(pid: string): Promise<{ program: string; kibibytes: number }> {
  const [command, rollup] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, "utf8"),
    readFile(`/proc/${pid}/smaps_rollup`, "utf8"),
  ]);
  const words = command.split("\0");
  // What a Node process runs says more than that it is one.
  const program = basename(words.find((word) => word.endsWith(".js")) ?? words[0] ?? "");
  return { program, kibibytes: Number(/^Pss:\s+([0-9]+) kB/m.exec(rollup)?.[1] ?? 0) };
}
