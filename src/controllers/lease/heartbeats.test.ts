import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MeteredLease, planHeartbeats } from "./heartbeats.ts";

const now = 10_000;

/** A lease that was billed before and has served since `sinceHeartbeat` seconds ago. */
function serving(leaseId: string, sinceHeartbeat: number, changes: Partial<MeteredLease> = {}): MeteredLease {
  const since = now - sinceHeartbeat;
  return {
    leaseId,
    metering: { heartbeatSeconds: since, billedSeconds: 100, servedSeconds: 0, sinceSeconds: since, accruing: true },
    windowSeconds: 300,
    fundedSeconds: 100_000,
    isUrgent: false,
    ...changes,
  };
}

function resting(leaseId: string, servedSeconds: number, changes: Partial<MeteredLease> = {}): MeteredLease {
  const lease = serving(leaseId, 200, changes);
  return { ...lease, metering: { ...lease.metering, servedSeconds, accruing: false } };
}

describe("the schedule", () => {
  test("beats after a third of the window, and says when the next falls due", () => {
    expect(planHeartbeats([serving("1", 99)], now)).toEqual({ heartbeats: [], nextInSeconds: 1 });
    expect(planHeartbeats([serving("1", 100)], now).heartbeats).toEqual([{ leaseId: "1", servedSeconds: 100 }]);
  });

  test("makes a claim anew while it waits for its transaction, so that an outage of the endpoints costs no seconds", () => {
    expect(planHeartbeats([serving("1", 100)], now).nextInSeconds).toBe(5);
    expect(planHeartbeats([serving("1", 105)], now).heartbeats).toEqual([{ leaseId: "1", servedSeconds: 105 }]);
  });

  test("takes along whatever has something to say once one is due", () => {
    const plan = planHeartbeats([serving("1", 120), serving("2", 5), serving("3", 0), resting("4", 0)], now);
    expect(plan.heartbeats).toEqual([
      { leaseId: "1", servedSeconds: 120 },
      { leaseId: "2", servedSeconds: 5 },
    ]);
  });

  test("activates a lease with its first second", () => {
    const fresh = serving("1", 1);
    const unbilled = { ...fresh, metering: { ...fresh.metering, billedSeconds: 0 } };
    expect(planHeartbeats([unbilled], now).heartbeats).toEqual([{ leaseId: "1", servedSeconds: 1 }]);
  });

  test("gives a lease that is about to end its last word at once", () => {
    expect(planHeartbeats([resting("1", 7, { isUrgent: true })], now).heartbeats).toEqual([
      { leaseId: "1", servedSeconds: 7 },
    ]);
  });

  test("bills what was served before the lease came to rest, in its time", () => {
    expect(planHeartbeats([resting("1", 7)], now).heartbeats).toEqual([{ leaseId: "1", servedSeconds: 7 }]);
  });

  test("looks again in a second when a lease has just begun to accrue", () => {
    expect(planHeartbeats([serving("1", 0)], now)).toEqual({ heartbeats: [], nextInSeconds: 1 });
  });

  test("asks for nothing while nothing accrues or all is billed", () => {
    const spent = serving("1", 250, { fundedSeconds: 100 });
    expect(planHeartbeats([spent, resting("2", 0)], now)).toEqual({ heartbeats: [], nextInSeconds: undefined });
    expect(planHeartbeats([], now)).toEqual({ heartbeats: [], nextInSeconds: undefined });
  });
});

describe("for any leases", () => {
  const lease: fc.Arbitrary<MeteredLease> = fc
    .record({
      leaseId: fc.integer({ min: 1, max: 50 }).map(String),
      heartbeatAgo: fc.integer({ min: 0, max: 1000 }),
      servedSeconds: fc.integer({ min: 0, max: 500 }),
      sinceAgo: fc.integer({ min: -50, max: 500 }),
      billedSeconds: fc.integer({ min: 0, max: 1000 }),
      accruing: fc.boolean(),
      windowSeconds: fc.integer({ min: 1, max: 600 }),
      runway: fc.integer({ min: 0, max: 500 }),
      isUrgent: fc.boolean(),
    })
    .map(({ leaseId, heartbeatAgo, sinceAgo, runway, windowSeconds, isUrgent, ...rest }) => ({
      leaseId,
      windowSeconds,
      isUrgent,
      fundedSeconds: rest.billedSeconds + runway,
      metering: { ...rest, heartbeatSeconds: now - heartbeatAgo, sinceSeconds: now - sinceAgo },
    }));
  const leases = fc.uniqueArray(lease, { selector: (one) => one.leaseId, maxLength: 12 });

  test("a claim is a whole second or more, within window and deposit", () => {
    fc.assert(
      fc.property(leases, (all) => {
        for (const { leaseId, servedSeconds } of planHeartbeats(all, now).heartbeats) {
          const one = all.find((other) => other.leaseId === leaseId);
          if (one === undefined) throw new Error(`nobody asked for lease ${leaseId}`);
          expect(servedSeconds).toBeGreaterThanOrEqual(1);
          expect(servedSeconds).toBeLessThanOrEqual(one.windowSeconds);
          expect(servedSeconds).toBeLessThanOrEqual(one.fundedSeconds - one.metering.billedSeconds);
        }
      }),
    );
  });

  test("one that accrues and has funds is beaten now or looked at before its window ends", () => {
    fc.assert(
      fc.property(leases, (all) => {
        const { heartbeats, nextInSeconds } = planHeartbeats(all, now);
        for (const { leaseId, metering, fundedSeconds, windowSeconds } of all) {
          if (!metering.accruing || fundedSeconds <= metering.billedSeconds) continue;
          if (heartbeats.some((beat) => beat.leaseId === leaseId)) continue;
          expect(nextInSeconds).toBeLessThanOrEqual(Math.max(1, windowSeconds));
        }
        if (nextInSeconds !== undefined) expect(nextInSeconds).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
