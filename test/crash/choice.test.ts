import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { all, shareOut, spread } from "./choice.ts";

const counts = fc.integer({ min: 1, max: 600 });

describe("of the writes of a life, to die after", () => {
  it("all are every one", () => {
    expect(all(3)).toEqual([1, 2, 3]);
  });

  it("a spread reaches from the first to the last, and never beyond", () => {
    expect(spread(3)(41)).toEqual([1, 21, 41]);
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 20 }), (count, times) => {
        const chosen = spread(times)(count);
        expect(chosen).toHaveLength(Math.min(count, times));
        expect([chosen.at(0), chosen.at(-1)]).toEqual([1, count]);
        expect(new Set(chosen).size).toBe(chosen.length);
      }),
    );
  });
});

describe("deaths that are shared out over lives", () => {
  it("are far apart in each", () => {
    expect(shareOut(all(6), 2)).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(shareOut(all(2))).toEqual([[1], [2]]);
  });

  it("all come, once each, in no more lives than they need", () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 9 }), (count, most) => {
        const lives = shareOut(all(count), most);
        expect(lives.flat().toSorted((a, b) => a - b)).toEqual(all(count));
        expect(lives).toHaveLength(Math.ceil(count / most));
        expect(Math.max(...lives.map((deaths) => deaths.length))).toBeLessThanOrEqual(most);
      }),
    );
  });
});
