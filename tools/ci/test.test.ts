import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resultFile, type SuiteName, suiteNames, summaryFile } from "./suites.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-suites-"));
});
afterEach(async () => await rm(dir, { recursive: true }));

const tool = (name: string): string => `node ${fileURLToPath(new URL(`${name}.ts`, import.meta.url))}`;

/** A shell command that writes a suite's result and ends with `exitCode`. */
const leaves = (suite: SuiteName, result: object, exitCode = 0): string =>
  `echo '${JSON.stringify(result)}' > ${resultFile(suite)}; exit ${exitCode}`;

/** Runs `npm test` in a project whose suites are the given commands; those not given pass with two tests. */
async function runAll(commands: Partial<Record<SuiteName, string>>): Promise<{ code: unknown; lines: string[] }> {
  const suites = suiteNames.map((suite) => [
    `test:${suite}`,
    commands[suite] ?? leaves(suite, { passed: 2, failed: 0 }),
  ]);
  const scripts = { ...Object.fromEntries(suites), test: tool("test"), "test:summary": tool("summary") };
  await writeFile(join(dir, "package.json"), JSON.stringify({ scripts }));
  const child = spawn("npm", ["run", "--silent", "test"], { cwd: dir, stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { code, lines: output.trim().split("\n") };
}

describe("npm test", () => {
  it("sums up suites that all passed", async () => {
    const { code, lines } = await runAll({});
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe("tests: 8 passed, 0 failed");
    expect((await readFile(join(dir, summaryFile), "utf8")).trim()).toBe(lines.slice(-5).join("\n"));
  });

  it("sums up the tests on a real node too, once they have run", async () => {
    await runAll({});
    await writeFile(join(dir, resultFile("node")), JSON.stringify({ passed: 3, failed: 1 }));
    const child = spawn("npm", ["run", "--silent", "test:summary", "--", "node"], { cwd: dir });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect(code).toBe(1);
    expect(output.trim().split("\n").slice(-2)).toEqual([
      "node         3 passed, 1 failed",
      "tests: 11 passed, 1 failed",
    ]);
  });

  it("goes on after a failed suite and fails in the end", async () => {
    const { code, lines } = await runAll({ contract: leaves("contract", { passed: 1, failed: 3 }, 1) });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("tests: 7 passed, 3 failed");
  });

  it("says last which tests failed", async () => {
    const test = { fullName: "a lease ends", status: "failed", failureMessages: ["Error: it lives"] };
    const counts = { numTotalTests: 2, numPassedTests: 1, numFailedTests: 1, success: false };
    const report = { ...counts, testResults: [{ assertionResults: [test] }] };
    const { lines } = await runAll({ scenario: leaves("scenario", report, 1) });
    expect(lines.slice(-6)).toContain("failed in scenario: a lease ends: Error: it lives");
  });

  it("counts a suite that died without a result, though an earlier run left one", async () => {
    await runAll({});
    const { code, lines } = await runAll({ scenario: "exit 7" });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("tests: 6 passed, 1 failed");
  });

  it("counts a suite that ended well and left no result", async () => {
    const { code, lines } = await runAll({ unit: "true" });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("tests: 6 passed, 1 failed");
    expect(lines.find((line) => line.startsWith("unit") && line.includes("no result"))).toBeDefined();
  });

  it("does not believe a report without failures from a suite that ended badly", async () => {
    const { code, lines } = await runAll({ integration: leaves("integration", { passed: 5, failed: 0 }, 1) });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("tests: 11 passed, 1 failed");
  });
});
