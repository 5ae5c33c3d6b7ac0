import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";
import { type Findings, report } from "./report.ts";
import type { RestartRun } from "./restart.ts";
import type { ThroughputRun } from "./throughput.ts";

function run(seconds: number, changes: Partial<ThroughputRun> = {}): ThroughputRun {
  const kinds = new Map([
    ["create namespaces", 200],
    ["patch computeleases/status", 400],
  ]);
  return { objects: 2000, writes: 3000, seconds, writerCpuSeconds: 4, serverCpuSeconds: 8, kinds, ...changes };
}

const restart: RestartRun = {
  syncedSeconds: 2.5,
  evaluatedSeconds: 5,
  reconciles: 6000,
  cpuSeconds: 6,
  residentMiB: 200,
  peakMiB: 210,
  loopDelayP99Milliseconds: 15,
  loopDelayMaxMilliseconds: 60,
  writes: new Map(),
  transactions: 0,
};

const findings: Findings = {
  options: parseOptions([]),
  machine: [["Node", "v24"]],
  throughput: {
    operator: [run(20), run(30), run(25)],
    bareObjects: [run(20, { writerCpuSeconds: 1, serverCpuSeconds: 5 })],
    bareCalls: [run(25)],
    burst: run(100),
    objectsALease: 10,
  },
  restarts: [restart],
  quiet: { seconds: 60, writes: 0, transactions: 0, cpuSeconds: 0.5 },
  latencies: [
    { pollWait: 400, reaction: 20, firstWrite: 420, allObjects: 500 },
    { pollWait: 100, reaction: 30, firstWrite: 130, allObjects: 200 },
  ],
  lives: [
    new Map([["create pods", 2]]),
    new Map([
      ["create pods", 4],
      ["delete pods (404)", 1],
    ]),
  ],
};

const rowOf = (text: string, name: string): string | undefined =>
  text.split("\n").find((line) => line.startsWith(`| ${name} |`));

describe("the report", () => {
  const text = report(findings);

  it("compares medians: rates, and the CPU that the work took on both sides", () => {
    expect(rowOf(text, "operator")).toContain("| 80 (66.7–100) | 8 (6.67–10) |");
    expect(rowOf(text, "same objects")).toBe("| same objects | 80 % | 200 % |");
    expect(rowOf(text, "same calls")).toBe("| same calls | 100 % | 100 % |");
  });

  it("tells what was written for a lease", () => {
    expect(text).toContain("1 × create namespaces, 2 × patch computeleases/status");
  });

  it("gives latencies as percentiles", () => {
    expect(rowOf(text, "block readable → first write received")).toContain("| 130 | 420 | 420 |");
  });

  it("counts a call that some lives lack as none in those", () => {
    expect(rowOf(text, "create pods")).toBe("| create pods | 3 (2–4) |");
    expect(rowOf(text, "delete pods (404)")).toBe("| delete pods (404) | 0.5 (0–1) |");
    expect(rowOf(text, "all")).toBe("| all | 3.5 (2–5) |");
  });

  it("names the writes of a restart only when there were any", () => {
    expect(text).not.toContain("What was written");
    const restarts = [{ ...restart, writes: new Map([["create events", 2]]) }];
    expect(report({ ...findings, restarts })).toContain("What was written: 2 × create events.");
  });

  it("says how to measure again with the same sizes", () => {
    expect(text).toContain("`--leases=200`");
    expect(text).toContain("| Node | v24 |");
  });
});
