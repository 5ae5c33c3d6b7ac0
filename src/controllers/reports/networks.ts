import type { LaneState } from "../../chain/lane-settings.ts";
import type { Clock } from "../../kube/clock.ts";
import type { LedgerPoint } from "../../networks/driver.ts";
import type { NetworkMetrics, NetworkSample } from "../../telemetry/chain-metrics.ts";
import type { Caches } from "./caches.ts";

/** What a report needs of a connected network. */
export interface ReportedNetwork {
  readonly ledger: Readonly<Record<"head" | "final", { readonly point: LedgerPoint } | undefined>>;
  readonly lane: { state(): Pick<LaneState, "oldestSinceSeconds" | "stuckSinceSeconds" | "trouble"> };
}

/** The connections, as far as they matter here. */
export interface LiveNetworks {
  live(): ReadonlyMap<string, { readonly network: ReportedNetwork }>;
}

/** How far each network has been read and how its lane is, whenever Prometheus asks. Ages by the local clock. */
export function reportNetworks(
  { networks }: Pick<Caches, "networks">,
  connections: LiveNetworks,
  metrics: Pick<NetworkMetrics, "networks">,
  clock: Clock,
): () => void {
  return () => {
    const nowSeconds = clock.now() / 1000;
    metrics.networks(
      [...connections.live()].map(([name, { network }]) => ({
        network: name,
        minBalanceWei: BigInt(networks.store.get(name)?.spec.budget?.minBalanceWei ?? "0"),
        points: pointsOf(network, nowSeconds),
        lane: laneOf(network, nowSeconds),
      })),
    );
  };
}

function pointsOf({ ledger }: ReportedNetwork, nowSeconds: number): NetworkSample["points"] {
  return (["head", "final"] as const).flatMap((tier) => {
    const point = ledger[tier]?.point;
    if (point === undefined) return [];
    return [{ tier, number: point.number, lagSeconds: Math.max(0, nowSeconds - point.timestampSeconds) }];
  });
}

function laneOf({ lane }: ReportedNetwork, nowSeconds: number): NetworkSample["lane"] {
  const { oldestSinceSeconds, stuckSinceSeconds, trouble } = lane.state();
  return {
    oldestIntentSeconds: nowSeconds - (oldestSinceSeconds ?? nowSeconds),
    stuckSeconds: nowSeconds - (stuckSinceSeconds ?? nowSeconds),
    trouble,
  };
}
