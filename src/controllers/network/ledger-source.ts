import type { Source } from "../../kube/source.ts";
import type { Ledgers } from "./ledger.ts";

/** One changed entry of one network's ledger. */
export type LedgerChange =
  | { readonly kind: "lease"; readonly network: string; readonly id: string }
  | { readonly kind: "offer"; readonly network: string; readonly id: string }
  /** A transaction that served these wishes was mined: whoever had them wishes anew. */
  | { readonly kind: "written"; readonly network: string; readonly intents: readonly string[] }
  /** The network was connected, lost, or its provider changed: everything of it is to be looked at. */
  | { readonly kind: "network"; readonly network: string };

/** All ledgers together, as something that tells of changes. */
export interface LedgerFeed extends Ledgers {
  onChange(handler: (change: LedgerChange) => void): void;
}

/**
 * The chain as a source beside the informers. It counts as synced from the start: networks come and go at run time, so each
 * reconcile asks the ledger that it reads (law 4).
 */
export function ledgerSource(ledgers: LedgerFeed, map: (change: LedgerChange) => readonly string[]): Source {
  return {
    subscribe(enqueue) {
      ledgers.onChange((change) => {
        for (const key of map(change)) enqueue(key);
      });
    },
    hasSynced: () => true,
  };
}
