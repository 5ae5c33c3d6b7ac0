import { describe, expect, test } from "vitest";
import { isKeptFromSale, isolated } from "./isolation.ts";

const report = (isEnforced: boolean) => ({ isEnforced, message: "A pod reached 10.0.0.1:8080.", timeSeconds: 0 });

describe("Isolated", () => {
  test.each([
    ["nobody probed", undefined, false, "NotProbed", "Unknown", false],
    ["nobody probed, and nobody minds", undefined, true, "NotProbed", "Unknown", false],
    ["policies are enforced", report(true), false, "PolicyEnforced", "True", false],
    ["they are, and nobody minds", report(true), true, "PolicyEnforced", "True", false],
    ["they are not", report(false), false, "PolicyNotEnforced", "False", true],
    ["they are not, and nobody minds", report(false), true, "Waived", "False", false],
  ] as const)("when %s", (_what, found, isWaived, reason, status, isKept) => {
    const condition = isolated(found, isWaived);
    expect(condition).toMatchObject({ type: "Isolated", status, reason });
    expect(isKeptFromSale(condition)).toBe(isKept);
  });

  test("repeats what the probe saw, and says how to go on", () => {
    expect(isolated(report(true), false).message).toBe("A pod reached 10.0.0.1:8080.");
    expect(isolated(report(false), false).message).toBe(
      "A pod reached 10.0.0.1:8080. Install a CNI that enforces NetworkPolicy, then probe again.",
    );
    expect(isolated(report(false), true).message).toContain("berthage.dev/sell-unisolated");
    expect(isolated(undefined, false).message).toContain("berthage provider preflight");
  });
});
