import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ledgerOffer, offerTerms } from "../../../test/support/controllers/ledger.ts";
import type { Shape } from "../../inventory/shape.ts";
import { type Demand, divide } from "../../inventory/shares.ts";
import type { Intent, LedgerOffer, Listed } from "../../networks/driver.ts";
import { type ListableInput, listable } from "./listable.ts";

const GPUS = 8;
const shape: Shape = {
  requests: new Map([["gpu", 1n]]),
  nodeSelector: {},
  affinity: [],
  tolerations: [],
  strategy: "Pack",
};
const room = { allocatable: new Map([["gpu", BigInt(GPUS)]]), accepts: () => true };
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

/** What is leased has its place in the room. Where nothing is told of it, all has been final for long. */
function input(
  listed: readonly LedgerOffer[],
  wishes: readonly [string, Intent][],
  writtenAt?: bigint,
  isRecent = (): boolean => false,
): ListableInput {
  const free = (name: string): number =>
    listed
      .filter(({ id, isOpen }) => id === name && isOpen)
      .reduce((sum, o) => sum + o.capacityUnits - o.leasedUnits, 0);
  const leased = BigInt(listed.reduce((sum, { leasedUnits }) => sum + leasedUnits, 0));
  const claims: Demand[] = names.map((name) => ({ name, shape, limit: free(name) }));
  return {
    wishes: new Map(wishes),
    head: {
      point: { number: 10n, hash: "0x", timestampSeconds: 0 },
      offers: new Map(listed.map((offer) => [offer.id, offer])),
    },
    isRecent,
    writtenAt,
    claims,
    nameOf: (hash) => names.find((name) => name === hash),
    inventory: {
      meet: () => true,
      shares: (demands) => divide([{ ...room, used: new Map([["gpu", leased]]) }], demands),
    },
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

describe("what a growth rests on", () => {
  const besideOf = (given: ListableInput): readonly (readonly Listed[] | undefined)[] =>
    [...listable(given).values()].map((wish) => ("beside" in wish ? wish.beside : undefined));
  const leased = listing("b", 2, { leasedUnits: 2, isOpen: false });
  const ended = listing("b", 2, { isOpen: false });

  it.each<[string, ListableInput, (readonly Listed[] | undefined)[]]>([
    ["others that are for sale", input([listing("a", 3), listing("b", 4)], [set("a", 4)]), [[listed("b", 4, true)]]],
    ["others that are leased and no longer for sale", input([leased], [publish("a", 4)]), [[listed("b", 2, false)]]],
    ["no others that ended and are final", input([ended], [publish("a", 4)]), [[]]],
    [
      "others that ended, as long as a reorganisation may bring them back",
      input([ended], [publish("a", 4)], undefined, () => true),
      [[listed("b", 0, false)]],
    ],
    ["nothing, if it is none", input([listing("a", 3), listing("b", 5)], [set("b", 4)]), [undefined]],
  ])("%s", (_, given, expected) => expect(besideOf(given)).toEqual(expected));

  it("keeps it from selling too much in every history that has some of the transactions, in their order", () => {
    const lease = fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: GPUS }));
    const wish = fc.tuple(fc.constantFrom(...names), fc.nat(GPUS), fc.boolean());
    const turn = fc.record({ leases: fc.array(lease, { maxLength: 2 }), wishes: fc.array(wish, { maxLength: 3 }) });
    const other = fc.record({ leases: fc.array(lease, { maxLength: 3 }), isKept: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(turn, { minLength: 1, maxLength: 6 }),
        fc.array(other, { minLength: 6, maxLength: 6 }),
        (turns, others) => {
          const market = new ModelMarket();
          const sent = turns.map(({ leases, wishes }) => {
            for (const [name, units] of leases) market.lease(name, units);
            const wanted = wishes.map(([name, units, isOpen]) => set(name, units, isOpen));
            const admitted = listable(scattered(market.listings(), wanted));
            market.apply(admitted);
            expect(leasedGpus(market.listings())).toBeLessThanOrEqual(GPUS);
            return admitted;
          });
          const fork = new ModelMarket();
          for (const [i, { leases, isKept }] of others.entries()) {
            if (isKept) fork.apply(sent[i] ?? new Map());
            for (const [name, units] of leases) fork.lease(name, units);
            expect(leasedGpus(fork.listings())).toBeLessThanOrEqual(GPUS);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});

/** A unit of `c` takes two. */
const gpusOf = (name: string): number => (name === "c" ? 2 : 1);

const leasedGpus = (listings: readonly LedgerOffer[]): number =>
  listings.reduce((sum, { id, leasedUnits }) => sum + leasedUnits * gpusOf(id), 0);

/** Nodes of two GPUs each, among which what is leased is scattered, so that little of what is free may do for `c`; nothing is final. */
function scattered(listings: readonly LedgerOffer[], wishes: readonly [string, Intent][]): ListableInput {
  const given = input(listings, wishes, undefined, () => true);
  const nodes = Array.from({ length: GPUS / 2 }, (_, i) => {
    const used = Math.floor((leasedGpus(listings) + i) / (GPUS / 2));
    return { allocatable: new Map([["gpu", 2n]]), used: new Map([["gpu", BigInt(used)]]), accepts: () => true };
  });
  const claims = given.claims.map((claim) => {
    const requests = new Map([["gpu", BigInt(gpusOf(claim.name))]]);
    return { ...claim, shape: { ...shape, requests } };
  });
  return { ...given, claims, inventory: { ...given.inventory, shares: (demands) => divide(nodes, demands) } };
}

const listed = (id: string, capacityUnits: number, isOpen: boolean): Listed => ({ id, capacityUnits, isOpen });

/** Three listings, as the contract keeps them: nothing for sale at first. */
class ModelMarket {
  #listings: ReadonlyMap<string, LedgerOffer> = new Map(
    names.map((name) => [name, listing(name, 0, { isOpen: false })]),
  );

  listings(): readonly LedgerOffer[] {
    return [...this.#listings.values()];
  }

  lease(name: string, units: number): void {
    const one = this.#listings.get(name);
    if (one === undefined || !one.isOpen || units > one.capacityUnits - one.leasedUnits) return;
    this.#listings = new Map(this.#listings).set(name, { ...one, leasedUnits: one.leasedUnits + units });
  }

  /** One transaction: all of it, or nothing. */
  apply(wishes: ReadonlyMap<string, Intent>): void {
    const capacities = [...wishes.values()].filter((wish) => wish.kind === "SetCapacity");
    const growing = capacities.filter((wish) => wish.beside !== undefined);
    const others = capacities.filter((wish) => wish.beside === undefined);
    const steps = [
      ...growing.flatMap((wish) => wish.beside ?? []),
      ...[...growing, ...others].map((wish) => ({ ...wish, id: wish.offerId })),
    ];
    const after = new Map(this.#listings);
    for (const { id, capacityUnits, isOpen } of steps) {
      const one = after.get(id);
      if (one === undefined || capacityUnits < one.leasedUnits) return;
      after.set(id, { ...one, capacityUnits, isOpen });
    }
    this.#listings = after;
  }
}
