import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AuditTail, countByName, isOperators, isWrite, leaseOf, parseAuditLine } from "./audit-log.ts";

const entry = {
  verb: "patch",
  userAgent: "berthage/0.1.0",
  objectRef: { resource: "computeleases", name: "market-7", subresource: "status" },
  responseStatus: { code: 200 },
  requestReceivedTimestamp: "2026-01-02T03:04:05.678901Z",
  stageTimestamp: "2026-01-02T03:04:05.680000Z",
};

describe("an audit line", () => {
  it("tells who did what to which object, and when to the microsecond", () => {
    expect(parseAuditLine(JSON.stringify(entry))).toEqual({
      verb: "patch",
      resource: "computeleases/status",
      namespace: "",
      name: "market-7",
      userAgent: "berthage/0.1.0",
      code: 200,
      receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678) + 0.901,
      completedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 680),
    });
  });

  it("of a health check names no resource", () => {
    expect(parseAuditLine(JSON.stringify({ ...entry, objectRef: undefined }))).toBeUndefined();
  });

  it.each([
    ["create", true],
    ["patch", true],
    ["delete", true],
    ["watch", false],
    ["list", false],
  ])("of verb %s: writes is %s", (verb, writes) => {
    const call = parseAuditLine(JSON.stringify({ ...entry, verb }));
    expect(call && isWrite(call)).toBe(writes);
    expect(call && isOperators(call)).toBe(true);
  });
});

describe("counting", () => {
  it("tells verbs, kinds and refusals apart", () => {
    const lines = [entry, entry, { ...entry, verb: "delete", responseStatus: { code: 404 } }];
    const calls = lines.map((line) => parseAuditLine(JSON.stringify(line))).filter((call) => call !== undefined);
    expect([...countByName(calls)]).toEqual([
      ["patch computeleases/status", 2],
      ["delete computeleases/status (404)", 1],
    ]);
  });
});

describe("the lease of a call", () => {
  it.each([
    ["", "market-7", "7"],
    ["lease-market-12", "web", "12"],
    ["", "lease-market-12", "12"],
    ["default", "market-7.18b2", "7"],
    ["default", "kubernetes", undefined],
    ["", "market", undefined],
  ])("in namespace %j with name %j is %j", (namespace, name, lease) => {
    expect(leaseOf({ namespace, name })).toBe(lease);
  });
});

describe("the tail", () => {
  it("gives every line once, whole, however the file grows", async () => {
    const dir = await mkdtemp(join(tmpdir(), "berthage-audit-"));
    try {
      const file = join(dir, "audit.log");
      const line = JSON.stringify(entry);
      const tail = new AuditTail(file);
      await appendFile(file, `${line}\n${line.slice(0, 30)}`);
      expect(await tail.read()).toHaveLength(1);
      await appendFile(file, `${line.slice(30)}\n`);
      expect(await tail.read()).toMatchObject([{ name: "market-7" }]);
      expect(await tail.read()).toEqual([]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
