import fc from "fast-check";
import type { INode } from "kubernetes-models/v1/Node";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { shapeOf } from "../../../src/inventory/shape.ts";
import { a100, h100 } from "../../support/gpu-nodes.ts";

type Offer = Parameters<typeof shapeOf>[0];
type PodSpec = NonNullable<IPod["spec"]>;
type NodeTaint = NonNullable<NonNullable<INode["spec"]>["taints"]>[number];

/** Names are made later, so that many random clusters can live in one real one. */
export interface RandomNode {
  readonly labels: Record<string, string>;
  readonly taints: NodeTaint[];
  readonly unschedulable: boolean;
  readonly ready: boolean;
  readonly allocatable: Record<string, string>;
}

/** A pod that is there already, bound to the node of that index. */
export interface ForeignPod {
  readonly node: number;
  readonly spec: PodSpec;
  readonly phase: "Running" | "Succeeded" | "Failed";
}

/**
 * A lease wanted. Its pod is pinned to the node that the inventory chooses, to the node of an index whatever the
 * inventory thinks of it, or left to the scheduler.
 */
export interface WantedLease {
  readonly offer: Offer;
  readonly units: number;
  readonly pin: "chosen" | "free" | number;
}

export interface RandomCluster {
  readonly nodes: readonly RandomNode[];
  readonly foreign: readonly ForeignPod[];
  readonly wanted: readonly [WantedLease, WantedLease, WantedLease];
}

/** The RuntimeClass whose overhead some foreign pods carry. */
export const sandboxClass = "sandbox";

const profile = "1g.10gb";
const gpuTaint: NodeTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };
const taintPool: NodeTaint[] = [
  gpuTaint,
  { key: "sku", value: "gpu", effect: "NoExecute" },
  { key: "maintenance", effect: "PreferNoSchedule" },
];

/** A card, and how its node offers it. */
interface Device {
  readonly product: string;
  readonly kind: "whole" | "single" | "mixed" | "time-slicing" | "mps";
}

const soldKind = fc.constantFrom("whole", "whole", "single", "mixed");
const sharedKind = fc.constantFrom("time-slicing", "mps");
const product = fc.constantFrom(h100, a100);
const soldDevice: fc.Arbitrary<Device> = fc.record({ product, kind: soldKind });

/** Mostly as in the rest of the cluster, so that enough leases meet a node that could hold them; else off by a little. */
function near(home: Device): fc.Arbitrary<Device> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(home) },
    { weight: 2, arbitrary: fc.record({ product: fc.constant(home.product), kind: sharedKind }) },
    { weight: 1, arbitrary: soldDevice },
  );
}

const optional = <T>(arbitrary: fc.Arbitrary<T>, freq = 3): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq });

/** Labels and devices as GPU feature discovery and the device plugin would show them. */
function devices(home: Device): fc.Arbitrary<Pick<RandomNode, "labels" | "allocatable">> {
  return fc
    .record({
      device: optional(near(home), 10),
      memory: fc.constantFrom(...Array<string>(8).fill("81559"), "40960", undefined),
      count: fc.integer({ min: 0, max: 8 }),
    })
    .map(({ device, memory, count }) => {
      if (!device) return { labels: {}, allocatable: {} };
      const { product, kind } = device;
      const resource = kind === "mixed" ? `nvidia.com/mig-${profile}` : "nvidia.com/gpu";
      const slices = kind === "mixed" || kind === "single";
      const labels: Record<string, string> = {
        [`${resource}.product`]: slices ? `${product}-MIG-${profile}` : product,
      };
      if (memory !== undefined) labels[`${resource}.memory`] = memory;
      if (kind === "whole") labels[`${resource}.sharing-strategy`] = "none";
      if (kind === "time-slicing" || kind === "mps") {
        labels[`${resource}.sharing-strategy`] = kind;
        labels[`${resource}.replicas`] = "4";
      }
      return { labels, allocatable: { [resource]: String(count) } };
    });
}

