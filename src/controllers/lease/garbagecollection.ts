import type { Controller } from "../../kube/controller.ts";
import type { LedgerOffer } from "../../networks/driver.ts";
import { byNetwork, type Informers } from "../informers.ts";
import type { FedInventory } from "../inventory/feed.ts";
import { offerIntentKey } from "../network/intents.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import { specHash } from "../offer/spec-hash.ts";

export interface GarbageDependencies {
  readonly informers: Informers;
  readonly supply: FedInventory;
  readonly ledgers: Ledgers;
  readonly intake: Pick<Controller, "enqueue">;
  readonly leases: Pick<Controller, "enqueue">;
}

const PERIOD_SECONDS = 120;

/**
 * lease.garbagecollection: compares network and cluster in both directions, whatever was or was not noticed before. What the
 * network has and the cluster lacks is looked at again by intake, and the other way round; it decides nothing by itself.
 */
export async function collectGarbage(
  { informers, supply, ledgers, intake, leases }: GarbageDependencies,
  network: string,
): Promise<{ requeueAfterSeconds: number }> {
  const ledger = ledgers.get(network);
  const head = ledger?.head;
  if (ledger === undefined || head === undefined || !ledger.hasSynced()) return { requeueAfterSeconds: PERIOD_SECONDS };
  for (const entry of head.leases.values()) if (entry.state === "Active") intake.enqueue(`${network}/${entry.id}`);
  for (const lease of informers.leases.store.byIndex(byNetwork, network)) leases.enqueue(lease.metadata.name ?? "");
  closeStrangers(informers, ledger, [...head.offers.values()]);
  supply.inventory.recompute();
  return { requeueAfterSeconds: PERIOD_SECONDS };
}

/** Listings of this provider that no ComputeOffer stands for (it was removed by force): nobody would serve a sale. */
function closeStrangers(informers: Informers, ledger: Ledger, listed: readonly LedgerOffer[]): void {
  const known = new Set(informers.offers.store.byIndex(byNetwork, ledger.network).map(specHash));
  for (const offer of listed) {
    if (!offer.isOpen || known.has(offer.terms.specHash)) continue;
    const intent = { kind: "SetCapacity", offerId: offer.id, capacityUnits: offer.leasedUnits, isOpen: false } as const;
    ledger.submit(offerIntentKey("", intent), intent);
  }
}
