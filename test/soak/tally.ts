import { readdir, readFile } from "node:fs/promises";
import { struckFaults } from "../faults/storm.ts";
import { programOf } from "../harness/operator.ts";
import type { Action } from "./action.ts";
import type { Stage } from "./stage.ts";
import { demand } from "./violation.ts";

/** What a soak did and saw, for its report. */
export class Tally {
  actions = 0;
  leases = 0;
  epochs = 0;
  /** How often each kind of action was done, and refused. */
  readonly done = new Map<string, number>();
  readonly refused = new Map<string, number>();
  /** Of the operator's process at the end of each epoch. */
  readonly memoryMiB: number[] = [];
  readonly openFiles: number[] = [];

  /** Does it; a refusal is counted and no more. */
  async count({ do: what }: Action, act: () => Promise<void>): Promise<void> {
    this.actions += 1;
    try {
      await act();
      increase(this.done, what);
    } catch (error) {
      increase(this.refused, `${what}: ${reasonOf(error)}`);
    }
  }

  /** Memory and open files of the operator as it is now. */
  async weigh({ world }: Stage): Promise<void> {
    const pid = await programOf(world.operator);
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    this.memoryMiB.push(Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024));
    this.openFiles.push((await readdir(`/proc/${pid}/fd`)).length);
    this.epochs += 1;
  }

  /** Neither grows with what has been served: the last third of the epochs ends as the first did, give or take a half. @throws Violation */
  checkFlat(): void {
    for (const [what, values] of [
      ["MiB of memory", this.memoryMiB],
      ["open files", this.openFiles],
    ] as const) {
      const third = Math.ceil(values.length / 3);
      const [first, last] = [median(values.slice(0, third)), median(values.slice(-third))];
      demand(last <= 1.5 * first, () => `${first} ${what} at first, ${last} in the end: ${values.join(" ")}`);
    }
  }

  /** Everything, as a person reads it. */
  report({ world }: Stage, blocks: number, seed: number): string {
    return [
      `seed ${seed}: ${this.actions} actions in ${this.epochs} epochs, ${this.leases} leases lived, ${blocks} blocks looked at`,
      `done: ${listed(this.done)}`,
      `refused: ${listed(this.refused)}`,
      `faults that struck: ${listed(struckFaults(world.faults))}`,
      `memory at the end of each epoch, MiB: ${this.memoryMiB.join(" ")}`,
      `open files at the end of each epoch: ${this.openFiles.join(" ")}`,
    ].join("\n");
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([what, times]) => `${times} × ${what}`)
    .join(", ");
}

/** Alike for refusals of one kind: without numbers and names. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^.*would revert: /, "")
    .replace(/^.*?(Error from server \(\w+\)).*$/s, "$1")
    .replace(/0x[0-9a-f]+|\d+/gi, "#")
    .slice(0, 90);
}
