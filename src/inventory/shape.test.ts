import { expect, test } from "vitest";
import { sameShape, shapeOf } from "./shape.ts";

const unit = { cpu: "8", memory: "64Gi", ephemeralStorage: "100Gi" };
const accelerator = { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", count: 2 };
const terms = [{ matchExpressions: [{ key: "zone", operator: "In" as const, values: ["a"] }] }];

test("one unit asks its resources and one slot on the node", () => {
  expect(Object.fromEntries(shapeOf({ unit: { ...unit, accelerator } }).requests)).toEqual({
    pods: 1n,
    cpu: 8000n,
    memory: 68719476736n,
    "ephemeral-storage": 107374182400n,
    "nvidia.com/gpu": 2n,
  });
});

test("what an offer leaves out is what the API defaults to", () => {
  const shape = shapeOf({ unit: { ...unit, accelerator } });
  expect(shape.accelerator?.vendor).toBe("nvidia");
  expect(shape).toMatchObject({ nodeSelector: {}, affinity: [], tolerations: [], strategy: "Pack" });
  expect(shapeOf({ unit }).accelerator).toBeUndefined();
});

test("placement is taken over", () => {
  const placement = {
    nodeSelector: { pool: "rentable" },
    nodeAffinity: { required: terms },
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" as const }],
    strategy: "Spread" as const,
  };
  const { nodeSelector, affinity, tolerations, strategy } = shapeOf({ unit, placement });
  expect({ nodeSelector, affinity, tolerations, strategy }).toEqual({
    nodeSelector: { pool: "rentable" },
    affinity: terms,
    tolerations: placement.tolerations,
    strategy: "Spread",
  });
});

test("a sandbox's overhead, nodes and tolerations are part of the shape, as admission adds them to every pod", () => {
  const sandbox = {
    overhead: { podFixed: { cpu: "250m", memory: "160Mi" } },
    scheduling: { nodeSelector: { "katacontainers.io/kata-runtime": "true" }, tolerations: [{ key: "kata" }] },
  };
  const shape = shapeOf({ unit, placement: { nodeSelector: { pool: "rentable" } } }, sandbox);
  expect(shape.requests.get("cpu")).toBe(8250n);
  expect(shape.requests.get("memory")).toBe(68719476736n + 167772160n);
  expect(shape.nodeSelector).toEqual({ pool: "rentable", "katacontainers.io/kata-runtime": "true" });
  expect(shape.tolerations).toEqual([{ key: "kata" }]);
});

test("equal offers have the same shape, however their quantities are written", () => {
  const written = shapeOf({ unit: { cpu: 8, memory: "65536Mi", ephemeralStorage: "100Gi", accelerator } });
  const explicit = { ...accelerator, vendor: "nvidia" as const };
  expect(sameShape(written, shapeOf({ unit: { ...unit, accelerator: explicit } }))).toBe(true);
});

test.each([
  ["cpu", { unit: { ...unit, cpu: "9" } }],
  ["an accelerator", { unit: { ...unit, accelerator } }],
  ["the nodes", { unit, placement: { nodeSelector: { pool: "b" } } }],
  ["the affinity", { unit, placement: { nodeAffinity: { required: terms } } }],
  ["the tolerations", { unit, placement: { tolerations: [{ key: "a" }] } }],
  ["the strategy", { unit, placement: { strategy: "Spread" as const } }],
])("shapes differ by %s", (_, spec) => {
  expect(sameShape(shapeOf({ unit }), shapeOf(spec))).toBe(false);
});
