import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("a bucket gives its burst, then one token each refill, and never more than the burst", () => {
  const bucket = new TokenBucket(2, 1000, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(999), bucket.take(1000), bucket.take(1000)]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect([1, 2, 3].map(() => bucket.take(1_000_000))).toEqual([true, true, false]);
});
