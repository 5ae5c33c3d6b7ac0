import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { parseResult } from "./results.ts";
import { resultFile, resultsDir, type SuiteName, suiteNames } from "./suites.ts";

// `npm test`: runs every suite, also after one failed, so that a run tells all there is to tell; then sums them up.

/** Runs an npm script with its output shown. Returns the exit code. */
async function runScript(script: string): Promise<number> {
  const child = spawn("npm", ["run", "--silent", script], { stdio: "inherit" });
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

async function runSuite(suite: SuiteName): Promise<void> {
  const started = performance.now();
  console.log(`\n=== ${suite} ===`);
  // An old result must not stand for a run that left none.
  await rm(resultFile(suite), { force: true });
  const code = await runScript(`test:${suite}`);
  if (code !== 0) await ensureFailure(suite, code);
  console.log(`=== ${suite}: exit code ${code} after ${Math.round((performance.now() - started) / 1000)} s ===`);
}

/** A run that ended badly must not count as passed, whatever its report says (vitest writes it before it looks for stray errors). */
async function ensureFailure(suite: SuiteName, code: number): Promise<void> {
  const counts = await readFile(resultFile(suite), "utf8")
    .then(parseResult)
    .catch(() => undefined);
  if (counts && counts.failed > 0) return;
  const result = { suite, passed: counts?.passed ?? 0, failed: 1, exitCode: code };
  await writeFile(resultFile(suite), `${JSON.stringify(result)}\n`);
}

await mkdir(resultsDir, { recursive: true });
for (const suite of suiteNames) await runSuite(suite);
console.log("");
process.exitCode = await runScript("test:summary");