function node(home: Device, tight: boolean, tolerant: boolean): fc.Arbitrary<RandomNode> {
  return fc
    .record({
      devices: devices(home),
      zone: optional(fc.constantFrom("a", "a", "b"), 5),
      cores: optional(fc.constantFrom("8", "64", "many")),
      taints: fc.oneof(fc.constant<NodeTaint[]>([]), fc.constant<NodeTaint[]>([gpuTaint]), fc.subarray(taintPool)),
      // A tolerance of everything lets the scheduler onto such nodes; the inventory never sells them.
      unschedulable: tolerant ? fc.constant(false) : fc.nat(9).map((n) => n === 0),
      ready: tolerant ? fc.constant(true) : fc.nat(9).map((n) => n > 0),
      cpuMillis: fc.integer({ min: 1000, max: 24_000 }),
      memoryMiB: fc.integer({ min: 1024, max: 32_768 }),
      diskMiB: optional(fc.integer({ min: 0, max: 10_240 }), 10),
      pods: tight ? fc.integer({ min: 0, max: 5 }) : fc.constant(110),
    })
    .map(({ devices, zone, cores, cpuMillis, memoryMiB, diskMiB, pods, ...state }) => ({
      ...state,
      labels: { ...devices.labels, ...(zone && { zone }), ...(cores && { cores }) },
      allocatable: {
        cpu: `${cpuMillis}m`,
        memory: `${memoryMiB}Mi`,
        pods: String(pods),
        ...(diskMiB !== undefined && { "ephemeral-storage": `${diskMiB}Mi` }),
        ...devices.allocatable,
      },
    }));
}

function resources(
  maxCpuMillis: number,
): fc.Arbitrary<{ requests: Record<string, string>; limits: Record<string, string> }> {
  const amounts = fc.record({
    cpuMillis: fc.integer({ min: 0, max: maxCpuMillis }),
    memoryMiB: fc.integer({ min: 0, max: 4096 }),
    gpus: fc.constantFrom(0, 0, 1, 2),
  });
  return amounts.map(({ cpuMillis, memoryMiB, gpus }) => {
    const requests: Record<string, string> = { cpu: `${cpuMillis}m`, memory: `${memoryMiB}Mi` };
    if (gpus > 0) requests["nvidia.com/gpu"] = String(gpus);
    return { requests, limits: requests };
  });
}

const foreignSpec = fc
  .record({
    containers: fc.array(resources(3000), { minLength: 1, maxLength: 2 }),
    early: fc.array(fc.record({ resources: resources(9000), sidecar: fc.boolean() }), { maxLength: 2 }),
    podLevelCpuMillis: fc.oneof(fc.constant(undefined), fc.constant(undefined), fc.integer({ min: 6001, max: 7000 })),
    sandboxed: fc.constantFrom(false, false, true),
  })
  .map(({ containers, early, podLevelCpuMillis, sandboxed }): PodSpec => {
    const image = "registry.example/other";
    // Above what any one container may ask, as pod-level requests must be at least the containers' sum.
    const cpu = `${podLevelCpuMillis}m`;
    const podLevel = early.length === 0 && podLevelCpuMillis !== undefined;
    return {
      containers: containers.map((resources, i) => ({ name: `c${i}`, image, resources })),
      initContainers: early.map(({ resources, sidecar }, i) => ({
        ...{ name: `i${i}`, image, resources },
        ...(sidecar && { restartPolicy: "Always" }),
      })),
      ...(podLevel && { resources: { requests: { cpu }, limits: { cpu } } }),
      ...(sandboxed && { runtimeClassName: sandboxClass }),
    };
  });

type Terms = NonNullable<NonNullable<Offer["placement"]>["nodeAffinity"]>["required"];

