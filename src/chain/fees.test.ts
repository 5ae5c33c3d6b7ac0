import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bumpedFees, cappedFees, marketFees, offersEnough } from "./fees.ts";

const wei = fc.bigInt({ min: 0n, max: 10n ** 15n });
const history = fc.record({ nextBaseFeePerGasWei: wei, medianTipsWei: fc.array(wei, { maxLength: 7 }) });
const fees = fc
  .tuple(wei, wei, fc.boolean())
  .map(([tip, room, isRefused]) => ({ maxFeePerGasWei: tip + room, maxPriorityFeePerGasWei: tip, isRefused }));

describe("market fees", () => {
  test("are twice the base fee and the median tip", () => {
    const asked = marketFees({ nextBaseFeePerGasWei: 100n, medianTipsWei: [9n, 1n, 5n] }, {});
    expect(asked).toEqual({ maxFeePerGasWei: 205n, maxPriorityFeePerGasWei: 5n });
  });

  test("tip the floor when nobody tips", () => {
    const empty = { nextBaseFeePerGasWei: 7n, medianTipsWei: [] };
    expect(marketFees(empty, {}).maxPriorityFeePerGasWei).toBe(1n);
    expect(marketFees(empty, { minTipWei: 50n })).toEqual({ maxFeePerGasWei: 64n, maxPriorityFeePerGasWei: 50n });
  });
});

describe("capped fees", () => {
  const chain = { nextBaseFeePerGasWei: 100n, medianTipsWei: [5n] };
  const asked = marketFees(chain, {});

  test("stay as they are under the ceiling, and without one", () => {
    expect(cappedFees(asked, chain, {})).toBe(asked);
    expect(cappedFees(asked, chain, { maxFeePerGasWei: 205n })).toBe(asked);
  });

  test("give up room for the base fee to grow, but nothing that the next block asks", () => {
    expect(cappedFees(asked, chain, { maxFeePerGasWei: 105n })).toEqual({ ...asked, maxFeePerGasWei: 105n });
    expect(cappedFees(asked, chain, { maxFeePerGasWei: 104n })).toBeUndefined();
  });
});

describe("bumped fees", () => {
  test("rise by an eighth in both fields, whatever the market, and the tip never passes the fee", () => {
    fc.assert(
      fc.property(fees, history, (previous, chain) => {
        const bumped = bumpedFees(previous, marketFees(chain, {}), {});
        if (bumped === undefined) throw new Error("without a ceiling there is always room");
        expect(bumped.maxFeePerGasWei * 8n).toBeGreaterThan(previous.maxFeePerGasWei * 9n);
        expect(bumped.maxPriorityFeePerGasWei * 8n).toBeGreaterThan(previous.maxPriorityFeePerGasWei * 9n);
        expect(bumped.maxFeePerGasWei).toBeGreaterThanOrEqual(bumped.maxPriorityFeePerGasWei);
        expect(bumped.maxFeePerGasWei).toBeGreaterThanOrEqual(marketFees(chain, {}).maxFeePerGasWei);
      }),
    );
  });

  test("reach the tip that a node asks for within a few refusals, without offering more in all", () => {
    const market = { maxFeePerGasWei: 10n ** 9n, maxPriorityFeePerGasWei: 1n };
    let offer = { ...market, isRefused: true };
    let versions = 0;
    for (; offer.maxPriorityFeePerGasWei < 2n * 10n ** 9n; versions += 1) {
      const bumped = bumpedFees(offer, market, {});
      expect(bumped?.maxFeePerGasWei).toBe(bumpedFees({ ...offer, isRefused: false }, market, {})?.maxFeePerGasWei);
      offer = { ...offer, ...bumped };
    }
    expect(versions).toBeLessThan(13);
  });

  test("keep under the ceiling, or are none", () => {
    fc.assert(
      fc.property(fees, history, wei, (previous, chain, ceiling) => {
        const bumped = bumpedFees(previous, marketFees(chain, {}), { maxFeePerGasWei: ceiling });
        if (bumped === undefined) {
          expect(previous.maxFeePerGasWei * 9n + 16n).toBeGreaterThan(ceiling * 8n);
          return;
        }
        expect(bumped.maxFeePerGasWei).toBeLessThanOrEqual(ceiling);
        expect(bumped.maxFeePerGasWei * 8n).toBeGreaterThan(previous.maxFeePerGasWei * 9n);
        expect(bumped.maxPriorityFeePerGasWei * 8n).toBeGreaterThan(previous.maxPriorityFeePerGasWei * 9n);
      }),
    );
  });
});

describe("enough is offered", () => {
  const market = { maxFeePerGasWei: 100n, maxPriorityFeePerGasWei: 2n };

  test.each([
    ["by what the market asks", 100n, false],
    ["by a wei less than five times that", 499n, false],
    ["by five times that", 500n, true],
  ] as const)("%s", (_what, maxFeePerGasWei, expected) => {
    expect(offersEnough({ maxFeePerGasWei, maxPriorityFeePerGasWei: 2n }, market)).toBe(expected);
  });

  test("after so few bumps that the last pays at most six times the market's price", () => {
    fc.assert(
      fc.property(history, fc.boolean(), (chain, isRefused) => {
        const asked = marketFees(chain, {});
        let offered = asked;
        let bumps = 0;
        while (!offersEnough(offered, asked)) {
          const next = bumpedFees({ ...offered, isRefused }, asked, {});
          if (next === undefined) throw new Error("without a ceiling there is always room");
          [offered, bumps] = [next, bumps + 1];
        }
        expect(bumps).toBeLessThan(16);
        expect(offered.maxFeePerGasWei).toBeLessThanOrEqual(6n * asked.maxFeePerGasWei + 2n);
      }),
    );
  });
});
