import type { Result } from "../../kube/controller.ts";
import { byNetwork, type Informers } from "../informers.ts";
import { heartbeatIntents } from "../network/intents.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import { type MeteredLease, planHeartbeats } from "./heartbeats.ts";
import { meteringOf } from "./status.ts";
import { entriesOf } from "./succession.ts";

export interface HeartbeatDependencies {
  readonly informers: Informers;
  readonly ledgers: Ledgers;
}

/** lease.metering: one schedule a network, so that leases share the cost of saying that they are served. */
export async function reconcileHeartbeats(
  { informers, ledgers }: HeartbeatDependencies,
  network: string,
): Promise<Result | undefined> {
  const ledger = ledgers.get(network);
  if (ledger === undefined || !ledger.hasSynced()) return undefined;
  const metered = meteredLeases(informers, ledger);
  const plan = planHeartbeats(metered, ledger.nowSeconds());
  const keys = new Set<string>();
  for (const { leaseId, servedSeconds } of plan.heartbeats) {
    const key = `${heartbeatIntents}${leaseId}`;
    keys.add(key);
    ledger.submit(key, { kind: "Heartbeat", leaseId, servedSeconds });
  }
  ledger.withdraw(heartbeatIntents, keys);
  return plan.nextInSeconds === undefined ? undefined : { requeueAfterSeconds: Math.max(1, plan.nextInSeconds) };
}

function meteredLeases(informers: Informers, ledger: Ledger): readonly MeteredLease[] {
  return informers.leases.store.byIndex(byNetwork, ledger.network).flatMap((lease): MeteredLease[] => {
    const { head: entry } = entriesOf(lease, ledger);
    const metering = meteringOf(lease);
    // A record that the newest heartbeat has overtaken is first brought up to date by the lease's own pass.
    const isCurrent = metering?.heartbeatSeconds === entry?.lastHeartbeatSeconds;
    if (entry?.state !== "Active" || metering === undefined || !isCurrent) return [];
    return [
      {
        leaseId: entry.id,
        metering,
        windowSeconds: entry.heartbeatWindowSeconds,
        fundedSeconds: entry.fundedSeconds,
        isUrgent: lease.status?.suspension !== undefined,
      },
    ];
  });
}
