import { expect, test } from "vitest";
import { parseReport } from "./report.ts";

const passing = `Ran 2 tests for contracts/test/A.t.sol:A
[PASS] invariant_One() (runs: 800, calls: 102400, reverts: 0)
[PASS] invariant_Two() (runs: 800, calls: 102400, reverts: 0)
Suite result: ok. 2 passed; 0 failed; 0 skipped; finished in 4.84s (9.30s CPU time)

Ran 2 test suites in 4.84s (4.84s CPU time): 12 tests passed, 0 failed, 0 skipped (12 total tests)
`;

test("counts tests over all suites and calls over all invariants", () => {
  expect(parseReport(passing)).toEqual({ passed: 12, failed: 0, suites: 1, invariantCalls: 204_800 });
});

test("reads coloured output", () => {
  const coloured = passing.replace(
    "12 tests passed, 0 failed",
    "\u001b[32m12\u001b[0m tests passed, \u001b[31m0\u001b[0m failed",
  );
  expect(parseReport(coloured)).toMatchObject({ passed: 12, failed: 0 });
});

test("counts failed and skipped tests as failed", () => {
  const text = "Ran 1 test suite in 1s (1s CPU time): 1 tests passed, 2 failed, 3 skipped (6 total tests)";
  expect(parseReport(text)).toEqual({ passed: 1, failed: 5, suites: 0, invariantCalls: 0 });
});

test("counts a run that never got to its end as a failure", () => {
  expect(parseReport("Error: Compiler run failed")).toEqual({ passed: 0, failed: 1, suites: 0, invariantCalls: 0 });
});
