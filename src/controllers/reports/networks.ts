import type { Clock } from "../../kube/clock.ts";
import type { Network } from "../../networks/network.ts";
import type { NetworkMetrics, NetworkSample } from "../../telemetry/chain-metrics.ts";
import type { Connections } from "../network/connections.ts";
import type { Caches } from "./caches.ts";

/** How far each network has been read and how its lane is, whenever Prometheus asks. */
export function reportNetworks(
  { networks }: Pick<Caches, "networks">,
  connections: Pick<Connections, "live">,
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

function pointsOf({ ledger }: Network, nowSeconds: number): NetworkSample["points"] {
  return (["head", "final"] as const).flatMap((tier) => {
    const point = ledger[tier]?.point;
    if (point === undefined) return [];
    return [{ tier, number: point.number, lagSeconds: Math.max(0, nowSeconds - point.timestampSeconds) }];
  });
}

function laneOf({ lane }: Network, nowSeconds: number): NetworkSample["lane"] {
  const { oldestSinceSeconds, stuckSinceSeconds, trouble } = lane.state();
  return {
    oldestIntentSeconds: nowSeconds - (oldestSinceSeconds ?? nowSeconds),
    stuckSeconds: nowSeconds - (stuckSinceSeconds ?? nowSeconds),
    trouble,
  };
}
