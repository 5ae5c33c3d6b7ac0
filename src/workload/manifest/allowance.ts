import { parseResources } from "../../inventory/resources.ts";
import type { Sandbox, Shape } from "../../inventory/shape.ts";
import type { Resources } from "./manifest.ts";

/** Pods a unit, counting every replica: enough for side services, few enough for a node's 110. */
const maxPodsPerUnit = 16n;

/** What the leased units are in all; the ResourceQuota says the same numbers. */
export interface Allowance {
  readonly total: Resources;
  /** What the sandbox takes of `total` for each pod. */
  readonly overhead: Resources;
  /** What one pod may have when it is the only one. */
  readonly wholePod: Resources;
  /** All persistent volumes together: as much again as the leased scratch disk. */
  readonly persistentBytes: bigint;
  readonly maxPods: bigint;
}

/** `shape` is that of the offer with its sandbox, as the inventory reserves it. */
export function allowanceOf(shape: Shape, units: number, sandbox: Sandbox = {}): Allowance {
  const count = BigInt(units);
  const unitAmount = (name: string): bigint => (shape.requests.get(name) ?? 0n) * count;
  const total = {
    cpuMillis: unitAmount("cpu"),
    memoryBytes: unitAmount("memory"),
    ephemeralStorageBytes: unitAmount("ephemeral-storage"),
    accelerators: (shape.accelerator?.count ?? 0) * units,
  };
  const overhead = overheadOf(sandbox);
  return {
    total,
    overhead,
    wholePod: {
      cpuMillis: total.cpuMillis - overhead.cpuMillis,
      memoryBytes: total.memoryBytes - overhead.memoryBytes,
      ephemeralStorageBytes: total.ephemeralStorageBytes - overhead.ephemeralStorageBytes,
      accelerators: total.accelerators,
    },
    persistentBytes: total.ephemeralStorageBytes,
    maxPods: maxPodsPerUnit * count,
  };
}

function overheadOf({ overhead }: Sandbox): Resources {
  const amounts = parseResources(overhead?.podFixed);
  return {
    cpuMillis: amounts.get("cpu") ?? 0n,
    memoryBytes: amounts.get("memory") ?? 0n,
    ephemeralStorageBytes: amounts.get("ephemeral-storage") ?? 0n,
    accelerators: 0,
  };
}
