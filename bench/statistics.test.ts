import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { percentile, summarize } from "./statistics.ts";

const some = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 });

describe("percentile", () => {
  it.each([
    [[5], 0.5, 5],
    [[3, 1, 2], 0.5, 2],
    [[4, 3, 2, 1], 0.5, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99, 10],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
    [[7, 8], 0, 7],
  ])("of %j at %d is %d", (values, p, expected) => {
    expect(percentile(values, p)).toBe(expected);
  });

  it("is a measured value with at least its share of the values at or below it", () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        const found = percentile(values, p);
        expect(values).toContain(found);
        expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(p * values.length);
      }),
    );
  });

  it("of nothing is refused", () => {
    expect(() => percentile([], 0.5)).toThrow("at least one value");
  });
});

describe("summarize", () => {
  it.each([
    [[2], { median: 2, min: 2, max: 2 }],
    [[3, 1, 2], { median: 2, min: 1, max: 3 }],
    [[4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
  ])("of %j is %j", (values, expected) => {
    expect(summarize(values)).toEqual(expected);
  });

  it("does not depend on the order, and leaves the values as they are", () => {
    fc.assert(
      fc.property(some, (values) => {
        const before = [...values];
        expect(summarize(values)).toEqual(summarize([...values].reverse()));
        expect(values).toEqual(before);
      }),
    );
  });

  it("of nothing is refused", () => {
    expect(() => summarize([])).toThrow("at least one value");
  });
});
