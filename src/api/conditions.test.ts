import { describe, expect, it } from "vitest";
import type { CloseReason } from "../networks/driver.ts";
import { type ConditionKind, conditions, findCondition, isTrue, newCondition } from "./conditions.ts";
import type { Reason } from "./reason.ts";
import type { Condition } from "./types.gen.ts";

interface Row {
  kind: string;
  type: string;
  reason: string;
  entry: Reason;
}

const rows: Row[] = Object.entries(conditions).flatMap(([kind, types]) =>
  Object.entries(types).flatMap(([type, reasons]) =>
    Object.entries<Reason>(reasons).map(([reason, entry]) => ({ kind, type, reason, entry })),
  ),
);

describe("the catalogue of reasons", () => {
  it.each(rows)("$kind $type=$reason can be written to the API and read by a person", ({ type, reason, entry }) => {
    expect(type).toMatch(/^[A-Z][A-Za-z0-9]{0,63}$/);
    expect(reason).toMatch(/^[A-Z][A-Za-z0-9]{0,127}$/);
    expect(entry.meaning).toMatch(/^[^\n]{10,160}\.$/);
  });

  it.each(Object.entries(conditions).flatMap(([kind, types]) => Object.keys(types).map((type) => ({ kind, type }))))(
    "$kind $type can be True, False and Unknown",
    ({ kind, type }) => {
      const statuses = rows.filter((row) => row.kind === kind && row.type === type).map((row) => row.entry.status);
      expect(new Set(statuses)).toEqual(new Set(["True", "False", "Unknown"]));
    },
  );

  it("sums every kind up in Ready", () => {
    for (const types of Object.values(conditions)) expect(types).toHaveProperty("Ready.Ready.status", "True");
  });

  it("knows every close reason of the network drivers", () => {
    const reasons: Readonly<Record<CloseReason, Reason>> = conditions.ComputeLease.Closed;
    const own = new Set(["Open", "Suspect", "NotObserved"]);
    for (const [reason, { status }] of Object.entries(reasons)) if (!own.has(reason)) expect(status).toBe("True");
  });

  it("never takes an unreachable network for the end of a lease", () => {
    expect(conditions.ComputeLease.Closed.Suspect.status).toBe("Unknown");
    expect(conditions.ComputeLease.Closed.Open.status).toBe("False");
  });

  it("fits the 16 conditions that an object may have", () => {
    for (const types of Object.values(conditions)) expect(Object.keys(types).length).toBeLessThanOrEqual(16);
  });
});

describe("newCondition", () => {
  it("takes the status from the reason and the message from its meaning", () => {
    expect(newCondition("ComputeLease", "Funded", "FundsExhausted")).toEqual({
      type: "Funded",
      status: "False",
      reason: "FundsExhausted",
      message: conditions.ComputeLease.Funded.FundsExhausted.meaning,
    });
    expect(newCondition("ComputeLease", "Suspended", "FundsExhausted").status).toBe("True");
  });

  it("prefers a message of the moment", () => {
    const message = "3 nodes lack nvidia.com/gpu";
    expect(newCondition("ComputeOffer", "CapacityAvailable", "NoMatchingNodes", message)).toMatchObject({ message });
  });

  it("refuses a reason of another condition, at compile time and at run time", () => {
    // @ts-expect-error Paused is a reason of Published
    expect(() => newCondition("ComputeOffer", "Ready", "Paused")).toThrow(
      "ComputeOffer has no condition Ready with reason Paused; add it to src/api/conditions.ts",
    );
    const kind: ConditionKind = "ComputeNetwork";
    // @ts-expect-error a network is never closed
    expect(() => newCondition(kind, "Closed", "Open")).toThrow("ComputeNetwork has no condition Closed");
  });
});

describe("reading conditions", () => {
  const condition = (type: string, status: Condition["status"]): Condition => ({
    type,
    status,
    reason: "Any",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  const object = {
    status: { conditions: [condition("Ready", "False"), condition("Funded", "True"), condition("Closed", "Unknown")] },
  };

  it("finds one by its type", () => {
    expect(findCondition(object, "Funded")).toEqual(condition("Funded", "True"));
    expect(findCondition(object, "Isolated")).toBeUndefined();
    expect(findCondition({}, "Funded")).toBeUndefined();
    expect(findCondition({ status: {} }, "Funded")).toBeUndefined();
  });

  it.each([
    ["Funded", true],
    ["Ready", false],
    ["Closed", false],
    ["Isolated", false],
  ])("%s is true: %s", (type, expected) => {
    expect(isTrue(object, type)).toBe(expected);
  });
});
