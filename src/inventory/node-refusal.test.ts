import { expect, test } from "vitest";
import { a100, h100, h100Node, h100Shape, type NodeOptions } from "../../test/support/gpu-nodes.ts";
import { nodeRefusal, servingRefusal } from "./node-refusal.ts";
import { shapeOf } from "./shape.ts";

const inZoneA = { required: [{ matchExpressions: [{ key: "zone", operator: "In" as const, values: ["a"] }] }] };
const gpuTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };
const tolerateAll = [{ operator: "Exists" as const }];

test.each<[string, NodeOptions, Parameters<typeof h100Shape>[1], string | undefined]>([
  ["a plain node", {}, {}, undefined],
  ["another product", { labels: { "nvidia.com/gpu.product": a100 } }, {}, `product is ${a100}, not ${h100}`],
  ["the selector matches", { labels: { pool: "x" } }, { nodeSelector: { pool: "x" } }, undefined],
  [
    "the selector differs",
    { labels: { pool: "y" } },
    { nodeSelector: { pool: "x" } },
    "node selector pool=x does not match",
  ],
  ["the selected label is absent", {}, { nodeSelector: { pool: "x" } }, "node selector pool=x does not match"],
  ["the affinity matches", { labels: { zone: "a" } }, { nodeAffinity: inZoneA }, undefined],
  ["the affinity differs", { labels: { zone: "b" } }, { nodeAffinity: inZoneA }, "node affinity does not match"],
  ["being deleted", { deleting: true }, {}, "being deleted"],
  ["not ready", { ready: false }, {}, "not ready"],
  ["cordoned", { unschedulable: true }, {}, "cordoned"],
  ["to be maintained", { maintenanceAt: "2026-01-01T00:00:00Z" }, {}, "to be maintained"],
  ["to be maintained at a time that nobody can read", { maintenanceAt: "" }, {}, "to be maintained"],
  ["not ready but tolerated", { ready: false }, { tolerations: tolerateAll }, "not ready"],
  ["cordoned but tolerated", { unschedulable: true }, { tolerations: tolerateAll }, "cordoned"],
  ["a taint", { taints: [gpuTaint] }, {}, "taint nvidia.com/gpu=present:NoSchedule"],
  ["a taint without value", { taints: [{ ...gpuTaint, value: "" }] }, {}, "taint nvidia.com/gpu:NoSchedule"],
  ["a tolerated taint", { taints: [gpuTaint] }, { tolerations: tolerateAll }, undefined],
])("%s", (_, node, placement, expected) => {
  expect(nodeRefusal(h100Node("node-a", node), h100Shape({}, placement))).toBe(expected);
});

test("the device class is named before passing troubles: it is why the node will never do", () => {
  const node = h100Node("node-a", { unschedulable: true, labels: { "nvidia.com/gpu.product": a100 } });
  expect(nodeRefusal(node, h100Shape())).toBe(`product is ${a100}, not ${h100}`);
});

test("CPU is sold from any node, GPUs or not", () => {
  const cpuOnly = shapeOf({ unit: { cpu: 1, memory: "1Gi", ephemeralStorage: "1Gi" } });
  expect(nodeRefusal(h100Node("node-a"), cpuOnly)).toBeUndefined();
  expect(nodeRefusal({ ...h100Node("node-b"), labels: {} }, cpuOnly)).toBeUndefined();
});

test.each<[string, NodeOptions, string | undefined]>([
  ["a cordon", { unschedulable: true }, undefined],
  ["a new taint", { taints: [gpuTaint] }, undefined],
  ["a silent kubelet", { ready: false }, "not ready"],
  ["deletion", { deleting: true }, "being deleted"],
  ["another product than was sold", { labels: { "nvidia.com/gpu.product": a100 } }, `product is ${a100}, not ${h100}`],
  [
    "sharing turned on",
    { labels: { "nvidia.com/gpu.sharing-strategy": "mps" } },
    "devices are shared: nvidia.com/gpu.sharing-strategy=mps",
  ],
])("what %s means to a lease that lives there", (_, node, expected) => {
  expect(servingRefusal(h100Node("node-a", node), h100Shape())).toBe(expected);
});

test("while the device labels are away a lease stays, and nothing new is sold", () => {
  const unlabelled = { ...h100Node("node-a"), labels: {} };
  const shape = h100Shape({ memoryMiB: 81_559 });
  expect(servingRefusal(unlabelled, shape)).toBeUndefined();
  expect(nodeRefusal(unlabelled, shape)).toBe("no label nvidia.com/gpu.product");
});
