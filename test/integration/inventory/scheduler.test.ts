import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Inventory } from "../../../src/inventory/inventory.ts";
import { nodeFacts } from "../../../src/inventory/node-facts.ts";
import { podFacts } from "../../../src/inventory/pod-facts.ts";
import { type Shape, shapeOf } from "../../../src/inventory/shape.ts";
import { Arena, type Decision, forAll } from "./arena.ts";
import { leasePod } from "./lease-pod.ts";
import { type RandomCluster, randomCluster } from "./random-cluster.ts";

const clusterCount = 500;
/** Another sample: `SEED=7 npx vitest run --project integration test/integration/inventory`. */
const seed = Number(process.env["SEED"] ?? 20_261_123);

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

/** Clusters share the real one; this label, which every node has and every offer selects, keeps them apart. */
const label = "random-cluster";

const rounds = [0, 1, 2] as const;
type Round = (typeof rounds)[number];

interface Lease {
  readonly name: string;
  readonly units: number;
  readonly shape: Shape;
  /** The node that the pod is pinned to. */
  readonly pinnedTo: string | undefined;
  /** Nodes on which the inventory says that it fits. */
  readonly fitting: readonly string[];
}

const nodeName = (cluster: number, node: number): string => `c${cluster}-n${node}`;

async function populate(inventory: Inventory, clusters: readonly RandomCluster[]): Promise<void> {
  const nodes = clusters.flatMap(({ nodes }, c) =>
    nodes.map((node, n) => ({ ...node, name: nodeName(c, n), labels: { ...node.labels, [label]: `c${c}` } })),
  );
  await forAll(nodes, async ({ name, ...node }) => inventory.upsertNode(nodeFacts(await arena.createNode(name, node))));
  const foreign = clusters.flatMap(({ foreign }, c) =>
    foreign.map((pod, p) => ({ pod, c, name: `c${c}-foreign-${p}` })),
  );
  await forAll(foreign, async ({ pod, c, name }) =>
    inventory.upsertPod(podFacts(await arena.createBound(name, nodeName(c, pod.node), pod))),
  );
  await arena.schedulerKnowsAll();
}

/** What the inventory says of one wanted lease, and to which node its pod is pinned. */
function predict(inventory: Inventory, { nodes, wanted }: RandomCluster, c: number, round: Round): Lease {
  const { offer, units, pin } = wanted[round];
  const { unit, placement: asked } = offer;
  const shape = shapeOf({ unit, placement: { ...asked, nodeSelector: { [label]: `c${c}` } } });
  const names = nodes.map((_, n) => nodeName(c, n));
  const fitting = names.filter((name) => inventory.unitsOn(name, shape) >= units);
  const placement = inventory.place(shape, units);
  const chosen = placement.kind === "placed" ? placement.node : undefined;
  if (chosen === undefined) expect(fitting).toEqual([]);
  else expect(fitting).toContain(chosen);
  const pinnedTo = typeof pin === "number" ? names[pin] : pin === "chosen" ? chosen : undefined;
  return { units, name: `c${c}-lease-${round}`, shape, pinnedTo, fitting };
}

/** How the scheduler contradicts the inventory: in no way, or in one. */
function disagreement({ name, fitting, pinnedTo }: Lease, decision: Decision): string[] {
  const allowed = pinnedTo === undefined ? fitting : fitting.filter((node) => node === pinnedTo);
  if (decision !== "unschedulable" && !allowed.includes(decision.node)) {
    return [`${name}: fits on [${allowed}], bound to ${decision.node}`];
  }
  return decision === "unschedulable" && allowed.length > 0 ? [`${name}: fits on [${allowed}], left pending`] : [];
}

/** Lets the scheduler decide on all leases at once; it never sees the inventory's answers nor the inventory its pods. */
async function schedule(leases: readonly Lease[]): Promise<{ lease: Lease; decision: Decision }[]> {
  await forAll(leases, ({ name, shape, units, pinnedTo }) => arena.createPod(name, leasePod(shape, units, pinnedTo)));
  const decisions = await Promise.all(
    leases.map(async (lease) => ({ lease, decision: await arena.decision(lease.name) })),
  );
  const pending = decisions.filter(({ decision }) => decision === "unschedulable");
  await forAll(pending, ({ lease }) => arena.deletePod(lease.name));
  return decisions;
}

test(`the inventory and kube-scheduler agree on every lease of ${clusterCount} random clusters`, async () => {
  const inventory = new Inventory();
  const clusters = fc.sample(fc.noBias(randomCluster), { numRuns: clusterCount, seed });
  await populate(inventory, clusters);
  const tally = { bound: 0, unschedulable: 0 };
  const disagreements: string[] = [];
  for (const round of rounds) {
    const leases = clusters.map((cluster, c) => predict(inventory, cluster, c, round));
    const decisions = await schedule(leases);
    for (const { lease, decision } of decisions) {
      disagreements.push(...disagreement(lease, decision));
      tally[decision === "unschedulable" ? "unschedulable" : "bound"] += 1;
      // From here on the reservation must stand for the pod that the scheduler bound.
      if (decision !== "unschedulable") inventory.reserve({ ...lease, lease: lease.name, node: decision.node });
    }
  }
  expect(disagreements, `seed ${seed}`).toEqual([]);
  // The sample must say something of both answers.
  expect(tally.bound).toBeGreaterThan(clusterCount / 4);
  expect(tally.unschedulable).toBeGreaterThan(clusterCount / 4);
});
