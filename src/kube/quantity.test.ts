import fc from "fast-check";
import { expect, test } from "vitest";
import { sameQuantity } from "./quantity.ts";

test.each([
  ["1", "1000m", true],
  ["0.5", "500m", true],
  ["1Gi", "1024Mi", true],
  ["1G", "1000M", true],
  ["1G", "1Gi", false],
  ["0.1", "100m", true],
  ["1.", "1", true],
  ["2", "3", false],
  ["abc", "abc", true],
  ["abc", "1", false],
  ["1Kx", "1K", false],
  ["9007199254740993", "9007199254740992", false],
])("%s and %s: %s", (a, b, same) => {
  expect(sameQuantity(a, b)).toBe(same);
  expect(sameQuantity(b, a)).toBe(same);
});

test("milli-units compare exactly as integers do", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 20n }), (a, b) => {
      expect(sameQuantity(`${a}`, `${a * 1000n}m`)).toBe(true);
      expect(sameQuantity(`${a}`, `${b * 1000n}m`)).toBe(a === b);
    }),
  );
});
