import { describe, expect, it } from "vitest";
import { suggest } from "./suggest.ts";

const known = ["name", "image", "replicas", "accelerators", "cpu"];

describe("suggest", () => {
  it.each([
    ["replica", "replicas"],
    ["Image", "image"],
    ["acelerator", "accelerators"],
    ["gpus", "accelerators"],
    ["nmae", undefined],
    ["nam", "name"],
    ["privileged", undefined],
    ["", undefined],
    ["i".repeat(100), undefined],
  ])("takes %s for %s", (word, meant) => {
    expect(suggest(word, known)).toBe(meant);
  });

  it("offers a synonym only where the field exists", () => {
    expect(suggest("gpu", ["name", "image"])).toBeUndefined();
  });
});
