import { describe, expect, test } from "vitest";
import { a100, h100, h100Node, h100Shape } from "../../test/support/gpu-nodes.ts";
import { deviceClassAffinity, deviceClassRefusal } from "./device-class.ts";
import { matchesAnyTerm } from "./selectors.ts";
import { type Shape, shapeOf } from "./shape.ts";

type Labels = Record<string, string>;

function refusal(labels: Labels, shape: Shape): string | undefined {
  if (!shape.accelerator) throw new Error("the shape has no accelerator");
  return deviceClassRefusal({ ...h100Node("node-a"), labels }, shape.accelerator);
}

const gpu = (product: string, more: Labels = {}): Labels => ({
  "nvidia.com/gpu.product": product,
  "nvidia.com/gpu.memory": "81559",
  ...more,
});
const mixed = (profile: string, product: string): Labels => ({
  ...gpu(h100),
  [`nvidia.com/mig-${profile}.product`]: product,
  [`nvidia.com/mig-${profile}.memory`]: "9984",
});

const single = h100Shape({ migProfile: "1g.10gb" });
const slice = h100Shape({ resource: "nvidia.com/mig-1g.10gb", migProfile: "1g.10gb", memoryMiB: 9984 });
const amd = h100Shape({
  vendor: "amd",
  resource: "amd.com/gpu",
  product: "AMD_Instinct_MI300X_OAM",
  memoryMiB: 196_592,
});
const amdLabels = { "amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM", "amd.com/gpu.vram": "191G" };
const intel = h100Shape({ vendor: "intel", resource: "gpu.intel.com/i915", product: "Max_1100" });
const gaudi = h100Shape({ vendor: "intel", resource: "habana.ai/gaudi", product: "HL-225" });

