import { describe, expect, test } from "vitest";
import { HandLedger, ledgerLease, ledgerOffer, offerTerms } from "../../../test/support/controllers/ledger.ts";
import { computeLease, computeOffer } from "../../../test/support/controllers/objects.ts";
import type { ComputeLease, ComputeOffer } from "../../api/types.gen.ts";
import { IndexedStore } from "../../kube/store.ts";
import { byNetwork } from "../informers.ts";
import { offerIntentKey } from "../network/intents.ts";
import { specHash } from "../offer/spec-hash.ts";
import { collectGarbage } from "./garbagecollection.ts";

const offer = computeOffer("h100", {});
const sold = ledgerOffer({ id: "1", terms: offerTerms({ specHash: specHash(offer) }) });
const stranger = ledgerOffer({ id: "2", leasedUnits: 3, terms: offerTerms({ specHash: `0x${"99".repeat(32)}` }) });

/** One comparison of a ledger with a cluster that has one offer and one lease. */
async function collected(prepare: (ledger: HandLedger) => void = () => undefined) {
  const leases = new IndexedStore<ComputeLease>({ [byNetwork]: ({ spec }) => [spec.networkRef.name] });
  const offers = new IndexedStore<ComputeOffer>({ [byNetwork]: ({ spec }) => [spec.networkRef.name] });
  leases.put(computeLease());
  offers.put(offer);
  const ledger = new HandLedger("market");
  ledger.show([ledgerLease({ id: "41" }), ledgerLease({ id: "42", state: "Closed" })], [sold, stranger], 5n);
  prepare(ledger);
  const [taken, looked]: [string[], string[]] = [[], []];
  let recounts = 0;
  await collectGarbage(
    {
      leases,
      offers,
      recount: () => {
        recounts += 1;
      },
      ledgers: { get: (name) => (name === "market" ? ledger : undefined) },
      intake: { enqueue: (key) => void taken.push(key) },
      lifecycle: { enqueue: (key) => void looked.push(key) },
    },
    "market",
  );
  return { taken, looked, recounts, wishes: [...ledger.wishes.values()] };
}

describe("lease.garbagecollection", () => {
  test("has live leases of the ledger taken in, and all of the cluster's looked at", async () => {
    const { taken, looked, recounts } = await collected();
    expect(taken).toEqual(["market/41"]);
    expect(looked).toEqual([computeLease().metadata.name]);
    expect(recounts).toBe(1);
  });

  test("closes a listing that no ComputeOffer stands for, and leaves its live leases theirs", async () => {
    const { wishes } = await collected();
    expect(wishes).toEqual([{ kind: "SetCapacity", offerId: "2", capacityUnits: 3, isOpen: false }]);
  });

  test("has nothing to say of a listing that is closed already", async () => {
    const closed = { ...stranger, isOpen: false };
    const { wishes } = await collected((ledger) => ledger.show([], [sold, closed], 6n));
    expect(wishes).toEqual([]);
  });

  test("takes the wish back when the ComputeOffer is there again", async () => {
    const intent = { kind: "SetCapacity", offerId: "1", capacityUnits: 0, isOpen: false } as const;
    const { wishes } = await collected((ledger) => {
      ledger.show([], [sold], 6n);
      ledger.submit(offerIntentKey("", intent), intent);
    });
    expect(wishes).toEqual([]);
  });

  test("concludes nothing from a ledger that has not been read (law 4)", async () => {
    const { taken, looked, wishes } = await collected((ledger) => {
      ledger.isSynced = false;
    });
    expect([taken, looked, wishes]).toEqual([[], [], []]);
  });
});
