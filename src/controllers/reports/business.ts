import { isTrue } from "../../api/conditions.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { BusinessMetrics, LeaseState } from "../../telemetry/business-metrics.ts";
import type { Caches } from "./caches.ts";

/** Counts what is sold and earned, from the caches, whenever Prometheus asks; and what each heartbeat billed. */
export function reportBusiness(informers: Pick<Caches, "offers" | "leases">, metrics: BusinessMetrics): () => void {
  informers.leases.onChange(({ type, object, old }) => {
    if (type !== "updated" || old === undefined) return;
    const billed = (object.status?.money?.billedSeconds ?? 0) - (old.status?.money?.billedSeconds ?? 0);
    const earned = BigInt(object.status?.money?.earned ?? "0") - BigInt(old.status?.money?.earned ?? "0");
    if (billed > 0) metrics.billed(billed);
    if (earned > 0n) metrics.earned(object.spec.price.token, earned);
  });
  return () => {
    const offers = informers.offers.store.list();
    for (const { spec } of offers) metrics.earned(spec.price.token, 0n); // a rate needs the series to begin at zero
    metrics.gpus(
      offers.map(({ spec, status }) => {
        const count = spec.unit.accelerator?.count ?? 0;
        const { totalUnits = 0, leasedUnits = 0, freeUnits = 0 } = status?.capacity ?? {};
        const product = spec.unit.accelerator?.product ?? "none";
        return { product, offered: totalUnits * count, leased: leasedUnits * count, free: freeUnits * count };
      }),
    );
    metrics.leases(
      informers.leases.store.list().map((lease) => ({ state: stateOf(lease), runwaySeconds: runwayOf(lease) })),
    );
  };
}

function stateOf(lease: ComputeLease): LeaseState {
  if (isTrue(lease, "Closed")) return "Closed";
  if (isTrue(lease, "Suspended")) return "Suspended";
  if (isTrue(lease, "Ready")) return "Ready";
  return isTrue(lease, "Provisioned") ? "Unready" : "Pending";
}

function runwayOf(lease: ComputeLease): number | undefined {
  const { money } = lease.status ?? {};
  return money === undefined || isTrue(lease, "Closed")
    ? undefined
    : Math.max(0, money.fundedSeconds - money.billedSeconds);
}
