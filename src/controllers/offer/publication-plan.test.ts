import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerOffer, offerTerms } from "../../../test/support/controllers/ledger.ts";
import type { Intent, LedgerOffer, OfferTerms } from "../../networks/driver.ts";
import { type PublicationInput, planPublication } from "./publication-plan.ts";

const terms = offerTerms();
const older = offerTerms({ pricePerUnitHour: 1n });

function input(changes: Partial<PublicationInput> = {}): PublicationInput {
  return {
    terms,
    listed: [],
    freeUnits: 8,
    maxUnits: 16,
    isPaused: false,
    isRetiring: false,
    growthSeenForSeconds: 0,
    growthDelaySeconds: 10,
    ...changes,
  };
}

const setCapacity = (offerId: string, capacityUnits: number, isOpen: boolean): Intent => ({
  kind: "SetCapacity",
  offerId,
  capacityUnits,
  isOpen,
});

describe("what to list", () => {
  test.each([
    {
      name: "an offer for the first time",
      given: input(),
      intents: [{ kind: "PublishOffer", terms, capacityUnits: 8 }],
    },
    { name: "nothing while there is no room", given: input({ freeUnits: 0 }), intents: [] },
    { name: "no more than the cap", given: input({ maxUnits: 3 }), intents: [{ capacityUnits: 3 }] },
    { name: "nothing while paused", given: input({ isPaused: true }), intents: [] },
    { name: "nothing when it stands as wanted", given: input({ listed: [ledgerOffer()] }), intents: [] },
    {
      name: "less at once",
      given: input({ listed: [ledgerOffer()], freeUnits: 5 }),
      intents: [setCapacity("1", 5, true)],
    },
    {
      name: "never below what is leased",
      given: input({ listed: [ledgerOffer({ leasedUnits: 6 })], freeUnits: 0 }),
      intents: [setCapacity("1", 6, true)],
    },
    { name: "more only after a while", given: input({ listed: [ledgerOffer()], freeUnits: 12 }), intents: [] },
    {
      name: "more after a while",
      given: input({ listed: [ledgerOffer()], freeUnits: 12, growthSeenForSeconds: 10 }),
      intents: [setCapacity("1", 12, true)],
    },
    {
      name: "one that was closed, without delay",
      given: input({ listed: [ledgerOffer({ isOpen: false, capacityUnits: 0 })] }),
      intents: [setCapacity("1", 8, true)],
    },
    {
      name: "a paused one as closed",
      given: input({ listed: [ledgerOffer({ leasedUnits: 2 })], isPaused: true }),
      intents: [setCapacity("1", 2, false)],
    },
    {
      name: "a retiring one as closed",
      given: input({ listed: [ledgerOffer({ leasedUnits: 2 })], isRetiring: true }),
      intents: [setCapacity("1", 2, false)],
    },
    {
      name: "a closed one no more",
      given: input({ listed: [ledgerOffer({ isOpen: false })], isPaused: true }),
      intents: [],
    },
  ])("$name", ({ given, intents }) => {
    const plan = planPublication(given);
    expect(plan.intents).toHaveLength(intents.length);
    expect(plan.intents).toMatchObject(intents);
  });

  test("a new price is a new listing; live leases keep theirs and count", () => {
    const before = ledgerOffer({ id: "1", terms: older, leasedUnits: 5 });
    const plan = planPublication(input({ listed: [before], freeUnits: 8, maxUnits: 10 }));
    expect(plan.intents).toEqual([
      setCapacity("1", 5, false),
      { kind: "PublishOffer", terms, capacityUnits: 5 }, // 10 at most, 5 of them on the old terms
    ]);
  });

  test("an earlier price is taken up again where it was listed", () => {
    const [first, second] = [ledgerOffer({ id: "1", isOpen: false }), ledgerOffer({ id: "2", terms: older })];
    const plan = planPublication(input({ listed: [first, second] }));
    expect(plan.intents).toEqual([setCapacity("2", 0, false), setCapacity("1", 8, true)]);
  });

  const changes: readonly Partial<OfferTerms>[] = [
    { token: `0x${"33".repeat(20)}` },
    { pricePerUnitHour: 1n },
    { heartbeatWindowSeconds: 1 },
    { minSeconds: 1 },
    { noticeSeconds: 1 },
    { specHash: `0x${"66".repeat(32)}` },
  ];
  test.each(changes.map((change) => ({ name: Object.keys(change).join(), change })))(
    "another $name is another listing",
    ({ change }) => {
      const listed = [ledgerOffer({ terms: offerTerms(change) })];
      expect(planPublication(input({ listed })).current).toBeUndefined();
    },
  );

  test("a token is the same however its address is written", () => {
    const mixed = offerTerms({ token: `0x${"aB".repeat(20)}` });
    const listed = [ledgerOffer({ terms: offerTerms({ token: `0x${"Ab".repeat(20)}` }) })];
    expect(planPublication(input({ listed, terms: mixed })).current?.id).toBe("1");
  });

  test("a growth that waits says for how long", () => {
    const plan = planPublication(input({ listed: [ledgerOffer()], freeUnits: 9, growthSeenForSeconds: 4 }));
    expect(plan.growthInSeconds).toBe(6);
    expect(planPublication(input({ listed: [ledgerOffer()] })).growthInSeconds).toBeUndefined();
  });
});

