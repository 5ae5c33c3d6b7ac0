import { join } from "node:path";

/** Every suite of `make test`, in the order in which they run; `npm run test:NAME` runs one and leaves its result file. */
export const suiteNames = ["contract", "unit", "integration", "scenario"] as const;
/** `node` runs apart, by `make test-node`, where a real node can. */
export type SuiteName = (typeof suiteNames)[number] | "node";

/** Git-ignored; relative to the repository, where npm runs scripts. */
export const resultsDir = join(".berthage", "results");
export const resultFile = (suite: SuiteName): string => join(resultsDir, `${suite}.json`);
/** The suites' counts, and last their sum. */
export const summaryFile = join(resultsDir, "summary.txt");
