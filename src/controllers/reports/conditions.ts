import type { ConditionKind } from "../../api/conditions.ts";

import type { KubeObject } from "../../kube/resource.ts";
import type { Conditioned, ConditionMetrics } from "../../telemetry/condition-metrics.ts";
import type { Cache, Caches } from "./caches.ts";

/** Counts what the conditions of all our kinds say, as the caches change. */
export function reportConditions(
  { networks, offers, leases }: Pick<Caches, "networks" | "offers" | "leases">,
  metrics: Pick<ConditionMetrics, "counted">,
): void {
  const count = <T extends KubeObject & Conditioned>(kind: ConditionKind, cache: Cache<T>): void =>
    cache.onChange(({ type, object, old }) =>
      type === "deleted" ? metrics.counted(kind, object, undefined) : metrics.counted(kind, old, object),
    );
  count("ComputeNetwork", networks);
  count("ComputeOffer", offers);
  count("ComputeLease", leases);
}
