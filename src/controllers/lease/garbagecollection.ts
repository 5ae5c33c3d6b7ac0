import type { ComputeLease, ComputeOffer } from "../../api/types.gen.ts";
import type { Controller } from "../../kube/controller.ts";
import type { Store } from "../../kube/store.ts";
import type { Intent, LedgerOffer } from "../../networks/driver.ts";
import { byNetwork } from "../informers.ts";
import { offerIntentKey, offerIntents } from "../network/intents.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import { specHash } from "../offer/spec-hash.ts";

export interface GarbageDependencies {
  readonly leases: Pick<Store<ComputeLease>, "byIndex">;
  readonly offers: Pick<Store<ComputeOffer>, "byIndex">;
  /** Sums the inventory anew; a drift would be a bug, and this ends it. */
  readonly recount: () => void;
  readonly ledgers: Ledgers;
  readonly intake: Pick<Controller, "enqueue">;
  readonly lifecycle: Pick<Controller, "enqueue">;
}

const PERIOD_SECONDS = 120;
/** In whose name listings are closed that no ComputeOffer stands for. */
const NOBODY = "";

/**
 * lease.garbagecollection: compares network and cluster in both directions, whatever was or was not noticed before. What the
 * network has and the cluster lacks is looked at again by intake, and the other way round; it decides nothing by itself.
 */
export async function collectGarbage(
  { leases, offers, recount, ledgers, intake, lifecycle }: GarbageDependencies,
  network: string,
): Promise<{ requeueAfterSeconds: number }> {
  const ledger = ledgers.get(network);
  const head = ledger?.head;
  if (ledger === undefined || head === undefined || !ledger.hasSynced()) return { requeueAfterSeconds: PERIOD_SECONDS };
  for (const entry of head.leases.values()) if (entry.state === "Active") intake.enqueue(`${network}/${entry.id}`);
  for (const lease of leases.byIndex(byNetwork, network)) lifecycle.enqueue(lease.metadata.name ?? "");
  closeStrangers(offers, ledger, [...head.offers.values()]);
  recount();
  return { requeueAfterSeconds: PERIOD_SECONDS };
}

/** Listings of this provider that no ComputeOffer stands for (it was removed by force): nobody would serve a sale. */
function closeStrangers(offers: GarbageDependencies["offers"], ledger: Ledger, listed: readonly LedgerOffer[]): void {
  const known = new Set(offers.byIndex(byNetwork, ledger.network).map(specHash));
  const strangers = listed.filter((offer) => offer.isOpen && !known.has(offer.terms.specHash));
  const wishes = new Map(
    strangers.map(({ id: offerId, leasedUnits: capacityUnits }) => {
      const intent: Intent = { kind: "SetCapacity", offerId, capacityUnits, isOpen: false };
      return [offerIntentKey(NOBODY, intent), intent];
    }),
  );
  for (const [key, intent] of wishes) ledger.submit(key, intent);
  ledger.withdraw(offerIntents(NOBODY), new Set(wishes.keys())); // its ComputeOffer may be back
}