/** The network after it did what was asked: the contract's rules. */
function applied(listed: readonly LedgerOffer[], intents: readonly Intent[]): readonly LedgerOffer[] {
  const offers = new Map(listed.map((offer) => [offer.id, offer]));
  for (const intent of intents) {
    if (intent.kind === "PublishOffer") {
      const id = String(offers.size + 1);
      offers.set(id, ledgerOffer({ id, terms: intent.terms, capacityUnits: intent.capacityUnits }));
    } else if (intent.kind === "SetCapacity") {
      const offer = offers.get(intent.offerId);
      if (offer === undefined) throw new Error(`there is no listing ${intent.offerId}`);
      if (intent.capacityUnits < offer.leasedUnits) throw new Error("the contract refuses: CapacityBelowLeased");
      offers.set(offer.id, { ...offer, capacityUnits: intent.capacityUnits, isOpen: intent.isOpen });
    }
  }
  return [...offers.values()];
}

describe("for any listings", () => {
  const units = fc.integer({ min: 0, max: 20 });
  const listing = fc
    .record({
      kind: fc.constantFrom(terms, older, offerTerms({ minSeconds: 1 })),
      leased: units,
      more: units,
      isOpen: fc.boolean(),
    })
    .map(({ kind, leased, more, isOpen }) =>
      ledgerOffer({ terms: kind, leasedUnits: leased, capacityUnits: leased + more, isOpen }),
    );
  const anyInput = fc
    .record({
      listed: fc.uniqueArray(listing, { selector: (offer) => offer.terms, maxLength: 3 }),
      freeUnits: units,
      maxUnits: fc.integer({ min: 1, max: 30 }),
      isPaused: fc.boolean(),
      isRetiring: fc.boolean(),
      growthSeenForSeconds: fc.integer({ min: 0, max: 20 }),
    })
    .map(({ listed, ...rest }) =>
      input({ ...rest, listed: listed.map((offer, i) => ({ ...offer, id: String(i + 1) })) }),
    );
  const forAny = (holds: (given: PublicationInput, after: readonly LedgerOffer[]) => void): void =>
    fc.assert(
      fc.property(anyInput, (given) => {
        holds(given, applied(given.listed, planPublication(given).intents));
      }),
      { numRuns: 500 },
    );

  test("what is done needs no doing: the plan afterwards is empty", () => {
    forAny((given, listed) => {
      const waits = planPublication(given).growthInSeconds;
      const again = planPublication({ ...given, listed });
      expect(again.intents).toEqual([]);
      expect(again.growthInSeconds).toBe(waits);
    });
  });

  test("no more can be sold than is free and within the cap", () => {
    forAny((given, listed) => {
      const leased = given.listed.reduce((sum, offer) => sum + offer.leasedUnits, 0);
      const room = Math.min(given.freeUnits, Math.max(0, given.maxUnits - leased));
      const sellable = listed
        .filter((offer) => offer.isOpen)
        .reduce((sum, offer) => sum + offer.capacityUnits - offer.leasedUnits, 0);
      expect(sellable).toBeLessThanOrEqual(room);
    });
  });

  test("at most one listing is open, under today's terms; none while paused or retiring", () => {
    forAny((given, listed) => {
      const open = listed.filter((offer) => offer.isOpen);
      expect(open.length).toBeLessThanOrEqual(given.isPaused || given.isRetiring ? 0 : 1);
      for (const offer of open) expect(offer.terms).toBe(terms);
    });
  });

  test("only growth waits, and once it has waited all is listed", () => {
    forAny((given) => {
      const { current, capacityUnits, growthInSeconds } = planPublication(given);
      if (growthInSeconds !== undefined) expect(capacityUnits).toBeGreaterThan(current?.capacityUnits ?? 0);
      const patient = { ...given, growthSeenForSeconds: given.growthDelaySeconds };
      expect(planPublication(patient).growthInSeconds).toBeUndefined();
    });
  });
});