const requirement = fc.constantFrom<Terms[number]["matchExpressions"]>(
  { key: "zone", operator: "In", values: ["a"] },
  { key: "zone", operator: "NotIn", values: ["b"] },
  { key: "zone", operator: "Exists" },
  { key: "zone", operator: "DoesNotExist" },
  { key: "cores", operator: "Gt", values: ["8"] },
  { key: "cores", operator: "Lt", values: ["64"] },
);
const terms: fc.Arbitrary<Terms> = fc.array(
  fc.record({ matchExpressions: fc.array(requirement, { minLength: 1, maxLength: 2 }) }),
  {
    minLength: 1,
    maxLength: 2,
  },
);

type Accelerator = NonNullable<Offer["unit"]["accelerator"]>;

function accelerator(home: Device): fc.Arbitrary<Accelerator> {
  return fc
    .record({
      device: near(home),
      memoryMiB: optional(fc.constant(81_559), 2),
      count: fc.constantFrom(1, 1, 2, 3),
    })
    .map(({ device: { product, kind }, memoryMiB, count }) => ({
      resource: kind === "mixed" ? `nvidia.com/mig-${profile}` : "nvidia.com/gpu",
      ...((kind === "mixed" || kind === "single") && { migProfile: profile }),
      ...(memoryMiB !== undefined && { memoryMiB }),
      product,
      count,
    }));
}

type Tolerations = NonNullable<NonNullable<Offer["placement"]>["tolerations"]>;

const tolerateAll: Tolerations = [{ operator: "Exists" }];
const tolerateGpus: Tolerations = [
  { key: "nvidia.com/gpu", operator: "Exists" },
  { key: "sku", value: "gpu" },
];
const tolerations = fc.oneof(
  { weight: 3, arbitrary: fc.constant(tolerateGpus) },
  {
    weight: 1,
    arbitrary: fc.subarray<Tolerations[number]>([
      ...tolerateGpus,
      { key: "sku", operator: "Exists", effect: "NoSchedule" },
    ]),
  },
);

function offer(home: Device, tolerant: boolean): fc.Arbitrary<Offer> {
  return fc
    .record({
      accelerator: optional(accelerator(home), 5),
      cpuMillis: fc.integer({ min: 50, max: 3000 }),
      memoryMiB: fc.integer({ min: 64, max: 4096 }),
      diskMiB: fc.integer({ min: 1, max: 1024 }),
      required: fc.oneof({ weight: 3, arbitrary: fc.constant<Terms>([]) }, { weight: 1, arbitrary: terms }),
      tolerations: tolerant ? fc.constant(tolerateAll) : tolerations,
      strategy: fc.constantFrom("Pack", "Spread"),
    })
    .map(({ accelerator, cpuMillis, memoryMiB, diskMiB, required, tolerations, strategy }) => ({
      unit: {
        ...(accelerator && { accelerator }),
        cpu: `${cpuMillis}m`,
        memory: `${memoryMiB}Mi`,
        ephemeralStorage: `${diskMiB}Mi`,
      },
      placement: { tolerations, strategy, ...(required.length > 0 && { nodeAffinity: { required } }) },
    }));
}

/**
 * Up to four nodes, pods already on them and three leases wanted one after the other. Where slots for pods are scarce,
 * leases are of one unit: the inventory holds a slot for every unit, the test's pod takes one for all.
 */
export const randomCluster: fc.Arbitrary<RandomCluster> = fc
  .record({
    home: soldDevice,
    tight: fc.constantFrom(false, false, false, true),
    tolerant: fc.constantFrom(false, false, false, false, true),
    size: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ home, tight, tolerant, size }) => {
    const index = fc.nat(size - 1);
    const phase = fc.constantFrom("Running", "Running", "Succeeded", "Failed");
    const pin = fc.oneof(fc.constantFrom("chosen", "free", "free"), index);
    const units = tight ? fc.constant(1) : fc.constantFrom(1, 1, 2, 3);
    const lease = fc.record({ offer: offer(home, tolerant), units, pin });
    return fc.record({
      nodes: fc.array(node(home, tight, tolerant), { minLength: size, maxLength: size }),
      foreign: fc.array(fc.record({ node: index, spec: foreignSpec, phase }), { maxLength: 3 }),
      wanted: fc.tuple(lease, lease, lease),
    });
  });
