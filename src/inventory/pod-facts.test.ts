import { expect, test } from "vitest";
import { labels } from "../api/names.ts";
import { podFacts } from "./pod-facts.ts";

const ofLease = { [labels.network]: "market", [labels.lease]: "17" };

test("projects what the ledger needs, the pod's slot included", () => {
  const facts = podFacts({
    metadata: { name: "web-0", namespace: "shop", uid: "u1" },
    spec: { nodeName: "node-a", containers: [{ name: "c", resources: { requests: { "nvidia.com/gpu": "2" } } }] },
    status: { phase: "Running" },
  });
  expect(facts).toEqual({
    key: "shop/web-0",
    uid: "u1",
    node: "node-a",
    terminal: false,
    requests: new Map([
      ["nvidia.com/gpu", 2n],
      ["pods", 1n],
    ]),
    lease: undefined,
  });
});

test.each([
  ["Pending", false],
  ["Running", false],
  ["Unknown", false],
  ["Succeeded", true],
  ["Failed", true],
] as const)("phase %s: terminal is %s", (phase, terminal) => {
  expect(podFacts({ metadata: { name: "p", namespace: "n" }, status: { phase } }).terminal).toBe(terminal);
});

test.each([undefined, ""])("a pod with node name %j is bound nowhere", (nodeName) => {
  const spec = { containers: [], ...(nodeName !== undefined && { nodeName }) };
  expect(podFacts({ metadata: { name: "p", namespace: "n" }, spec }).node).toBeUndefined();
});

test("a pod in its lease's namespace belongs to the lease", () => {
  const facts = podFacts({ metadata: { name: "web", namespace: "lease-market-17", labels: ofLease } });
  expect(facts.lease).toBe("market-17");
});

test.each([
  ["another namespace", "shop", ofLease],
  ["another lease's namespace", "lease-market-18", ofLease],
  ["no labels", "lease-market-17", {}],
  ["no network label", "lease-market-17", { [labels.lease]: "17" }],
  ["no lease label", "lease-market-17", { [labels.network]: "market" }],
  ["a lease id that is no number", "lease-market-x", { ...ofLease, [labels.lease]: "x" }],
  ["a network that is no name", "lease-UP-17", { ...ofLease, [labels.network]: "UP" }],
])("%s: the pod is foreign, and no label can make the projection fail", (_, namespace, podLabels) => {
  expect(podFacts({ metadata: { name: "web", namespace, labels: podLabels } }).lease).toBeUndefined();
});
