import type { Clock } from "../../kube/clock.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { FedInventory } from "../inventory/feed.ts";
import { reportBusiness } from "./business.ts";
import type { Caches } from "./caches.ts";
import { reportConditions } from "./conditions.ts";
import { type LiveNetworks, reportNetworks } from "./networks.ts";
import { reportSettlement } from "./settlement.ts";
import { reportSupply } from "./supply.ts";
import { reportWaiting } from "./waiting.ts";

/** Everything that is read off caches and connections for metrics. Call the result whenever Prometheus asks. */
export function createReports(
  informers: Caches,
  { connections, supply }: { readonly connections: LiveNetworks; readonly supply: FedInventory },
  metrics: Metrics,
  clock: Clock,
): () => void {
  reportConditions(informers, metrics.conditions);
  const reports = [
    reportBusiness(informers, metrics.business),
    reportNetworks(informers, connections, metrics.networks, clock),
    reportWaiting(informers, metrics.service, clock),
    reportSettlement(informers, metrics.service),
    reportSupply(informers, supply, metrics.service),
  ];
  return () => {
    for (const report of reports) report();
  };
}
