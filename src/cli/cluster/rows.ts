import { findCondition } from "../../api/conditions.ts";
import type { ComputeLease, ComputeNetwork, ComputeOffer, Condition } from "../../api/types.gen.ts";
import { printable } from "../output/text.ts";

export interface NetworkRow {
  readonly name: string;
  readonly chainId: number | undefined;
  readonly market: string | undefined;
  readonly providerId: string | undefined;
  readonly operator: string | undefined;
  readonly balanceWei: string | undefined;
  readonly ready: string;
}

export interface OfferRow {
  readonly name: string;
  readonly network: string;
  readonly offerId: string | undefined;
  readonly sells: string;
  readonly token: string;
  readonly pricePerUnitHour: string;
  readonly leasedUnits: number;
  readonly totalUnits: number;
  readonly freeUnits: number;
  readonly ready: string;
}

export interface LeaseRow {
  readonly network: string;
  readonly leaseId: string;
  readonly offer: string;
  readonly tenant: string;
  readonly units: number;
  readonly token: string;
  readonly pricePerHour: bigint;
  readonly billedSeconds: number;
  readonly runwaySeconds: number;
  readonly earned: bigint;
  readonly withdrawn: bigint;
  readonly closeReason: string | undefined;
  readonly ready: string;
}

export function networkRow({ metadata, spec, status }: ComputeNetwork): NetworkRow {
  return {
    name: metadata.name ?? "",
    chainId: spec.market?.chainId,
    market: spec.market?.address,
    providerId: status?.providerId,
    operator: status?.operator?.address,
    balanceWei: status?.operator?.balanceWei,
    ready: readinessOf(status),
  };
}

export function offerRow({ metadata, spec, status }: ComputeOffer): OfferRow {
  const { accelerator, cpu, memory } = spec.unit;
  return {
    name: metadata.name ?? "",
    network: spec.networkRef.name,
    offerId: status?.offerId,
    sells: accelerator === undefined ? `${cpu} CPU, ${memory}` : `${accelerator.count} × ${accelerator.product}`,
    token: spec.price.token,
    pricePerUnitHour: spec.price.perUnitHour,
    leasedUnits: status?.capacity?.leasedUnits ?? 0,
    totalUnits: status?.capacity?.totalUnits ?? 0,
    freeUnits: status?.capacity?.freeUnits ?? 0,
    ready: readinessOf(status),
  };
}

export function leaseRow({ spec, status }: ComputeLease): LeaseRow {
  const { fundedSeconds = 0, billedSeconds = 0, earned = "0", withdrawn = "0" } = status?.money ?? {};
  return {
    network: spec.networkRef.name,
    leaseId: spec.leaseId,
    offer: spec.offerRef.name,
    tenant: spec.tenant,
    units: spec.units,
    token: spec.price.token,
    pricePerHour: BigInt(spec.price.perHour),
    billedSeconds,
    runwaySeconds: Math.max(0, fundedSeconds - billedSeconds),
    earned: BigInt(earned),
    withdrawn: BigInt(withdrawn),
    closeReason: status?.close?.reason,
    ready: readinessOf(status),
  };
}

export interface Total {
  readonly token: string;
  readonly earned: bigint;
  readonly withdrawn: bigint;
  /** Price an hour of all leases that are Ready. */
  readonly perHour: bigint;
}

/** What all leases in the cluster earned, by token. Leases that were cleaned up are not in it. */
export function totalsOf(leases: readonly LeaseRow[]): readonly Total[] {
  const totals = new Map<string, Total>();
  for (const { token, earned, withdrawn, pricePerHour, ready } of leases) {
    const sum = totals.get(token) ?? { token, earned: 0n, withdrawn: 0n, perHour: 0n };
    totals.set(token, {
      token,
      earned: sum.earned + earned,
      withdrawn: sum.withdrawn + withdrawn,
      perHour: sum.perHour + (ready === "True" ? pricePerHour : 0n),
    });
  }
  return [...totals.values()];
}

/** `True`, or the reason why not. */
function readinessOf(status: { conditions?: Condition[] } | undefined): string {
  const ready = findCondition(status === undefined ? {} : { status }, "Ready");
  if (ready === undefined) return "Unknown";
  return ready.status === "True" ? "True" : `${ready.status} (${printable(ready.reason)})`;
}
