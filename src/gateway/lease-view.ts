import type { ComputeLease, Condition } from "../api/types.gen.ts";

/** A lease as its tenant sees it: no node, no namespace, nothing of other tenants. */
export interface LeaseView {
  readonly network: string;
  readonly id: string;
  readonly units: number;
  readonly offerId: string;
  readonly manifest: { readonly wanted: string | undefined; readonly running: string | undefined };
  readonly conditions: readonly Omit<Condition, "observedGeneration">[];
  readonly services: readonly object[];
  readonly endpoints: readonly object[];
  readonly billedSeconds: number;
  readonly fundedSeconds: number;
  /** Amounts in the token's smallest units. */
  readonly money: {
    readonly token: string;
    readonly pricePerHour: string;
    readonly deposit: string;
    readonly earned: string;
    readonly withdrawn: string;
  };
  readonly lastHeartbeatTime: string | undefined;
  readonly closed: { readonly reason: string; readonly isFinal: boolean; readonly atSeconds: number } | undefined;
}

/** Picks what a tenant may see of a ComputeLease. Pure. */
export function leaseView({ spec, status = {} }: ComputeLease): LeaseView {
  const { money, close } = status;
  return {
    network: spec.networkRef.name,
    id: spec.leaseId,
    units: spec.units,
    offerId: spec.offerId,
    manifest: { wanted: spec.manifestHash, running: status.manifest?.hash },
    conditions: (status.conditions ?? []).map(({ observedGeneration: _, ...condition }) => condition),
    services: status.services ?? [],
    endpoints: status.endpoints ?? [],
    billedSeconds: money?.billedSeconds ?? 0,
    fundedSeconds: money?.fundedSeconds ?? 0,
    money: {
      token: spec.price.token,
      pricePerHour: spec.price.perHour,
      deposit: money?.deposit ?? "0",
      earned: money?.earned ?? "0",
      withdrawn: money?.withdrawn ?? "0",
    },
    lastHeartbeatTime: status.lastHeartbeatTime,
    closed: close && { reason: close.reason, isFinal: close.tier === "Final", atSeconds: close.atSeconds },
  };
}
