import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anyConditionFacts,
  anyFacts,
  conditionFacts,
  leaseFacts,
  missing,
  readyService,
  refuse,
} from "../../../test/support/controllers/facts.ts";
import { ledgerLease, noManifest } from "../../../test/support/controllers/ledger.ts";
import { conditions as known } from "../../api/conditions.ts";
import { leaseConditions } from "../../api/lease-conditions.ts";
import { type ConditionFacts, leaseConditionsOf } from "./conditions.ts";
import { type LeaseFacts, planLease } from "./plan.ts";

const allTypes = Object.keys(leaseConditions);

function reasons(facts: Partial<LeaseFacts> = {}, about: Partial<ConditionFacts> = {}, entry = {}) {
  const conditions = leaseConditionsOf(planLease(leaseFacts(facts, entry)), { ...conditionFacts, ...about });
  return Object.fromEntries(conditions.map(({ type, reason }) => [type, reason]));
}

function messageOf(type: string, facts: Partial<LeaseFacts>, about: Partial<ConditionFacts> = {}, entry = {}) {
  const conditions = leaseConditionsOf(planLease(leaseFacts(facts, entry)), { ...conditionFacts, ...about });
  return conditions.find((condition) => condition.type === type)?.message;
}

const waiting = { name: "web", desired: 1, ready: 0, message: "waits", cause: "provider" } as const;
const { admission } = leaseFacts();
const homeless: LeaseFacts["admission"] = {
  ...admission,
  allocation: undefined,
  place: () => ({ kind: "unplaceable", message: "0 of 3 nodes have 2 free GPUs" }),
};

describe("a lease that is served", () => {
  test("has every condition", () => {
    expect(reasons()).toEqual({
      Funded: "Funded",
      ManifestReady: "ManifestAccepted",
      CapacityReserved: "Reserved",
      Provisioned: "Provisioned",
      Isolated: "Isolated",
      Ready: "Ready",
      Suspended: "NotSuspended",
      Closed: "Open",
    });
  });

  test("says where it is", () => {
    expect(messageOf("CapacityReserved", {})).toBe("2 units are reserved on node gpu-a.");
    const one = { ...admission, allocation: { node: "gpu-a", units: 1, timeSeconds: 1 } };
    expect(messageOf("CapacityReserved", { admission: one })).toBe("1 unit is reserved on node gpu-a.");
  });
});

