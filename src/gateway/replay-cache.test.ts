import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReplayCache } from "./replay-cache.ts";

describe("ReplayCache", () => {
  it("keeps sessions apart", () => {
    const cache = new ReplayCache();
    expect(cache.admit("a", "n", 60, 0)).toBe("fresh");
    expect(cache.admit("b", "n", 60, 0)).toBe("fresh");
    expect(cache.admit("a", "n", 60, 0)).toBe("replayed");
  });

  it("never takes a nonce twice while its timestamp is valid, and stays within its limit", () => {
    const step = fc.record({ nonce: fc.nat(20), wait: fc.nat(40), ahead: fc.integer({ min: 0, max: 120 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = new ReplayCache(10);
        const taken = new Map<string, number>();
        let now = 0;
        for (const { nonce, wait, ahead } of steps) {
          now += wait;
          // One request has one timestamp: the same nonce comes again with the same validity.
          const until = taken.get(String(nonce)) ?? now + ahead;
          if (until < now) taken.delete(String(nonce));
          const validUntil = taken.get(String(nonce)) ?? now + ahead;
          const outcome = cache.admit("s", String(nonce), validUntil, now);
          if (taken.has(String(nonce))) expect(outcome).toBe("replayed");
          if (outcome === "fresh") taken.set(String(nonce), validUntil);
          expect(cache.size).toBeLessThanOrEqual(10);
        }
      }),
    );
  });

  it("forgets in time what can no longer be replayed", () => {
    const cache = new ReplayCache(2);
    cache.admit("s", "1", 60, 0);
    cache.admit("s", "2", 60, 0);
    expect(cache.admit("s", "3", 100, 40)).toBe("full");
    expect(cache.admit("s", "3", 260, 200)).toBe("fresh");
    expect(cache.size).toBe(1);
  });
});
