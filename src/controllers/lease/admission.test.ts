import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AdmissionInput, decideAdmission, type Placement } from "./admission.ts";

const held = { node: "gpu-a", units: 2, timeSeconds: 900 };
const input: AdmissionInput = {
  allocation: undefined,
  nodeProblem: undefined,
  hasPodsOnNode: false,
  isNodeGone: false,
  units: 2,
  waitedSeconds: 10,
  timeoutSeconds: 60,
  nowSeconds: 1000,
  place: () => ({ kind: "placed", node: "gpu-b" }),
};
const full: Placement = { kind: "unplaceable", message: "0 of 3 nodes fit" };
const placedOnB = { node: "gpu-b", units: 2, timeSeconds: 1000 };

describe("the reservation", () => {
  test.each([
    {
      name: "a first place",
      changes: {},
      expected: { kind: "placed", allocation: placedOnB, movedFrom: undefined },
    },
    {
      name: "no place yet",
      changes: { place: () => full },
      expected: { kind: "waiting", message: "0 of 3 nodes fit", isOverdue: false, lost: undefined },
    },
    {
      name: "no place for too long",
      changes: { place: () => full, waitedSeconds: 60 },
      expected: { kind: "waiting", message: "0 of 3 nodes fit", isOverdue: true, lost: undefined },
    },
    { name: "held", changes: { allocation: held }, expected: { kind: "held", allocation: held } },
    {
      name: "held though the node is unfit, while pods live there",
      changes: { allocation: held, nodeProblem: "cordoned", hasPodsOnNode: true },
      expected: { kind: "held", allocation: held },
    },
    {
      name: "moved from an unfit node that nothing runs on",
      changes: { allocation: held, nodeProblem: "cordoned" },
      expected: { kind: "placed", allocation: placedOnB, movedFrom: "gpu-a" },
    },
    {
      name: "moved from a node that is gone, whatever pods say",
      changes: { allocation: held, isNodeGone: true, hasPodsOnNode: true },
      expected: { kind: "placed", allocation: placedOnB, movedFrom: "gpu-a" },
    },
    {
      name: "nowhere to move to",
      changes: { allocation: held, isNodeGone: true, place: () => full, waitedSeconds: 61 },
      expected: { kind: "waiting", message: "0 of 3 nodes fit", isOverdue: true, lost: "gpu-a" },
    },
  ])("$name", ({ changes, expected }) => {
    expect(decideAdmission({ ...input, ...changes })).toEqual(expected);
  });

  test("the inventory is asked only when a place is needed", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean(), (isHeld, isUnfit, hasPodsOnNode, isGone) => {
        let asked = 0;
        const decision = decideAdmission({
          ...input,
          allocation: isHeld ? held : undefined,
          nodeProblem: isUnfit ? "not ready" : undefined,
          hasPodsOnNode,
          isNodeGone: isGone,
          place: () => {
            asked += 1;
            return full;
          },
        });
        expect(asked).toBe(decision.kind === "held" ? 0 : 1);
      }),
    );
  });
});
