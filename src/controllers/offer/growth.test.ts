import { describe, expect, test } from "vitest";
import { ledgerOffer } from "../../../test/support/controllers/ledger.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { GrowthWatch } from "./growth.ts";
import type { PublicationPlan } from "./publication-plan.ts";

function plan(listedUnits: number | undefined, capacityUnits: number): PublicationPlan {
  const current = listedUnits === undefined ? undefined : ledgerOffer({ capacityUnits: listedUnits });
  return { intents: [], current, capacityUnits, growthInSeconds: undefined };
}

describe("how long a growth has lasted", () => {
  test("counts from when it was first seen", async () => {
    const clock = new ManualClock();
    const watch = new GrowthWatch(clock);
    expect(watch.seenForSeconds("a", plan(4, 6))).toBe(0);
    await clock.advance(7000);
    expect(watch.seenForSeconds("a", plan(4, 6))).toBe(7);
  });

  test("starts again when the growth changes: a node that flaps never gets through", async () => {
    const clock = new ManualClock();
    const watch = new GrowthWatch(clock);
    for (const units of [6, 8, 6, 8]) {
      expect(watch.seenForSeconds("a", plan(4, units))).toBe(0);
      await clock.advance(9000);
    }
    watch.seenForSeconds("a", plan(4, 4));
    expect(watch.seenForSeconds("a", plan(4, 8))).toBe(0);
  });

  test("is none without growth, or before the offer is listed", async () => {
    const clock = new ManualClock();
    const watch = new GrowthWatch(clock);
    for (const still of [plan(4, 4), plan(4, 2), plan(undefined, 6)]) {
      watch.seenForSeconds("a", still);
      await clock.advance(5000);
      expect(watch.seenForSeconds("a", still)).toBe(0);
    }
  });

  test("is kept for each offer by itself, and forgotten on demand", async () => {
    const clock = new ManualClock();
    const watch = new GrowthWatch(clock);
    watch.seenForSeconds("a", plan(4, 6));
    await clock.advance(3000);
    expect(watch.seenForSeconds("b", plan(4, 6))).toBe(0);
    expect(watch.seenForSeconds("a", plan(4, 6))).toBe(3);
    watch.forget("a");
    expect(watch.seenForSeconds("a", plan(4, 6))).toBe(0);
  });
});
