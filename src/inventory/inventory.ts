import type { NodeFacts } from "./node-facts.ts";
import { NodeLedger } from "./node-ledger.ts";
import { nodeRefusal, servingRefusal } from "./node-refusal.ts";
import { type Candidate, choose, type Placement, shortages, summarise, unitsThatFit } from "./placement.ts";
import type { PodFacts } from "./pod-facts.ts";
import { multiply, type Resources, sameResources } from "./resources.ts";
import { type Shape, sameShape } from "./shape.ts";
import { type Demand, divide } from "./shares.ts";

/** Units held for a lease on its one node until the lease ends, whether its pods run or not. */
export interface Reservation {
  /** Name of the ComputeLease. */
  readonly lease: string;
  readonly node: string;
  readonly units: number;
  readonly shape: Shape;
}

export interface Capacity {
  /** What the offer could hold, its own leases included. */
  readonly totalUnits: number;
  /** Further units that would fit. */
  readonly freeUnits: number;
  /** The most that one lease can have: a lease lives on one node. */
  readonly largestLeaseUnits: number;
  /** Nodes that the offer may be sold from. */
  readonly nodes: number;
}

/**
 * The one ledger of what the cluster can still sell, for all offers of all networks together (law 6). It answers as
 * the scheduler would, with reservations counted as if their pods were bound. Pure: informers feed it.
 *
 * Offers over the same nodes share their room: `freeUnits` of each assumes that the others sell nothing meanwhile, and
 * shrinks as they reserve.
 */
export class Inventory {
  readonly #nodes = new Map<string, NodeFacts>();
  readonly #pods = new Map<string, PodFacts>();
  readonly #reservations = new Map<string, Reservation>();
  /** By node name; also for nodes not seen yet, as pods may be listed before them. */
  #ledgers = new Map<string, NodeLedger>();

  upsertNode(node: NodeFacts): void {
    this.#nodes.set(node.name, node);
  }

  /** Pods and reservations of the node stay counted until they go themselves. */
  removeNode(name: string): void {
    this.#nodes.delete(name);
  }

