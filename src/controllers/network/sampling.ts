import type { Clock } from "../../kube/clock.ts";
import type { NetworkMetrics } from "../../telemetry/chain-metrics.ts";
import type { Connections } from "./connections.ts";

/** How far each network has been read, whenever Prometheus asks. The lag is by the local clock. */
export function sampleNetworks(connections: Connections, metrics: Pick<NetworkMetrics, "point">, clock: Clock): void {
  for (const [name, { network }] of connections.live()) {
    for (const tier of ["head", "final"] as const) {
      const point = network.ledger[tier]?.point;
      if (point === undefined) continue;
      metrics.point(name, tier, point.number, Math.max(0, clock.now() / 1000 - point.timestampSeconds));
    }
  }
}
