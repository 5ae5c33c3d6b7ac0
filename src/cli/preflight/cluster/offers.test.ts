import { describe, expect, test } from "vitest";
import { computeOffer } from "../../../../test/support/controllers/objects.ts";
import { h100 } from "../../../../test/support/workload/offers.ts";
import type { ComputeOfferSpec } from "../../../api/types.gen.ts";
import { type OfferSurroundings, offerFindings } from "./offers.ts";

type Node = OfferSurroundings["nodes"][number];

function node(name: string, kernel = "6.8.0"): Node {
  return {
    metadata: {
      name,
      labels: { "nvidia.com/gpu.product": h100, "nvidia.com/gpu.memory": "81559", pool: "rentable" },
    },
    spec: {},
    status: {
      allocatable: { cpu: "96", memory: "1Ti", "nvidia.com/gpu": "8", pods: "110", "ephemeral-storage": "1Ti" },
      conditions: [{ type: "Ready", status: "True" }],
      nodeInfo: {
        kernelVersion: kernel,
        containerRuntimeVersion: "containerd://2.1.0",
        kubeletVersion: "v1.36.3",
        architecture: "amd64",
        bootID: "",
        kubeProxyVersion: "",
        machineID: "",
        operatingSystem: "linux",
        osImage: "",
        systemUUID: "",
      },
    },
  };
}

const around: OfferSurroundings = {
  networks: ["market"],
  nodes: [node("gpu-a"), node("gpu-b")],
  runtimeClasses: [
    { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "nvidia" }, handler: "nvidia" },
  ],
  storageClasses: [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "local-nvme" },
      provisioner: "x",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
  ],
  priorityClasses: [{ metadata: { name: "tenants" } }],
};
const bare: Partial<ComputeOfferSpec> = {
  isolation: { tier: "Container" },
  storage: { classes: [{ name: "nvme", storageClassName: "local-nvme" }] },
};

const find = (changes: Partial<ComputeOfferSpec>, surroundings: Partial<OfferSurroundings> = {}) =>
  offerFindings([computeOffer("h100", { ...bare, ...changes })], { ...around, ...surroundings });

describe("an offer", () => {
  test("that names what there is and has nodes is all right", () => {
    const isolation = { tier: "Container", runtimeClassName: "nvidia" } as const;
    expect(find({ isolation })).toEqual([
      {
        check: "Offer",
        subject: "h100",
        result: "ok",
        detail: "2 nodes, RuntimeClass nvidia, StorageClass local-nvme (WaitForFirstConsumer, grows)",
      },
    ]);
  });

  test.each<[string, Parameters<typeof find>[0], string]>([
    ["ComputeNetwork", { networkRef: { name: "elsewhere" } }, "there is no ComputeNetwork elsewhere"],
    ["RuntimeClass", { isolation: { tier: "GVisor", runtimeClassName: "gvisor" } }, "there is no RuntimeClass gvisor"],
    ["PriorityClass", { scheduling: { priorityClassName: "vip" } }, "there is no PriorityClass vip"],
    [
      "StorageClass",
      { storage: { classes: [{ name: "fast", storageClassName: "ssd" }] } },
      "there is no StorageClass ssd",
    ],
  ])("that names a %s that is not there fails", (_kind, changes, detail) => {
    expect(find(changes)).toMatchObject([{ result: "fail", subject: "h100", detail, fix: expect.any(String) }]);
  });

  test("is warned of volumes that are made before their pod has a node", () => {
    const [one] = around.storageClasses;
    if (one === undefined) throw new Error("no class");
    expect(find({}, { storageClasses: [{ ...one, volumeBindingMode: "Immediate" }] })).toMatchObject([
      { result: "warn", detail: expect.stringContaining("StorageClass local-nvme (Immediate, grows)") },
    ]);
  });

  test("that no node fits says why", () => {
    const elsewhere = { placement: { nodeSelector: { pool: "elsewhere" } } };
    expect(find(elsewhere)).toMatchObject([
      { result: "warn", detail: expect.stringContaining("node selector pool=elsewhere does not match") },
    ]);
    expect(find({}, { nodes: [] })).toMatchObject([
      { result: "warn", detail: expect.stringContaining("has no nodes") },
    ]);
  });

  test("with user namespaces fails on nodes that have none", () => {
    const isolation = { tier: "Container", userNamespaces: true } as const;
    expect(find({ isolation })).toMatchObject([{ result: "ok" }]);
    expect(find({ isolation }, { nodes: [node("gpu-a"), node("old", "5.4.0")] })).toMatchObject([
      { result: "fail", detail: expect.stringContaining("no user namespaces on old") },
    ]);
    expect(find({}, { nodes: [node("old", "5.4.0")] })).toMatchObject([{ result: "ok" }]);
  });
});
