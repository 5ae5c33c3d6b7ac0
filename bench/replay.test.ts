import { describe, expect, it } from "vitest";
import type { RecordedCall } from "./recording-proxy.ts";
import { callsByLease, countObjects, planReplay, uidPlaceholder } from "./replay.ts";

const leases = "/apis/berthage.dev/v1alpha1/computeleases";

function recorded(
  path: string,
  times: [number, number],
  body: object,
  changes: Partial<RecordedCall> = {},
): RecordedCall {
  return {
    method: "POST",
    path,
    contentType: "application/json",
    body: JSON.stringify(body),
    startedAt: times[0],
    endedAt: times[1],
    code: 201,
    answer: "{}",
    ...changes,
  };
}

const managed = { "app.kubernetes.io/managed-by": "berthage", "berthage.dev/lease": "7" };
const calls = [
  recorded(
    `${leases}?a`,
    [0, 1],
    { metadata: { name: "market-7", labels: managed }, spec: { leaseId: "7" } },
    {
      answer: JSON.stringify({ metadata: { uid: "u-7" } }),
    },
  ),
  recorded(
    `${leases}/market-7/status?a`,
    [2, 3],
    { metadata: { name: "market-7", uid: "u-7" } },
    { method: "PATCH", code: 200 },
  ),
  recorded("/api/v1/namespaces?a", [4, 5], { metadata: { name: "lease-market-7", ownerReferences: [{ uid: "u-7" }] } }),
  recorded("/api/v1/namespaces/lease-market-7/limitranges?a", [6, 9], { metadata: { name: "limits" } }),
  recorded("/api/v1/namespaces/lease-market-7/resourcequotas?a", [7, 8], { metadata: { name: "quota" } }),
  recorded("/apis/events.k8s.io/v1/namespaces/default/events?a", [10, 11], { metadata: { name: "market-7.abc" } }),
  recorded(
    `${leases}/market-7/status?a`,
    [12, 13],
    { metadata: { name: "market-7", uid: "u-7" }, status: {} },
    { method: "PATCH", code: 200 },
  ),
];
const other = recorded(`${leases}?a`, [0.5, 1], { metadata: { name: "market-77" } });

describe("the calls of a lease", () => {
  it("are found by path and name, in their order, and never mixed up", () => {
    const offer = recorded("/apis/berthage.dev/v1alpha1/computeoffers/h100/status?a", [0, 1], {
      metadata: { name: "h100" },
    });
    const found = callsByLease([offer, other, ...[...calls].reverse()]);
    expect(found.get("7")).toEqual(calls);
    expect(found.get("77")).toEqual([other]);
    expect(found.size).toBe(2);
  });

  it("create objects, of which events are none", () => {
    expect(countObjects(calls)).toBe(4);
  });
});

describe("a replay", () => {
  it("of all calls keeps what overlapped together and the rest apart", () => {
    expect(planReplay(calls, "calls", "7", "9007").map((stage) => stage.length)).toEqual([1, 1, 1, 2, 1, 1]);
  });

  it("of the objects creates each once and writes the last status", () => {
    const plan = planReplay(calls, "objects", "7", "9007").flat();
    expect(plan).toHaveLength(5);
    expect(plan.filter(({ method }) => method === "PATCH").map(({ body }) => body.includes("status"))).toEqual([true]);
  });

  it("names another lease throughout, leaves the uid open and is nobody's", () => {
    const text = JSON.stringify(planReplay(calls, "calls", "7", "9007"));
    expect(text).not.toMatch(/market-7\b|"7\\?"|u-7|:\\"berthage\\"/);
    expect(text).toContain("lease-market-9007");
    expect(text).toContain(uidPlaceholder);
    expect(text).toContain("replayed");
  });

  it("of a lease that was not created while recording is refused", () => {
    expect(() => planReplay(calls.slice(1), "calls", "7", "9007")).toThrow("no ComputeLease was created");
  });
});
