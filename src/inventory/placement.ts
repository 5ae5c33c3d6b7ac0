import type { Resources } from "./resources.ts";
import type { Shape } from "./shape.ts";

/** A reason that `count` nodes share; `node` names it when it is only one. */
export interface UnplaceableReason {
  readonly node?: string;
  /** Worded to follow `node-a: ` or `3 nodes: `, such as "cordoned" or "insufficient nvidia.com/gpu". */
  readonly reason: string;
  readonly count: number;
}

export type Placement =
  | { readonly kind: "placed"; readonly node: string }
  | { readonly kind: "unplaceable"; readonly reasons: readonly UnplaceableReason[] };

/** A node that fits, and how many units it fits. */
export interface Candidate {
  readonly node: string;
  readonly units: number;
}

/** Units of `requests` that fit into what is left, never below 0: a device that turned unhealthy leaves a debt. */
export function unitsThatFit(allocatable: Resources, used: Resources, requests: Resources): number {
  let units: bigint | undefined;
  for (const [name, amount] of requests) {
    if (amount <= 0n) continue;
    const fit = left(allocatable, used, name) / amount;
    if (units === undefined || fit < units) units = fit;
  }
  return Number(units ?? 0n);
}

/** Resources of which there is not enough left for `units`. */
export function shortages(allocatable: Resources, used: Resources, requests: Resources, units: number): string[] {
  const short = [...requests].filter(([name, amount]) => left(allocatable, used, name) < amount * BigInt(units));
  return short.map(([name]) => name);
}

function left(allocatable: Resources, used: Resources, name: string): bigint {
  const free = (allocatable.get(name) ?? 0n) - (used.get(name) ?? 0n);
  return free > 0n ? free : 0n;
}

/** Pack takes the fullest node that fits, Spread the emptiest; ties go by name so that the choice can be repeated. */
export function choose(candidates: readonly Candidate[], strategy: Shape["strategy"]): string | undefined {
  const emptier = (a: Candidate, b: Candidate) => (strategy === "Pack" ? a.units - b.units : b.units - a.units);
  const byName = (a: Candidate, b: Candidate) => (a.node < b.node ? -1 : 1);
  const [best] = candidates.toSorted((a, b) => emptier(a, b) || byName(a, b));
  return best?.node;
}

/** Groups (node, reason) pairs by reason, the commonest first. */
export function summarise(reasons: Iterable<readonly [node: string, reason: string]>): UnplaceableReason[] {
  const groups = new Map<string, { node: string; count: number }>();
  for (const [node, reason] of reasons) {
    const group = groups.get(reason);
    if (group) group.count += 1;
    else groups.set(reason, { node, count: 1 });
  }
  const grouped = [...groups].map(([reason, { node, count }]) => ({ ...(count === 1 && { node }), reason, count }));
  return grouped.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

/** One sentence for a condition's message: "no node fits 4 units: 3 nodes: cordoned; node-a: taint sku=gpu:NoSchedule". */
export function describeUnplaceable(reasons: readonly UnplaceableReason[], units: number): string {
  const wanted = `no node fits ${units} ${units === 1 ? "unit" : "units"}`;
  if (reasons.length === 0) return `${wanted}: the cluster has no nodes`;
  const parts = reasons.map(({ node, reason, count }) => `${node ?? `${count} nodes`}: ${reason}`);
  return `${wanted}: ${parts.join("; ")}`;
}
