import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "./random.ts";

describe("Random", () => {
  test("gives the same numbers for the same seed, and others for another", () => {
    const numbers = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        expect(numbers(seed)).toEqual(numbers(seed));
        expect(numbers(seed)).not.toEqual(numbers(seed ^ 1));
      }),
    );
  });

  test("stays within what is asked for and reaches all of it", () => {
    const random = new Random(7);
    const rolled = new Set(Array.from({ length: 200 }, () => random.integer(1, 6)));
    expect([...rolled].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const picked = new Set(Array.from({ length: 100 }, () => random.pick(["a", "b", "c"])));
    expect([...picked].sort()).toEqual(["a", "b", "c"]);
    const heads = Array.from({ length: 1000 }, () => random.chance(0.25)).filter(Boolean).length;
    expect(heads).toBeGreaterThan(180);
    expect(heads).toBeLessThan(320);
  });
});
