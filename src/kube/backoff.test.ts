import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff, exponential } from "./backoff.ts";

test("the delay doubles up to its cap", () => {
  const delays = [0, 1, 2, 3, 10, 2000].map((failures) => exponential(0.005, 1000, failures));
  expect(delays).toEqual([0.005, 0.01, 0.02, 0.04, 5.12, 1000]);
});

test("jitter takes a random part of the delay, and a reset begins anew", () => {
  const backoff = new Backoff(0.8, 30, () => 0.5);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.nextSeconds())).toEqual([0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15]);
  backoff.reset();
  expect(backoff.nextSeconds()).toBe(0.4);
});

test("never less than the server asks, never more than the cap otherwise", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ random: fc.double({ min: 0, max: 0.999, noNaN: true }), asked: fc.nat(120) })),
      (steps) => {
        let random = 0;
        const backoff = new Backoff(0.8, 30, () => random);
        for (const step of steps) {
          random = step.random;
          const seconds = backoff.nextSeconds(step.asked);
          expect(seconds).toBeGreaterThanOrEqual(step.asked);
          expect(seconds).toBeLessThanOrEqual(Math.max(30, step.asked));
        }
      },
    ),
  );
});