describe("what is in the way", () => {
  test.each([
    { name: "little money", entry: { fundedSeconds: 200 }, expected: { Funded: "RunwayLow", Ready: "Ready" } },
    {
      name: "no money",
      entry: { fundedSeconds: 50 },
      expected: { Funded: "FundsExhausted", Suspended: "FundsExhausted", Ready: "Suspended" },
    },
    {
      name: "no manifest",
      facts: { acceptedManifestHash: undefined, services: [] },
      entry: { manifestHash: noManifest },
      about: { services: [] },
      expected: { ManifestReady: "WaitingForManifest", Provisioned: "WaitingForManifest", Ready: "NotProvisioned" },
    },
    {
      name: "a newer manifest that was not sent",
      facts: {
        acceptedManifestHash: `0x${"0a".repeat(32)}`,
        resolveManifest: (hash) =>
          hash === `0x${"0a".repeat(32)}` ? leaseFacts().resolveManifest(hash) : { kind: "missing", hash },
      },
      entry: { manifestHash: `0x${"0b".repeat(32)}` },
      expected: { ManifestReady: "ManifestHashMismatch", Provisioned: "Provisioned", Ready: "Ready" },
    },
    {
      name: "a manifest that breaks a rule",
      facts: { resolveManifest: refuse },
      expected: { ManifestReady: "ManifestInvalid", Provisioned: "WaitingForManifest", Ready: "NotProvisioned" },
    },
    {
      name: "no room",
      facts: { admission: homeless },
      expected: { CapacityReserved: "NoCapacity", Provisioned: "WaitingForCapacity" },
    },
    {
      name: "a node that is to be maintained some day",
      facts: { maintenance: { announced: "2030-01-01T00:00:00Z", noticeSeconds: 60 } },
      expected: { CapacityReserved: "NodeMaintenance", Provisioned: "Provisioned", Ready: "Ready" },
    },
    {
      name: "a node that is to be maintained now, and another that has room",
      facts: { maintenance: { announced: "1970-01-01T00:00:00Z", noticeSeconds: 60 } },
      expected: { CapacityReserved: "Reserved" },
    },
    {
      name: "a node that is gone",
      facts: { admission: { ...homeless, allocation: admission.allocation, isNodeGone: true } },
      expected: { CapacityReserved: "NodeLost", Provisioned: "WaitingForCapacity" },
    },
    {
      name: "a pod that fits nowhere",
      about: { services: [{ ...waiting, kind: "Unschedulable" }] },
      expected: { Provisioned: "Unschedulable", Ready: "ContainersNotReady" },
    },
    {
      name: "an image that is not there",
      about: { services: [waiting, { ...waiting, name: "b", kind: "ImagePullFailed" }] },
      expected: { Provisioned: "Provisioned", Ready: "ImagePullFailed" },
    },
    {
      name: "a program that ends again and again",
      about: { services: [{ ...waiting, kind: "CrashLoop" }] },
      expected: { Ready: "CrashLoop" },
    },
    { name: "objects on their way", about: { isProvisioned: false }, expected: { Provisioned: "Provisioning" } },
    { name: "drift", about: { isolation: "PolicyDrift" }, expected: { Isolated: "PolicyDrift" } },
    { name: "a new lease", about: { isolation: "Isolating" }, expected: { Isolated: "Isolating" } },
    { name: "a pause", about: { isPaused: true }, expected: { Suspended: "PausedByAdmin" } },
    {
      name: "a refusal",
      about: { obstacle: { reason: "QuotaRefused", message: "exceeded quota" } },
      expected: { Provisioned: "QuotaRefused" },
    },
    {
      name: "an old namespace",
      about: { obstacle: { reason: "NamespaceTerminating", message: "wait" } },
      expected: { Provisioned: "NamespaceTerminating" },
    },
    {
      name: "containers that do not start",
      about: { services: [{ name: "web", desired: 2, ready: 1, cause: "tenant" }] },
      expected: { Ready: "ContainersNotReady" },
    },
  ] as const satisfies readonly {
    name: string;
    facts?: Partial<LeaseFacts>;
    about?: Partial<ConditionFacts>;
    entry?: object;
    expected: object;
  }[])("$name", (row) => {
    const {
      facts = {},
      about = {},
      entry = {},
    } = {
      facts: undefined,
      about: undefined,
      entry: undefined,
      ...row,
    };
    expect(reasons(facts, about, entry)).toMatchObject(row.expected);
  });

  test("is told in words that help", () => {
    expect(messageOf("CapacityReserved", { admission: homeless })).toBe("0 of 3 nodes have 2 free GPUs");
    const lost = { ...homeless, allocation: admission.allocation, isNodeGone: true };
    expect(messageOf("CapacityReserved", { admission: lost })).toContain("gpu-a");
    const reserved = "2 units are reserved on node gpu-a";
    const nextYear = { announced: "2031-01-01T00:00:00Z", noticeSeconds: 86_400 };
    expect(messageOf("CapacityReserved", { maintenance: nextYear })).toBe(
      `${reserved}, which is to be maintained from 2031-01-01T00:00:00Z on; at 2030-12-30T23:58:00Z it moves to another node, or gets notice if none holds it.`,
    );
    const due = { announced: "1970-01-01T00:00:00Z", noticeSeconds: 0 };
    const stranded = { ...admission, place: homeless.place };
    expect(messageOf("CapacityReserved", { maintenance: due, admission: stranded })).toBe(
      `${reserved}, which is to be maintained from 1970-01-01T00:00:00Z on; it gets notice, as 0 of 3 nodes have 2 free GPUs.`,
    );
    expect(messageOf("CapacityReserved", { maintenance: { ...due, announced: "soon" } })).toBe(
      `${reserved}, whose annotation berthage.dev/maintenance-at, "soon", is no RFC 3339 time: no lease leaves for it.`,
    );
    expect(messageOf("ManifestReady", { resolveManifest: refuse })).toBe("services is missing");
    expect(messageOf("ManifestReady", { resolveManifest: missing })).toContain("berthage manifest send");
    const services = [
      readyService,
      { name: "db", desired: 2, ready: 1, cause: "provider" as const },
      { name: "job", desired: 1, ready: 0, cause: "tenant" as const, message: "image not found" },
    ];
    expect(messageOf("Ready", {}, { services })).toBe("db: 1 of 2 ready; job: image not found");
  });
});

describe("the end", () => {
  test("has the network's reason", () => {
    const entry = ledgerLease({ state: "Closed" });
    expect(reasons({ existence: { kind: "closed", tier: "Head", reason: "Abandoned", entry } })).toEqual({
      Ready: "Closed",
      Closed: "Abandoned",
    });
    expect(reasons({ existence: { kind: "void" } })).toMatchObject({ Closed: "Void" });
  });

  test("that is not certain leaves the other conditions as they were", () => {
    const conditions = leaseConditionsOf(planLease(leaseFacts({ existence: { kind: "suspect" } })), conditionFacts);
    expect(conditions).toMatchObject([{ type: "Closed", status: "Unknown", reason: "Suspect" }]);
  });
});

describe("for any plan", () => {
  test("reasons are known, give the status, and no type comes twice; a live lease has all", () => {
    const tables: Readonly<Record<string, Readonly<Record<string, { status: string }>>>> = known.ComputeLease;
    fc.assert(
      fc.property(anyFacts, anyConditionFacts, (facts, about) => {
        const plan = planLease(facts);
        const conditions = leaseConditionsOf(plan, about);
        const types = conditions.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        if (plan.kind === "active") expect([...types].sort()).toEqual([...allTypes].sort());
        for (const { type, reason, status, message } of conditions) {
          expect(tables[type]?.[reason]?.status).toBe(status);
          expect(message).not.toBe("");
        }
      }),
    );
  });

  test("Ready is True only when everything stands and nothing fails", () => {
    fc.assert(
      fc.property(anyFacts, anyConditionFacts, (facts, about) => {
        const conditions = leaseConditionsOf(planLease(facts), about);
        if (conditions.find(({ type }) => type === "Ready")?.status !== "True") return;
        expect(about.isProvisioned).toBe(true);
        expect(about.services.every(({ cause }) => cause === "none")).toBe(true);
        expect(conditions.find(({ type }) => type === "Closed")?.reason).toBe("Open");
        expect(conditions.find(({ type }) => type === "Suspended")?.reason).not.toBe("FundsExhausted");
      }),
    );
  });
});
