import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failedTests, parseResult, sum } from "./results.ts";

describe("parseResult", () => {
  const vitest = { numTotalTests: 3, numPassedTests: 2, numFailedTests: 1, success: false };

  it("reads vitest's report", () => {
    expect(parseResult(JSON.stringify(vitest))).toEqual({ passed: 2, failed: 1 });
  });

  it("counts a run that failed without a failed test as one failure", () => {
    const report = { numTotalTests: 2, numPassedTests: 2, numFailedTests: 0, success: false };
    expect(parseResult(JSON.stringify(report))).toEqual({ passed: 2, failed: 1 });
  });

  it("reads plain counts", () => {
    expect(parseResult('{"suite":"contract","passed":4,"failed":0}')).toEqual({ passed: 4, failed: 0 });
  });

  it.each([
    ["nothing", ""],
    ["no object", "3"],
    ["no counts", "{}"],
    ["a count that is no whole number", '{"passed":1.5,"failed":0}'],
    ["a count in words", '{"passed":"4","failed":0}'],
    ["a negative count", '{"passed":4,"failed":-1}'],
    ["no test at all", '{"passed":0,"failed":0}'],
    ["an empty vitest run", '{"numTotalTests":0,"numPassedTests":0,"numFailedTests":0,"success":true}'],
  ])("refuses %s", (_what, text) => {
    expect(() => parseResult(text)).toThrow();
  });
});

describe("failedTests", () => {
  it("names each, with the first line of what it said", () => {
    const passed = { fullName: "a lease is served", status: "passed", failureMessages: [] };
    const failed = {
      fullName: "a lease ends",
      status: "failed",
      failureMessages: ["Error: it lives\n  at lease.ts:1"],
    };
    const report = { testResults: [{ assertionResults: [passed] }, { assertionResults: [failed] }] };
    expect(failedTests(JSON.stringify(report))).toEqual(["a lease ends: Error: it lives"]);
  });

  it("names nothing where only counts are known", () => {
    expect(failedTests('{"passed":4,"failed":1}')).toEqual([]);
  });
});

describe("sum", () => {
  it("is the same in whatever order and grouping suites are summed", () => {
    const counts = fc.record({ passed: fc.nat(1e6), failed: fc.nat(1e6) });
    fc.assert(
      fc.property(fc.array(counts), fc.array(counts), (some, others) => {
        expect(sum([...some, ...others])).toEqual(sum([sum(others), sum(some)]));
      }),
    );
  });
});
