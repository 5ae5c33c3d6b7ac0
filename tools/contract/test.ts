// npm run test:contract — unit, fuzz and invariant tests of the contracts, counted for the summary of `npm test`.
// With `--long`, ten times the invariant calls.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root, runForge } from "./forge.ts";
import { parseReport } from "./report.ts";

const isLong = process.argv.includes("--long");
const runs = isLong ? 8000 : 800;
const leastInvariantCalls = isLong ? 10_000_000 : 1_000_000;

console.log(
  `contract: ${leastInvariantCalls} invariant calls; usually ${isLong ? "20 to 40" : "2 to 4"} min on two cores`,
);
// Gas is contract:check's: a test run must not rewrite the recorded figures.
const { status, stdout } = await runForge(["test", "--gas-snapshot-emit", "false"], {
  tee: true,
  env: { FOUNDRY_INVARIANT_RUNS: String(runs) },
});
const { passed, failed, suites, invariantCalls } = parseReport(stdout);
const shortfalls = [
  ...(await missingSuites(suites)),
  ...(invariantCalls < leastInvariantCalls
    ? [`only ${invariantCalls} invariant calls: raise runs in tools/contract/test.ts`]
    : []),
];
for (const shortfall of shortfalls) console.log(`contract: ${shortfall}`);
const counts = { suite: "contract", passed, failed: failed + shortfalls.length };
const results = join(root, ".berthage/results");
await mkdir(results, { recursive: true });
await writeFile(join(results, "contract.json"), `${JSON.stringify(counts)}\n`);
console.log(`contract: ${counts.passed} passed, ${counts.failed} failed, ${invariantCalls} invariant calls`);
process.exitCode = status === 0 && counts.failed === 0 ? 0 : 1;

/** A stale cache makes forge leave out suites without a word; each test file holds one. */
async function missingSuites(ran: number): Promise<string[]> {
  const files = await readdir(join(root, "contracts/test"), { recursive: true });
  const expected = files.filter((file) => file.endsWith(".t.sol")).length;
  return ran === expected ? [] : [`ran ${ran} of ${expected} suites: rm -r contracts/out contracts/cache, and again`];
}
