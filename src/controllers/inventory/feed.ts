import { isTrue } from "../../api/conditions.ts";
import type { ComputeLease, ComputeOffer } from "../../api/types.gen.ts";
import { Inventory } from "../../inventory/inventory.ts";
import { nodeFacts } from "../../inventory/node-facts.ts";
import { podFacts } from "../../inventory/pod-facts.ts";
import { type Sandbox, type Shape, shapeOf } from "../../inventory/shape.ts";
import type { AnyInformer, Informers } from "../informers.ts";

/** The inventory as the informers keep it: the one ledger of what is sold and what is free, for all networks (law 6). */
export interface FedInventory {
  readonly inventory: Inventory;
  /** Nobody decides on capacity before this is true (law 4). */
  hasSynced(): boolean;
  /** The shape that an offer sells, computed once per object. */
  shape(offer: ComputeOffer): Shape;
  /** Calls back when what can be placed may have changed. */
  onChange(handler: () => void): void;
}

/**
 * Feeds an inventory. Informer-only: no reads, no writes. Reservations come back from the leases' own status, so a
 * restart sells nothing twice.
 */
export function feedInventory(
  informers: Pick<Informers, "nodes" | "pods" | "leases" | "offers" | "runtimeClasses">,
): FedInventory {
  const inventory = new Inventory();
  const handlers: (() => void)[] = [];
  const shapes = new WeakMap<ComputeOffer, { readonly sandbox: Sandbox | undefined; readonly shape: Shape }>();
  const changed = (): void => {
    for (const handler of handlers) handler();
  };
  const shape = (offer: ComputeOffer): Shape => {
    const sandbox = sandboxOf(informers, offer);
    const known = shapes.get(offer);
    if (known !== undefined && known.sandbox === sandbox) return known.shape;
    const fresh = shapeOf(offer.spec, sandbox);
    shapes.set(offer, { sandbox, shape: fresh });
    return fresh;
  };
  const reserve = (lease: ComputeLease): void => {
    const name = lease.metadata.name ?? "";
    const allocation = lease.status?.allocation;
    const offer = informers.offers.store.get(lease.spec.offerRef.name);
    // A reservation made in this process is newer than what the cache may still show: only fill what is missing.
    if (allocation === undefined || offer === undefined || inventory.reservation(name) !== undefined) return;
    if (!isTrue(lease, "Closed")) {
      inventory.reserve({ lease: name, node: allocation.node, units: allocation.units, shape: shape(offer) });
    }
  };

  informers.nodes.onChange(({ type, object }) => {
    if (type === "deleted") inventory.removeNode(object.metadata?.name ?? "");
    else inventory.upsertNode(nodeFacts(object));
    changed();
  });
  informers.pods.onChange(({ type, object }) => {
    const facts = podFacts(object);
    if (type === "deleted") inventory.removePod(facts.key, facts.uid);
    else inventory.upsertPod(facts);
    changed();
  });
  informers.leases.onChange(({ type, object }) => {
    if (type === "deleted") inventory.release(object.metadata.name ?? "");
    else reserve(object);
    changed();
  });
  informers.offers.onChange(({ object }) => {
    for (const lease of informers.leases.store.byIndex("offer", object.metadata.name ?? "")) reserve(lease);
    changed();
  });
  const sources: readonly Pick<AnyInformer, "hasSynced">[] = [
    informers.nodes,
    informers.pods,
    informers.leases,
    informers.offers,
    informers.runtimeClasses,
  ];
  return {
    inventory,
    hasSynced: () => sources.every((informer) => informer.hasSynced()),
    shape,
    onChange: (handler) => handlers.push(handler),
  };
}

/** What the RuntimeClass of an offer adds to every pod. */
export function sandboxOf(
  { runtimeClasses }: Pick<Informers, "runtimeClasses">,
  { spec }: ComputeOffer,
): Sandbox | undefined {
  const name = spec.isolation?.runtimeClassName;
  return name === undefined ? undefined : runtimeClasses.store.get(name);
}
