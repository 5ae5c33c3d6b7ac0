import { describe, expect, test } from "vitest";
import { computeLease } from "../../test/support/controllers/objects.ts";
import { type NewCondition, newCondition } from "../api/conditions.ts";
import type { Condition } from "../api/types.gen.ts";
import type { EventInput } from "../kube/events.ts";
import type { KubeObject } from "../kube/resource.ts";
import { withConditions } from "./conditions.ts";
import { type Conditioned, explainTo } from "./explain.ts";

const lease = { ...computeLease(), kind: "ComputeLease" };
const at = (...updates: readonly NewCondition[]): Condition[] =>
  withConditions(undefined, updates, 1, Date.UTC(2030, 0, 1));

const ready = newCondition("ComputeLease", "Ready", "Ready");
const unready = newCondition("ComputeLease", "Ready", "ContainersNotReady", "web: 0 of 1 ready");
const suspended = newCondition("ComputeLease", "Suspended", "FundsExhausted");
const resumed = newCondition("ComputeLease", "Suspended", "NotSuspended");
const open = newCondition("ComputeLease", "Closed", "Open");
const closed = newCondition("ComputeLease", "Closed", "TenantClosed");

function explained(before: readonly Condition[] | undefined, after: readonly Condition[]) {
  const events: EventInput[] = [];
  const compared: { kind: string; before: Conditioned; after: Conditioned }[] = [];
  const explain = explainTo({
    events: { event: (_object: KubeObject, input: EventInput) => void events.push(input) },
    metrics: { changed: (kind, from, to) => void compared.push({ kind, before: from, after: to }) },
  });
  explain(lease, before, after);
  return { events, compared };
}

describe("events", () => {
  test("tell of a flip, once, with the condition's own words", () => {
    expect(explained(at(unready), at(ready)).events).toEqual([
      { type: "Normal", reason: "Ready", action: "Ready", note: ready.message },
    ]);
    expect(explained(at(ready), at(ready)).events).toEqual([]);
  });

  test("tell of another reason under the same status", () => {
    const crash = newCondition("ComputeLease", "Ready", "CrashLoop");
    expect(explained(at(unready), at(crash)).events).toMatchObject([{ type: "Normal", reason: "CrashLoop" }]);
  });

  test("warn of what was well and is not", () => {
    expect(explained(at(ready), at(unready)).events).toMatchObject([
      { type: "Warning", reason: "ContainersNotReady", note: "web: 0 of 1 ready" },
    ]);
  });

  test("do not warn of a lease that goes on after a suspension", () => {
    expect(explained(at(suspended), at(resumed)).events).toMatchObject([{ type: "Normal", reason: "NotSuspended" }]);
  });

  test("tell of a first look only what is wrong or over", () => {
    const homeless = newCondition("ComputeLease", "CapacityReserved", "NoCapacity");
    const unseen = newCondition("ComputeLease", "CapacityReserved", "NotObserved");
    expect(explained(undefined, at(ready, open, resumed)).events).toEqual([]);
    expect(explained(undefined, at(unready, homeless)).events.map(({ reason }) => reason)).toEqual(["NoCapacity"]);
    expect(explained(at(unseen), at(homeless)).events.map(({ reason }) => reason)).toEqual(["NoCapacity"]);
    expect(explained([], at(ready, closed)).events.map(({ reason }) => reason)).toEqual(["TenantClosed"]);
  });

  test("say nothing of steps on the way", () => {
    const missing = newCondition("ComputeLease", "Ready", "NotProvisioned");
    expect(explained(at(missing), at(unready)).events).toEqual([]);
    expect(explained(at(ready), at(missing)).events).toMatchObject([{ type: "Warning", reason: "NotProvisioned" }]);
    const isolating = newCondition("ComputeLease", "Isolated", "Isolating");
    const provisioning = newCondition("ComputeLease", "Provisioned", "Provisioning");
    const isolated = newCondition("ComputeLease", "Isolated", "Isolated");
    const provisioned = newCondition("ComputeLease", "Provisioned", "Provisioned");
    expect(explained(undefined, at(isolating, provisioning)).events).toEqual([]);
    expect(explained(at(isolating, provisioning), at(isolated, provisioned)).events).toEqual([]);
  });
});

test("metrics compare the object before and after, every time", () => {
  const { compared } = explained(at(ready), at(ready));
  expect(compared).toEqual([
    {
      kind: "ComputeLease",
      before: { metadata: lease.metadata, status: { conditions: at(ready) } },
      after: { metadata: lease.metadata, status: { conditions: at(ready) } },
    },
  ]);
  expect(explained(undefined, at(ready)).compared[0]?.before.status.conditions).toEqual([]);
});
