import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ledgerOffer, offerTerms } from "../../../test/support/controllers/ledger.ts";
import type { Shape } from "../../inventory/shape.ts";
import { type Demand, divide } from "../../inventory/shares.ts";
import type { Intent, LedgerOffer } from "../../networks/driver.ts";
import { type ListableInput, listable } from "./listable.ts";

const GPUS = 8;
const shape: Shape = {
  requests: new Map([["gpu", 1n]]),
  nodeSelector: {},
  affinity: [],
  tolerations: [],
  strategy: "Pack",
};
const room = { allocatable: new Map([["gpu", BigInt(GPUS)]]), used: new Map(), accepts: () => true };
const names = ["a", "b", "c"] as const;

/** A listing of offer `name`, whose id is its name; what is not leased of it is for sale. */
function listing(name: string, capacityUnits: number, changes: Partial<LedgerOffer> = {}): LedgerOffer {
  return ledgerOffer({ id: name, terms: offerTerms({ specHash: name }), capacityUnits, isOpen: true, ...changes });
}

const set = (name: string, capacityUnits: number, isOpen = true): [string, Intent] => [
  `offer/${name}/${name}`,
  { kind: "SetCapacity", offerId: name, capacityUnits, isOpen },
];
const publish = (name: string, capacityUnits: number): [string, Intent] => [
  `offer/${name}/PublishOffer`,
  { kind: "PublishOffer", terms: offerTerms({ specHash: name, pricePerUnitHour: 7n }), capacityUnits },
];

function input(listed: readonly LedgerOffer[], wishes: readonly [string, Intent][], writtenAt?: bigint): ListableInput {
  const free = (name: string): number =>
    listed
      .filter(({ id, isOpen }) => id === name && isOpen)
      .reduce((sum, o) => sum + o.capacityUnits - o.leasedUnits, 0);
  const claims: Demand[] = names.map((name) => ({ name, shape, limit: free(name) }));
  return {
    wishes: new Map(wishes),
    head: {
      point: { number: 10n, hash: "0x", timestampSeconds: 0 },
      offers: new Map(listed.map((offer) => [offer.id, offer])),
    },
    writtenAt,
    claims,
    nameOf: (hash) => names.find((name) => name === hash),
    inventory: { shares: (demands) => divide([room], demands) },
  };
}

describe("what may be listed now", () => {
  it.each<[string, ListableInput, string[]]>([
    ["a first listing in an empty cluster", input([], [publish("a", 8)]), ["offer/a/PublishOffer"]],
    ["a growth into free room", input([listing("a", 3)], [set("a", 8)]), ["offer/a/a"]],
    ["no growth into what another lists", input([listing("a", 3), listing("b", 5)], [set("a", 4)]), []],
    [
      "no growth into what another gives up in the same breath: the network may refuse that",
      input([listing("a", 3), listing("b", 5)], [set("b", 4), set("a", 4)]),
      ["offer/b/b"],
    ],
    [
      "of two growths that were derived apart, the first",
      input([listing("a", 3), listing("b", 3)], [set("a", 5), set("b", 5)]),
      ["offer/a/a"],
    ],
    [
      "no new terms before the old ones are closed, if there is no room for both",
      input([listing("a", 5)], [set("a", 0, false), publish("a", 5)]),
      ["offer/a/a"],
    ],
    ["no growth by a view that lacks the last transaction", input([listing("a", 3)], [set("a", 8)], 11n), []],
    ["a growth by a view that has it", input([listing("a", 3)], [set("a", 8)], 10n), ["offer/a/a"]],
    [
      "less, and the end of a sale, always",
      input([listing("a", 8), listing("b", 8)], [set("a", 7), set("b", 0, false)], 11n),
      ["offer/a/a", "offer/b/b"],
    ],
    ["nothing of an offer that is gone", input([], [publish("z", 1)]), []],
    [
      "whatever is not about listings",
      input([], [["lease/1/Settle", { kind: "Settle", leaseId: "1" }]], 11n),
      ["lease/1/Settle"],
    ],
  ])("%s", (_, given, admitted) => expect([...listable(given).keys()]).toEqual(admitted));

  it("never adds up to more than there is, whatever of it the network takes, and in whatever order", () => {
    const units = fc.nat(GPUS + 2);
    const wish = fc.oneof(
      fc.tuple(fc.constantFrom(...names), units, fc.boolean()).map(([name, n, isOpen]) => set(name, n, isOpen)),
      fc.tuple(fc.constantFrom(...names), units).map(([name, n]) => publish(name, n)),
    );
    const listed = fc
      .tuple(fc.nat(4), fc.nat(2), fc.nat(2))
      .map((all) => all.map((n, i) => listing(names[i] ?? "", n)));
    fc.assert(
      fc.property(
        listed,
        fc.array(wish, { maxLength: 6 }),
        fc.infiniteStream(fc.boolean()),
        (before, wishes, taken) => {
          const after = new Map(before.map((offer) => [offer.id, offer.isOpen ? offer.capacityUnits : 0]));
          for (const [key, one] of listable(input(before, wishes))) {
            if (taken.next().value !== true) continue;
            if (one.kind === "PublishOffer") after.set(key, one.capacityUnits);
            else if (one.kind === "SetCapacity") after.set(one.offerId, one.isOpen ? one.capacityUnits : 0);
          }
          expect([...after.values()].reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(GPUS);
        },
      ),
    );
  });
});
