/** How many tests of a suite passed and failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Reads a suite's result file: vitest's JSON report, or `{ "passed": N, "failed": N }`. A run that failed without a failed test (a file that
 * does not load, an unhandled rejection) counts as one failure. Throws on anything else.
 */
export function parseResult(text: string): Counts {
  const result: unknown = JSON.parse(text);
  if (typeof result !== "object" || result === null) throw new Error("a result file holds one JSON object");
  const counts = "numTotalTests" in result ? vitestCounts(result) : plainCounts(result);
  if (counts.passed + counts.failed === 0) throw new Error("the suite ran no test");
  return counts;
}

/** The tests that failed in vitest's JSON report, each by its full name and the first line of what it said. None for plain counts. */
export function failedTests(text: string): readonly string[] {
  return listOf(JSON.parse(text), "testResults")
    .flatMap((file) => listOf(file, "assertionResults"))
    .filter((test) => field(test, "status") === "failed")
    .map((test) => {
      const [said = ""] = listOf(test, "failureMessages");
      return `${String(field(test, "fullName"))}: ${String(said).split("\n", 1)[0]}`;
    });
}

function field(holder: unknown, key: string): unknown {
  return typeof holder === "object" && holder !== null
    ? Object.entries(holder).find(([name]) => name === key)?.[1]
    : undefined;
}

function listOf(holder: unknown, key: string): readonly unknown[] {
  const list = field(holder, key);
  return Array.isArray(list) ? list : [];
}

/** The counts of all suites together. */
export function sum(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failed: all.reduce((total, { failed }) => total + failed, 0),
  };
}

function vitestCounts(report: object): Counts {
  const failed = count(report, "numFailedTests");
  const success = "success" in report && report.success === true;
  return { passed: count(report, "numPassedTests"), failed: success ? failed : Math.max(failed, 1) };
}

function plainCounts(result: object): Counts {
  return { passed: count(result, "passed"), failed: count(result, "failed") };
}

function count(holder: object, key: string): number {
  const value = field(holder, key);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new Error(`a result file needs a whole number in ${key}, found ${JSON.stringify(value)}`);
  }
  return value;
}
