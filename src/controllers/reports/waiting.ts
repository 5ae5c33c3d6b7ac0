import { findCondition, isTrue } from "../../api/conditions.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { Clock } from "../../kube/clock.ts";
import type { ObjectMeta } from "../../kube/resource.ts";
import type { ServiceMetrics } from "../../telemetry/service-metrics.ts";
import type { Caches } from "./caches.ts";

/** How long what should come or go has not, whenever Prometheus asks. Ages by the local clock. */
export function reportWaiting(
  { leases, namespaces }: Pick<Caches, "leases" | "namespaces">,
  metrics: Pick<ServiceMetrics, "pending" | "terminating">,
  clock: Clock,
): () => void {
  return () => {
    const now = clock.now();
    metrics.pending(oldestPending(leases.store.list(), now));
    metrics.terminating(
      new Map([
        ["ComputeLease", oldestTerminating(leases.store.list(), now)],
        ["Namespace", oldestTerminating(namespaces.store.list(), now)],
      ]),
    );
  };
}

/** Seconds by reason that the oldest open lease has not been provisioned. The condition's time is that of its status, not its reason. */
export function oldestPending(leases: readonly ComputeLease[], now: number): ReadonlyMap<string, number> {
  const oldest = new Map<string, number>();
  for (const lease of leases) {
    const provisioned = findCondition(lease, "Provisioned");
    if (provisioned === undefined || provisioned.status === "True" || isTrue(lease, "Closed")) continue;
    const { reason, lastTransitionTime } = provisioned;
    oldest.set(reason, Math.max(oldest.get(reason) ?? 0, secondsSince(lastTransitionTime, now)));
  }
  return oldest;
}

/** Seconds since the deletion of the oldest object that is still there; 0 when none is being deleted. */
export function oldestTerminating(objects: readonly { readonly metadata?: ObjectMeta }[], now: number): number {
  return objects.reduce((oldest, { metadata }) => Math.max(oldest, secondsSince(metadata?.deletionTimestamp, now)), 0);
}

function secondsSince(time: string | undefined, now: number): number {
  return time === undefined ? 0 : Math.max(0, (now - Date.parse(time)) / 1000);
}
