import fc from "fast-check";
import { expect, test } from "vitest";
import { isolationReportData, parseIsolationReport } from "./isolation-report.ts";

test("a report survives its ConfigMap", () => {
  const report = fc.record({
    isEnforced: fc.boolean(),
    message: fc.string(),
    timeSeconds: fc.integer({ min: 0, max: 4_102_444_800 }),
  });
  fc.assert(
    fc.property(report, (written) => {
      expect(parseIsolationReport(isolationReportData(written))).toEqual(written);
    }),
  );
});

test.each([
  ["nothing", undefined],
  ["an empty ConfigMap", {}],
  ["a word that no probe writes", { result: "Fine", message: "", time: "2030-01-01T00:00:00Z" }],
  ["no time", { result: "Enforced", message: "" }],
  ["a time that is none", { result: "NotEnforced", message: "", time: "yesterday" }],
])("%s is no report", (_what, data) => {
  expect(parseIsolationReport(data)).toBeUndefined();
});