describe("the exact class, and nothing else, is sold", () => {
  test.each<[string, Labels, Shape]>([
    ["the product", gpu(h100), h100Shape()],
    ["a product that no list knows", gpu("NVIDIA-Z9000"), h100Shape({ product: "NVIDIA-Z9000" })],
    ["product and memory", gpu(h100), h100Shape({ memoryMiB: 81_559 })],
    [
      "sharing none",
      gpu(h100, { "nvidia.com/gpu.sharing-strategy": "none", "nvidia.com/gpu.replicas": "1" }),
      h100Shape(),
    ],
    ["MIG single: slices as GPUs", gpu(`${h100}-MIG-1g.10gb`), single],
    [
      "the same, the offer gives the whole name",
      gpu(`${h100}-MIG-1g.10gb`),
      h100Shape({ product: `${h100}-MIG-1g.10gb` }),
    ],
    [
      "name and profile given both",
      gpu(`${h100}-MIG-1g.10gb`),
      h100Shape({ product: `${h100}-MIG-1g.10gb`, migProfile: "1g.10gb" }),
    ],
    ["MIG mixed: labels of the slice", mixed("1g.10gb", `${h100}-MIG-1g.10gb`), slice],
    ["AMD, memory in whole GiB", amdLabels, amd],
    ["Intel", { "gpu.intel.com/product": "Max_1100" }, intel],
    ["labelled by hand", { "habana.ai/gaudi.product": "HL-225" }, gaudi],
  ])("sold: %s", (_, labels, shape) => {
    expect(refusal(labels, shape)).toBeUndefined();
    expect(matchesAnyTerm(labels, [{ matchExpressions: deviceClassAffinity(shape) }])).toBe(true);
  });

  test.each<[string, Labels, Shape, string]>([
    ["another product", gpu(a100), h100Shape(), `product is ${a100}, not ${h100}`],
    ["no labels", {}, h100Shape(), "no label nvidia.com/gpu.product"],
    ["less memory", gpu(h100), h100Shape({ memoryMiB: 40_960 }), "memory is 81559, not 40960"],
    [
      "memory unknown",
      { "nvidia.com/gpu.product": h100 },
      h100Shape({ memoryMiB: 81_559 }),
      "no label nvidia.com/gpu.memory",
    ],
    ["a whole GPU for a slice", gpu(h100), single, `product is ${h100}, not ${h100}-MIG-1g.10gb`],
    ["a slice for a whole GPU", gpu(`${h100}-MIG-1g.10gb`), h100Shape(), `product is ${h100}-MIG-1g.10gb, not ${h100}`],
    ["another profile", mixed("2g.20gb", `${h100}-MIG-2g.20gb`), slice, "no label nvidia.com/mig-1g.10gb.product"],
    [
      "a slice of another card",
      mixed("1g.10gb", `${a100}-MIG-1g.10gb`),
      slice,
      `product is ${a100}-MIG-1g.10gb, not ${h100}-MIG-1g.10gb`,
    ],
    ["the shared variant", gpu(`${h100}-SHARED`), h100Shape(), `product is ${h100}-SHARED, not ${h100}`],
    [
      "time-slicing",
      gpu(h100, { "nvidia.com/gpu.sharing-strategy": "time-slicing" }),
      h100Shape(),
      "devices are shared: nvidia.com/gpu.sharing-strategy=time-slicing",
    ],
    [
      "MPS",
      gpu(h100, { "nvidia.com/gpu.sharing-strategy": "mps" }),
      h100Shape(),
      "devices are shared: nvidia.com/gpu.sharing-strategy=mps",
    ],
    ["another AMD card", { ...amdLabels, "amd.com/gpu.vram": "64G" }, amd, "memory is 64G, not 191G"],
  ])("refused, and by the affinity too: %s", (_, labels, shape, reason) => {
    expect(refusal(labels, shape)).toBe(reason);
    expect(matchesAnyTerm(labels, [{ matchExpressions: deviceClassAffinity(shape) }])).toBe(false);
  });

  test.each<[string, Labels, Shape, string]>([
    [
      "a sharing strategy of the future",
      gpu(h100, { "nvidia.com/gpu.sharing-strategy": "fractions" }),
      h100Shape(),
      "devices are shared: nvidia.com/gpu.sharing-strategy=fractions",
    ],
    [
      "replicas without a strategy",
      gpu(h100, { "nvidia.com/gpu.replicas": "10" }),
      h100Shape(),
      "devices are shared: nvidia.com/gpu.replicas=10",
    ],
    [
      "a renamed resource",
      gpu(h100),
      h100Shape({ resource: "nvidia.com/gpu.shared" }),
      "nvidia.com/gpu.shared is a shared resource; only exclusive devices are sold",
    ],
    [
      "Intel's monitoring handle",
      {},
      h100Shape({ vendor: "intel", resource: "gpu.intel.com/i915_monitoring" }),
      "gpu.intel.com/i915_monitoring is a shared resource; only exclusive devices are sold",
    ],
    [
      "a product offered as shared",
      gpu("T4-SHARED"),
      h100Shape({ product: "T4-SHARED" }),
      "product T4-SHARED is not an exclusive device; only exclusive devices are sold",
    ],
    [
      "a broken MIG layout",
      gpu("A30-MIG-INVALID"),
      h100Shape({ product: "A30-MIG-INVALID" }),
      "product A30-MIG-INVALID is not an exclusive device; only exclusive devices are sold",
    ],
  ])("never sold, whatever the labels say: %s", (_, labels, shape, reason) => {
    expect(refusal(labels, shape)).toBe(reason);
  });
});

test("the affinity names product, memory and exclusive sharing of the very resource", () => {
  expect(deviceClassAffinity(slice)).toEqual([
    { key: "nvidia.com/mig-1g.10gb.product", operator: "In", values: [`${h100}-MIG-1g.10gb`] },
    { key: "nvidia.com/mig-1g.10gb.memory", operator: "In", values: ["9984"] },
    { key: "nvidia.com/mig-1g.10gb.sharing-strategy", operator: "NotIn", values: ["time-slicing", "mps"] },
  ]);
});

test("an offer of CPU only asks no class", () => {
  const shape = shapeOf({ unit: { cpu: 1, memory: "1Gi", ephemeralStorage: "1Gi" } });
  expect(deviceClassAffinity(shape)).toEqual([]);
});
