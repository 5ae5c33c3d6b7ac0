import { leaseConditions } from "../api/lease-conditions.ts";
import { type Gauge, gauge, type Instruments } from "./instruments.ts";

/** Why a lease is not provisioned, as its condition Provisioned says it. */
export type PendingReason = keyof (typeof leaseConditions)["Provisioned"];
const pendingReasons = Object.entries(leaseConditions.Provisioned).flatMap(([reason, { status }]) =>
  status === "True" ? [] : [reason],
);

/** Kinds whose deletion can hang on finalizers. */
export const terminatingKinds = ["ComputeLease", "Namespace"] as const;
export type TerminatingKind = (typeof terminatingKinds)[number];

/** What the network says of a lease's money that can't be: see src/controllers/reports/settlement.ts. */
export const mismatches = [
  "BilledBeyondFunded",
  "EarnedBeyondDeposit",
  "WithdrawnBeyondDeposit",
  "WithdrawnBeyondEarned",
] as const;
export type Mismatch = (typeof mismatches)[number];

/** How what was sold is served. */
export const serviceDefinitions = {
  pending: gauge(
    "berthage_lease_pending_oldest_seconds",
    "Seconds that the oldest lease with this reason of condition Provisioned has not been provisioned; 0 without one.",
    ["reason"],
  ),
  terminating: gauge(
    "berthage_terminating_oldest_seconds",
    "Seconds since the deletion of the oldest object that is still there; 0 without one.",
    ["kind"],
  ),
  oversold: gauge(
    "berthage_units_oversold",
    "Units sold that no node can hold: sold and not on a serving node, less what is free.",
    ["offer"],
  ),
  unhealthy: gauge(
    "berthage_gpus_leased_unhealthy",
    "Leased accelerators beyond what their node still reports as healthy.",
    ["product"],
  ),
  mismatched: gauge(
    "berthage_leases_mismatched",
    "Leases whose money on the network can't be right, by what is wrong.",
    ["mismatch"],
  ),
};

/** Each call replaces all that was known; what is not named is 0 where the label's values are closed, else gone. */
export interface ServiceMetrics {
  /** Seconds by reason. */
  pending(oldest: ReadonlyMap<string, number>): void;
  /** Seconds by kind. */
  terminating(oldest: ReadonlyMap<TerminatingKind, number>): void;
  /** Units by offer. */
  oversold(units: ReadonlyMap<string, number>): void;
  /** Accelerators by product. */
  unhealthy(gpus: ReadonlyMap<string, number>): void;
  /** Leases by what is wrong. */
  mismatched(leases: ReadonlyMap<Mismatch, number>): void;
}

/** How leases are served, as metrics. */
export function serviceMetrics(i: Instruments): ServiceMetrics {
  const pending = i.gauge(serviceDefinitions.pending);
  const terminating = i.gauge(serviceDefinitions.terminating);
  const oversold = i.gauge(serviceDefinitions.oversold);
  const unhealthy = i.gauge(serviceDefinitions.unhealthy);
  const mismatched = i.gauge(serviceDefinitions.mismatched);
  return {
    pending(oldest) {
      for (const reason of pendingReasons) pending.set({ reason }, oldest.get(reason) ?? 0);
    },
    terminating(oldest) {
      for (const kind of terminatingKinds) terminating.set({ kind }, oldest.get(kind) ?? 0);
    },
    oversold: (units) => replace(oversold, units, (offer) => ({ offer })),
    unhealthy: (gpus) => replace(unhealthy, gpus, (product) => ({ product })),
    mismatched(leases) {
      for (const mismatch of mismatches) mismatched.set({ mismatch }, leases.get(mismatch) ?? 0);
    },
  };
}

function replace<L extends string>(
  gauge: Gauge<L>,
  values: ReadonlyMap<string, number>,
  labels: (value: string) => Readonly<Record<L, string>>,
): void {
  gauge.clear();
  for (const [key, value] of values) gauge.set(labels(key), value);
}
