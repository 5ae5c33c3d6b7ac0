import { describe, expect, test } from "vitest";
import { computeOffer } from "../../../test/support/controllers/objects.ts";
import { gpuOffer } from "../../../test/support/workload/offers.ts";
import type { ComputeOffer } from "../../api/types.gen.ts";
import { specHash, termsOf } from "./spec-hash.ts";

const { unit, terms, price } = gpuOffer();

describe("the hash of what is sold", () => {
  test("is 32 bytes and stays the same over versions: listings on the network carry it", () => {
    expect(specHash(computeOffer())).toMatchInlineSnapshot(
      `"0xde3c726d69707616ad55e073775918f6445bfcc0b57703c50f295f9c04c12ac0"`,
    );
  });

  test("does not depend on the order of fields, nor on how the object was read", () => {
    const reversed = Object.fromEntries(Object.entries(unit).reverse());
    const again: ComputeOffer = computeOffer("h100", { unit: { ...unit, ...reversed } });
    expect(specHash(again)).toBe(specHash(computeOffer()));
    const parsed: ComputeOffer = JSON.parse(JSON.stringify(computeOffer()));
    expect(specHash(parsed)).toBe(specHash(computeOffer()));
  });

  test.each([
    ["name", computeOffer("a100")],
    ["CPU", computeOffer("h100", { unit: { ...unit, cpu: "9" } })],
    ["product", computeOffer("h100", { unit: { ...unit, accelerator: { resource: "a/b", product: "x", count: 1 } } })],
    ["isolation", computeOffer("h100", { isolation: { tier: "Container", runtimeClassName: "kata" } })],
  ])("differs by %s", (_what, other) => {
    expect(specHash(other)).not.toBe(specHash(computeOffer()));
  });

  test.each([
    ["price", computeOffer("h100", { price: { ...price, perUnitHour: "1" } })],
    ["terms", computeOffer("h100", { terms: { ...terms, noticeSeconds: 1 } })],
    ["capacity", computeOffer("h100", { capacity: { maxUnits: 1 } })],
    ["a pause", computeOffer("h100", { paused: true })],
    ["placement", computeOffer("h100", { placement: {} })],
  ])("is not touched by %s", (_what, other) => {
    expect(specHash(other)).toBe(specHash(computeOffer()));
  });
});

test("the terms are those of the spec", () => {
  expect(termsOf(computeOffer())).toEqual({
    token: price.token,
    pricePerUnitHour: 2_500_000n,
    heartbeatWindowSeconds: 7200,
    minSeconds: 600,
    noticeSeconds: 86_400,
    specHash: specHash(computeOffer()),
  });
});
