import { expect, test } from "vitest";
import { nodeFacts } from "./node-facts.ts";

const condition = (type: string, status: "True" | "False" | "Unknown") => ({ type, status });

test("projects what the inventory needs", () => {
  const facts = nodeFacts({
    metadata: {
      name: "node-a",
      labels: { pool: "rentable" },
      annotations: { "berthage.dev/maintenance-at": "2026-01-02T00:00:00Z" },
      deletionTimestamp: "2026-01-01T00:00:00Z",
    },
    spec: { unschedulable: true, taints: [{ key: "sku", effect: "NoSchedule" }] },
    status: { allocatable: { cpu: "3920m", pods: "110" }, conditions: [condition("Ready", "True")] },
  });
  expect(facts).toEqual({
    name: "node-a",
    labels: { pool: "rentable" },
    taints: [{ key: "sku", value: "", effect: "NoSchedule" }],
    unschedulable: true,
    ready: true,
    deleting: true,
    maintenanceAt: "2026-01-02T00:00:00Z",
    allocatable: new Map([
      ["cpu", 3920n],
      ["pods", 110n],
    ]),
  });
});

test.each([
  ["Ready is False", [condition("Ready", "False")]],
  ["the kubelet went silent", [condition("Ready", "Unknown")]],
  ["nothing was reported yet", []],
  ["only other conditions are True", [condition("MemoryPressure", "True")]],
])("%s: not ready", (_, conditions) => {
  expect(nodeFacts({ metadata: { name: "n" }, status: { conditions } }).ready).toBe(false);
});

test("a node that has just registered has nothing", () => {
  expect(nodeFacts({ metadata: { name: "n" } })).toEqual({
    name: "n",
    labels: {},
    taints: [],
    unschedulable: false,
    ready: false,
    deleting: false,
    maintenanceAt: undefined,
    allocatable: new Map(),
  });
});
