import { expect, test } from "vitest";
import { chooseNode } from "./choose-node.ts";

type Node = Parameters<typeof chooseNode>[0][number];

function node(name: string, gpus = "0", changes: { cordoned?: boolean; ready?: "True" | "False" } = {}): Node {
  const { cordoned = false, ready = "True" } = changes;
  return {
    metadata: { name },
    spec: { unschedulable: cordoned },
    status: {
      allocatable: { cpu: "8", "hugepages-2Mi": "1Gi", "nvidia.com/gpu": gpus },
      conditions: [{ type: "Ready", status: ready }],
    },
  };
}

function simulated(one: Node): Node {
  return { ...one, metadata: { ...one.metadata, annotations: { "kwok.x-k8s.io/node": "fake" } } };
}

test.each<[string, Node[], string | undefined]>([
  ["nowhere without nodes", [], undefined],
  ["nowhere while none is Ready", [node("a", "8", { ready: "False" })], undefined],
  ["not on a cordoned node", [node("a", "8", { cordoned: true }), node("b")], "b"],
  ["not on a node that only seems to run pods", [simulated(node("a", "8")), node("b")], "b"],
  ["where the GPUs are", [node("a"), node("b", "8")], "b"],
  ["on the first by name", [node("c", "8"), node("b", "8")], "b"],
  ["on any node where there are no GPUs", [node("b"), node("a")], "a"],
])("it probes %s", (_what, nodes, chosen) => {
  expect(chooseNode(nodes)).toBe(chosen);
});
