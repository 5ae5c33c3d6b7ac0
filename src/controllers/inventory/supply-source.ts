import type { Clock } from "../../kube/clock.ts";
import type { Source } from "../../kube/source.ts";
import type { FedInventory } from "./feed.ts";

/** Pods come and go in bursts: one look a quarter of a second serves all of them. */
const QUIET_MILLISECONDS = 250;

/** Enqueues what `keys` gives, a moment after the inventory changed. */
export function supplySource(supply: FedInventory, clock: Clock, keys: () => readonly string[]): Source {
  return {
    subscribe(enqueue) {
      let isPending = false;
      supply.onChange(() => {
        if (isPending) return;
        isPending = true;
        clock.setTimer(QUIET_MILLISECONDS, () => {
          isPending = false;
          for (const key of keys()) enqueue(key);
        });
      });
    },
    hasSynced: () => supply.hasSynced(),
  };
}
