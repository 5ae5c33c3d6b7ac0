import { describe, expect, test } from "vitest";
import { nodeFindings } from "./nodes.ts";

type Node = Parameters<typeof nodeFindings>[0][number];

function node(
  name: string,
  gpus: Record<string, string>,
  labels: Record<string, string>,
  changes: Partial<Node> = {},
): Node {
  const status = { allocatable: { cpu: "96", ...gpus }, conditions: [{ type: "Ready", status: "True" }] };
  return { metadata: { name, labels }, spec: {}, status, ...changes };
}

const h100 = { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" };

describe("nodeFindings", () => {
  test("sums GPUs by product", () => {
    const nodes = [
      node("a", { "nvidia.com/gpu": "8" }, h100),
      node("b", { "nvidia.com/gpu": "4" }, h100),
      node("c", { "amd.com/gpu": "2" }, { "amd.com/gpu.product-name": "MI300X" }),
    ];
    expect(nodeFindings(nodes)).toEqual([
      { check: "GPU nodes", result: "ok", detail: "12 × NVIDIA-H100-80GB-HBM3, 2 × MI300X on 3 nodes" },
    ]);
  });

  test("knows MIG slices by their own labels", () => {
    const labels = { "nvidia.com/mig-1g.10gb.product": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb" };
    expect(nodeFindings([node("a", { "nvidia.com/mig-1g.10gb": "7" }, labels)])).toMatchObject([
      { result: "ok", detail: "7 × NVIDIA-H100-80GB-HBM3-MIG-1g.10gb on 1 node" },
    ]);
  });

  test("warns where no node has GPUs, or offers none of them", () => {
    const nodes = [node("a", {}, {}), node("b", { "nvidia.com/gpu": "0" }, h100)];
    expect(nodeFindings(nodes)).toMatchObject([
      { check: "GPU nodes", result: "warn", detail: "none of 2 nodes offers GPUs: only CPU and memory can be sold" },
    ]);
  });

  test.each([
    ["no product label", node("a", { "nvidia.com/gpu": "8" }, {}), "GPU labels", "no label nvidia.com/gpu.product"],
    [
      "time-slicing",
      node("a", { "nvidia.com/gpu": "8" }, { ...h100, "nvidia.com/gpu.sharing-strategy": "time-slicing" }),
      "GPU sharing",
      "time-slicing",
    ],
    [
      "a shared product",
      node("a", { "nvidia.com/gpu": "8" }, { "nvidia.com/gpu.product": "Tesla-T4-SHARED" }),
      "GPU sharing",
      "not an exclusive device",
    ],
    [
      "a MIG layout that failed",
      node("a", { "nvidia.com/gpu": "8" }, { ...h100, "nvidia.com/mig.config.state": "failed" }),
      "GPU partitions",
      "the MIG layout is failed",
    ],
    [
      "a broken MIG layout",
      node("a", { "nvidia.com/gpu": "8" }, { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-MIG-INVALID" }),
      "GPU sharing",
      "not an exclusive device",
    ],
    [
      "a cordon",
      node("a", { "nvidia.com/gpu": "8" }, h100, { spec: { unschedulable: true } }),
      "GPU nodes",
      "it is cordoned",
    ],
    [
      "a node that is not Ready",
      node("a", {}, h100, { status: { allocatable: { "nvidia.com/gpu": "8" }, conditions: [] } }),
      "GPU nodes",
      "it is not Ready",
    ],
  ])("warns of %s with a fix, and counts the good nodes", (_, bad, check, words) => {
    const findings = nodeFindings([bad, node("good", { "nvidia.com/gpu": "8" }, h100)]);
    expect(findings).toMatchObject([
      { result: "ok", detail: "8 × NVIDIA-H100-80GB-HBM3 on 1 node" },
      { check, result: "warn", detail: expect.stringContaining(words), fix: expect.stringMatching(/./) },
    ]);
  });
});
