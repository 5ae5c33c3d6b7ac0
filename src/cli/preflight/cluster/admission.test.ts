import { describe, expect, test } from "vitest";
import { judgeAdmission } from "./admission.ts";

describe("admission policies", () => {
  const policy = (name: string) => ({ metadata: { name } });
  const binding = (policyName: string, ...validationActions: ("Deny" | "Warn" | "Audit")[]) => ({
    spec: { policyName, validationActions },
  });

  test.each([
    ["all are bound and deny", [policy("a"), policy("b")], [binding("a", "Deny"), binding("b", "Deny", "Audit")], "ok"],
    ["none is there", [], [], "warn"],
    ["one is not bound", [policy("a"), policy("b")], [binding("a", "Deny")], "warn"],
    ["one only warns", [policy("a")], [binding("a", "Warn")], "warn"],
  ])("%s", (_what, policies, bindings, result) => {
    expect(judgeAdmission(policies, bindings).result).toBe(result);
  });

  test("that are idle are named", () => {
    expect(judgeAdmission([policy("a"), policy("b")], [binding("a", "Deny")]).detail).toContain("without Deny: b");
  });
});
