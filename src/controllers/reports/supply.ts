import { isTrue } from "../../api/conditions.ts";
import type { ComputeLease } from "../../api/types.gen.ts";
import type { Reservation } from "../../inventory/inventory.ts";
import type { ServiceMetrics } from "../../telemetry/service-metrics.ts";
import type { FedInventory } from "../inventory/feed.ts";
import type { Caches } from "./caches.ts";

/** Whether what was sold is there, whenever Prometheus asks (law 6 as seen from outside). */
export function reportSupply(
  informers: Pick<Caches, "nodes" | "leases" | "offers">,
  supply: FedInventory,
  metrics: Pick<ServiceMetrics, "oversold" | "unhealthy">,
): () => void {
  const { nodes, leases, offers } = informers;
  return () => {
    if (!supply.hasSynced()) return;
    const { inventory, shape } = supply;
    const sold = leases.store.list().filter((lease) => !isTrue(lease, "Closed"));
    const held = sold.flatMap((lease) => inventory.reservation(lease.metadata.name ?? "") ?? []);
    const serving = new Set(held.filter((one) => inventory.holds(one)).map(({ lease }) => lease));
    const unplaced = unplacedUnits(sold, serving);
    metrics.oversold(
      new Map(
        offers.store.list().map((offer) => {
          const name = offer.metadata.name ?? "";
          const units = unplaced.get(name) ?? 0;
          const free = units === 0 ? 0 : inventory.capacity(shape(offer)).freeUnits;
          return [name, Math.max(0, units - free)];
        }),
      ),
    );
    metrics.unhealthy(
      unhealthyDevices(held, (node, resource) => {
        const allocatable = nodes.store.get(node)?.status?.allocatable;
        return allocatable && Number(allocatable[resource] ?? 0); // devices are whole numbers, and few
      }),
    );
  };
}

/** Units by offer that were sold and stand on no serving node. */
function unplacedUnits(sold: readonly ComputeLease[], serving: ReadonlySet<string>): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { metadata, spec } of sold) {
    if (serving.has(metadata.name ?? "")) continue;
    units.set(spec.offerRef.name, (units.get(spec.offerRef.name) ?? 0) + spec.units);
  }
  return units;
}

/**
 * Leased accelerators by product beyond what their node reports as healthy: device plugins take an ill device out of
 * `allocatable`. A node that is not there (`healthyOn` undefined) has none to report.
 */
export function unhealthyDevices(
  held: readonly Pick<Reservation, "node" | "units" | "shape">[],
  healthyOn: (node: string, resource: string) => number | undefined,
): ReadonlyMap<string, number> {
  const claims = new Map<string, { node: string; resource: string; product: string; devices: number }>();
  for (const { node, units, shape } of held) {
    if (shape.accelerator === undefined) continue;
    const { resource, product, count } = shape.accelerator;
    const key = `${node}/${resource}`;
    const devices = (claims.get(key)?.devices ?? 0) + units * count;
    claims.set(key, { node, resource, product, devices });
  }
  const unhealthy = new Map<string, number>();
  for (const { node, resource, product, devices } of claims.values()) {
    const missing = Math.max(0, devices - (healthyOn(node, resource) ?? devices));
    unhealthy.set(product, (unhealthy.get(product) ?? 0) + missing);
  }
  return unhealthy;
}
