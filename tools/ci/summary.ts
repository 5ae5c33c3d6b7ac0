import { readFile, writeFile } from "node:fs/promises";
import { type Counts, failedTests, parseResult, sum } from "./results.ts";
import { resultFile, type SuiteName, suiteNames, summaryFile } from "./suites.ts";

// Sums the result files that the suites of `make test` left, and those named as arguments. Prints what failed, a line per suite and, last,
// `tests: N passed, N failed`. Exits non-zero when a test failed or a suite left no result.

type Outcome =
  | { readonly suite: SuiteName; readonly counts: Counts; readonly failures: readonly string[] }
  | { readonly suite: SuiteName; readonly missing: string };

async function outcomeOf(suite: SuiteName): Promise<Outcome> {
  try {
    const result = await readFile(resultFile(suite), "utf8");
    return { suite, counts: parseResult(result), failures: failedTests(result) };
  } catch (error) {
    return { suite, missing: error instanceof Error ? error.message : String(error) };
  }
}

function describe(outcome: Outcome): string {
  const { suite } = outcome;
  const text = "counts" in outcome ? line(outcome.counts) : `no result: ${outcome.missing}`;
  return `${suite.padEnd(12)} ${text}`;
}

function line({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

const others = process.argv.slice(2).map((name): SuiteName => {
  if (name !== "node") throw new Error(`there is no suite ${name} beside those of make test: only node`);
  return name;
});
const outcomes = await Promise.all([...suiteNames, ...others].map(outcomeOf));
// A suite without a result is one failure: the total must not look green.
const total = sum(outcomes.map((outcome) => ("counts" in outcome ? outcome.counts : { passed: 0, failed: 1 })));
const failures = outcomes.flatMap((outcome) =>
  "failures" in outcome ? outcome.failures.map((failure) => `failed in ${outcome.suite}: ${failure}`) : [],
);
const text = [...failures, ...outcomes.map(describe), `tests: ${line(total)}`].join("\n");
console.log(text);
await writeFile(summaryFile, `${text}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
