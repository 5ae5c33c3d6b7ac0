import { expect, test } from "vitest";
import { offerTerms } from "../../../test/support/controllers/ledger.ts";
import {
  heartbeatIntents,
  leaseIntentKey,
  leaseIntents,
  leaseOfIntent,
  offerIntentKey,
  offerIntents,
} from "./intents.ts";

test("a lease's wishes are one of a kind, below its own name", () => {
  expect(leaseIntentKey("7", "Settle")).not.toBe(leaseIntentKey("7", "Close"));
  expect(leaseIntentKey("7", "Settle")).not.toBe(leaseIntentKey("77", "Settle"));
  expect(leaseIntentKey("7", "Settle").startsWith(leaseIntents("7"))).toBe(true);
  expect(leaseIntentKey("77", "Settle").startsWith(leaseIntents("7"))).toBe(false);
});

test("an offer's wishes are one a listing", () => {
  const publish = { kind: "PublishOffer", terms: offerTerms(), capacityUnits: 1 } as const;
  const capacity = (offerId: string) => ({ kind: "SetCapacity", offerId, capacityUnits: 1, isOpen: true }) as const;
  const keys = [publish, capacity("1"), capacity("2")].map((intent) => offerIntentKey("h100", intent));
  expect(new Set(keys).size).toBe(3);
  for (const key of keys) expect(key.startsWith(offerIntents("h100"))).toBe(true);
  expect(offerIntentKey("h100-mig", publish).startsWith(offerIntents("h100"))).toBe(false);
});

test("to take back all of one kind never takes another's", () => {
  const prefixes = [leaseIntents("7"), offerIntents("h100"), heartbeatIntents];
  for (const one of prefixes) {
    for (const other of prefixes) if (one !== other) expect(one.startsWith(other)).toBe(false);
  }
});

test("a wish's name tells its lease", () => {
  expect(leaseOfIntent(leaseIntentKey("77", "Close"))).toBe("77");
  expect(leaseOfIntent(`${heartbeatIntents}7`)).toBeUndefined();
  expect(leaseOfIntent(`${offerIntents("lease")}1`)).toBeUndefined();
});
