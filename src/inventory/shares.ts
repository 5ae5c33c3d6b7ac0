import { unitsThatFit } from "./placement.ts";
import type { Resources } from "./resources.ts";
import type { Shape } from "./shape.ts";

/** One offer's wish for units. */
export interface Demand {
  /** Of the offer; unique. */
  readonly name: string;
  readonly shape: Shape;
  /** It wants no more than so many. */
  readonly limit: number;
}

/** What is left on one node, and for whom. */
export interface Room {
  readonly allocatable: Resources;
  readonly used: Resources;
  accepts(shape: Shape): boolean;
}

/**
 * Divides free room among offers, unit by unit and evenly, so that all shares together fit at once: whatever tenants rent of
 * each, nothing is sold twice (law 6). Two offers over the same GPUs get half of them each.
 */
export function divide(rooms: Iterable<Room>, demands: readonly Demand[]): ReadonlyMap<string, number> {
  const shares = new Map(demands.map(({ name }) => [name, 0]));
  const shareOf = (demand: Demand): number => shares.get(demand.name) ?? 0;
  for (const { allocatable, used, accepts } of rooms) {
    const taken = new Map(used);
    let candidates = demands.filter((demand) => accepts(demand.shape));
    while (candidates.length > 0) {
      candidates = candidates.filter(
        (demand) => shareOf(demand) < demand.limit && unitsThatFit(allocatable, taken, demand.shape.requests) > 0,
      );
      const [next] = candidates.toSorted((a, b) => shareOf(a) - shareOf(b) || (a.name < b.name ? -1 : 1));
      if (next === undefined) break;
      shares.set(next.name, shareOf(next) + 1);
      for (const [resource, amount] of next.shape.requests) taken.set(resource, (taken.get(resource) ?? 0n) + amount);
    }
  }
  return shares;
}