  upsertPod(pod: PodFacts): void {
    const before = this.#pods.get(pod.key);
    if (before && holdsTheSame(before, pod)) return;
    this.removePod(pod.key);
    this.#pods.set(pod.key, pod);
    const node = nodeHolding(pod);
    if (node !== undefined) ledgerOf(this.#ledgers, node).add(pod);
  }

  /** `uid` protects the pod's successor of the same name from a late deletion. */
  removePod(key: string, uid?: string): void {
    const pod = this.#pods.get(key);
    if (!pod || (uid !== undefined && uid !== pod.uid)) return;
    this.#pods.delete(key);
    const node = nodeHolding(pod);
    if (node !== undefined) ledgerOf(this.#ledgers, node).remove(pod);
  }

  /**
   * Holds units for a lease, in place of what was held for it before. Never refuses: after a restart the allocation
   * in the lease's status is the truth even if the node has shrunk.
   */
  reserve(reservation: Reservation): void {
    this.release(reservation.lease);
    this.#reservations.set(reservation.lease, reservation);
    ledgerOf(this.#ledgers, reservation.node).reserve(reservation.lease, reserved(reservation));
  }

  /** Frees what was held for a lease; pods of it that still run stay counted. */
  release(lease: string): void {
    const reservation = this.#reservations.get(lease);
    if (!reservation) return;
    this.#reservations.delete(lease);
    ledgerOf(this.#ledgers, reservation.node).reserve(lease, new Map());
  }

  reservation(lease: string): Reservation | undefined {
    return this.#reservations.get(lease);
  }

  /** Further units that fit on one node; 0 when it may not be sold from. */
  unitsOn(name: string, shape: Shape): number {
    const node = this.#nodes.get(name);
    if (!node || nodeRefusal(node, shape) !== undefined) return 0;
    return unitsThatFit(node.allocatable, this.#used(name), shape.requests);
  }

  /** What an offer of this shape can sell. By default its own leases are those of an equal shape. */
  capacity(
    shape: Shape,
    isOwn: (reservation: Reservation) => boolean = ({ shape: s }) => sameShape(s, shape),
  ): Capacity {
    let nodes = 0;
    let freeUnits = 0;
    let largestLeaseUnits = 0;
    for (const node of this.#nodes.values()) {
      if (nodeRefusal(node, shape) !== undefined) continue;
      const units = unitsThatFit(node.allocatable, this.#used(node.name), shape.requests);
      nodes += 1;
      freeUnits += units;
      largestLeaseUnits = Math.max(largestLeaseUnits, units);
    }
    let ownUnits = 0;
    for (const reservation of this.#reservations.values()) {
      if (isOwn(reservation)) ownUnits += reservation.units;
    }
    return { totalUnits: freeUnits + ownUnits, freeUnits, largestLeaseUnits, nodes };
  }

  /** Divides the free room among offers so that all their shares fit together. */
  shares(demands: readonly Demand[]): ReadonlyMap<string, number> {
    const rooms = [...this.#nodes.values()].map((node) => ({
      allocatable: node.allocatable,
      used: this.#used(node.name),
      accepts: (shape: Shape) => nodeRefusal(node, shape) === undefined,
    }));
    return divide(rooms, demands);
  }

  /** Whether some node may hold units of both shapes, full or not. */
  meet(one: Shape, other: Shape): boolean {
    const nodes = [...this.#nodes.values()];
    return nodes.some((node) => [one, other].every((shape) => nodeRefusal(node, shape) === undefined));
  }

  /** Chooses the node for a lease of `units`, all of them together, or says per reason why none will do. */
  place(shape: Shape, units: number): Placement {
    const candidates: Candidate[] = [];
    const reasons: [node: string, reason: string][] = [];
    for (const node of this.#nodes.values()) {
      const refusals = this.#refusals(node, shape, units);
      for (const reason of refusals) reasons.push([node.name, reason]);
      if (refusals.length === 0) candidates.push({ node: node.name, units: this.unitsOn(node.name, shape) });
    }
    const node = choose(candidates, shape.strategy);
    return node === undefined ? { kind: "unplaceable", reasons: summarise(reasons) } : { kind: "placed", node };
  }

  /** Whether the node of a reservation is still there, ready and of the class that was sold. */
  holds({ node: name, shape }: Pick<Reservation, "node" | "shape">): boolean {
    const node = this.#nodes.get(name);
    return node !== undefined && servingRefusal(node, shape) === undefined;
  }

  /**
   * The self-check: sums everything anew, goes on with the new sums and returns the names of nodes whose kept sums
   * were different. Anything but an empty answer is a bug to report.
   */
  recompute(): string[] {
    const before = this.#ledgers;
    this.#ledgers = this.#summedAnew();
    const names = new Set([...before.keys(), ...this.#ledgers.keys()]);
    const used = (ledgers: Map<string, NodeLedger>, name: string) => ledgers.get(name)?.used ?? nothing;
    return [...names].filter((name) => !sameResources(used(before, name), used(this.#ledgers, name))).sort();
  }

  #summedAnew(): Map<string, NodeLedger> {
    const ledgers = new Map<string, NodeLedger>();
    for (const pod of this.#pods.values()) {
      const node = nodeHolding(pod);
      if (node !== undefined) ledgerOf(ledgers, node).add(pod);
    }
    for (const reservation of this.#reservations.values()) {
      ledgerOf(ledgers, reservation.node).reserve(reservation.lease, reserved(reservation));
    }
    return ledgers;
  }

  #refusals(node: NodeFacts, shape: Shape, units: number): string[] {
    const refusal = nodeRefusal(node, shape);
    if (refusal !== undefined) return [refusal];
    const short = shortages(node.allocatable, this.#used(node.name), shape.requests, units);
    return short.map((resource) => `insufficient ${resource}`);
  }

  #used(node: string): Resources {
    return this.#ledgers.get(node)?.used ?? nothing;
  }
}

const nothing: Resources = new Map();

/** Most updates of a pod are of its conditions and change nothing here. */
function holdsTheSame(a: PodFacts, b: PodFacts): boolean {
  const identity = a.uid === b.uid && a.node === b.node && a.terminal === b.terminal && a.lease === b.lease;
  return identity && sameResources(a.requests, b.requests);
}

/** The node on which a pod holds anything. */
function nodeHolding(pod: PodFacts): string | undefined {
  return pod.terminal ? undefined : pod.node;
}

function reserved({ shape, units }: Reservation): Resources {
  return multiply(shape.requests, units);
}

function ledgerOf(ledgers: Map<string, NodeLedger>, node: string): NodeLedger {
  const ledger = ledgers.get(node) ?? new NodeLedger();
  ledgers.set(node, ledger);
  return ledger;
}
