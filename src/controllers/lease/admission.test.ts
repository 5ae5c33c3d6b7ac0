import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AdmissionInput, decideAdmission, type Placement } from "./admission.ts";

const held = { node: "gpu-a", units: 2, timeSeconds: 900 };
const input: AdmissionInput = {
  allocation: undefined,
  nodeProblem: undefined,
  hasPodsOnNode: false,
  isNodeGone: false,
  mustLeave: false,
  units: 2,
  waitedSeconds: 10,
  timeoutSeconds: 60,
  nowSeconds: 1000,
  place: () => ({ kind: "placed", node: "gpu-b" }),
  isRoomInDoubt: () => false,
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
    {
      name: "no place for too long, while finality may still give it one",
      changes: { place: () => full, isRoomInDoubt: () => true, waitedSeconds: 60 },
      expected: {
        kind: "waiting",
        message: expect.stringMatching(/^0 of 3 nodes fit; it is not closed yet, .* until that is final$/),
        isOverdue: false,
        lost: undefined,
      },
    },
    {
      name: "no place yet, without a look at what is in doubt",
      changes: { place: () => full, isRoomInDoubt: () => expect.fail("asked too early") },
      expected: { kind: "waiting", message: "0 of 3 nodes fit", isOverdue: false, lost: undefined },
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
      name: "moved from a node that is to be maintained, though it runs there",
      changes: { allocation: held, mustLeave: true, hasPodsOnNode: true },
      expected: { kind: "placed", allocation: placedOnB, movedFrom: "gpu-a" },
    },
    {
      name: "stranded where it runs, when no other node holds it",
      changes: { allocation: held, mustLeave: true, hasPodsOnNode: true, place: () => full, waitedSeconds: 99 },
      expected: { kind: "stranded", allocation: held, message: "0 of 3 nodes fit" },
    },
    {
      name: "lost, not stranded, when its node is gone as well",
      changes: { allocation: held, mustLeave: true, isNodeGone: true, place: () => full },
      expected: { kind: "waiting", message: "0 of 3 nodes fit", isOverdue: false, lost: "gpu-a" },
    },
    {
      name: "a first place, whatever is to be maintained",
      changes: { mustLeave: true },
      expected: { kind: "placed", allocation: placedOnB, movedFrom: undefined },
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
    const facts = fc.record({
      allocation: fc.constantFrom(undefined, held),
      nodeProblem: fc.constantFrom(undefined, "not ready"),
      hasPodsOnNode: fc.boolean(),
      isNodeGone: fc.boolean(),
      mustLeave: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, (any) => {
        let asked = 0;
        const place = (): Placement => {
          asked += 1;
          return full;
        };
        const decision = decideAdmission({ ...input, ...any, place });
        expect(asked).toBe(decision.kind === "held" ? 0 : 1);
        if (decision.kind === "held" || decision.kind === "stranded") expect(decision.allocation).toBe(held);
      }),
    );
  });
});
