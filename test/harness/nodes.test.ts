import { describe, expect, it } from "vitest";
import { gpuNode } from "./nodes.ts";

const h100 = { product: "NVIDIA-H100-80GB-HBM3", count: 8, memoryMiB: 81_559 };

describe("gpuNode", () => {
  it("offers whole GPUs, labelled and tainted as GPU nodes are", () => {
    const node = gpuNode("h100-0", h100);
    expect(node.status.allocatable).toMatchObject({ "nvidia.com/gpu": "8" });
    expect(node.metadata.labels).toMatchObject({
      "kubernetes.io/hostname": "h100-0",
      "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
      "nvidia.com/gpu.count": "8",
      "nvidia.com/gpu.memory": "81559",
      "nvidia.com/gpu.sharing-strategy": "none",
      "nvidia.com/mig.strategy": "none",
    });
    expect(node.spec.taints).toEqual([{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
  });

  it("offers MIG slices under their own resource, and no whole GPU", () => {
    const node = gpuNode("mig-0", { ...h100, count: 7, memoryMiB: 9728, migProfile: "1g.10gb" });
    expect(node.status.allocatable).not.toHaveProperty(["nvidia.com/gpu"]);
    expect(node.status.allocatable).toMatchObject({ "nvidia.com/mig-1g.10gb": "7" });
    expect(node.metadata.labels).toMatchObject({
      "nvidia.com/mig.strategy": "mixed",
      "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
      "nvidia.com/mig-1g.10gb.product": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb",
      "nvidia.com/mig-1g.10gb.memory": "9728",
    });
  });

  it("lets the caller's labels win and its taints replace the usual one", () => {
    const node = gpuNode("odd", {
      ...h100,
      labels: { "nvidia.com/gpu.sharing-strategy": "mps", pool: "a" },
      taints: [],
    });
    expect(node.metadata.labels).toMatchObject({ "nvidia.com/gpu.sharing-strategy": "mps", pool: "a" });
    expect(node.spec.taints).toEqual([]);
  });
});
