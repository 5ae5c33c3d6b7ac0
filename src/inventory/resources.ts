import { parseBytes, parseCpuMillis } from "../api/quantity.ts";

/** Amounts by resource name: `cpu` in millicores, `memory` and `ephemeral-storage` in bytes, all others in whole devices. */
export type Resources = ReadonlyMap<string, bigint>;

/** A Kubernetes ResourceList as JSON carries it. */
export type ResourceList = Readonly<Record<string, string | number>>;

/**
 * Reads a ResourceList; fractions round up, as `Quantity.MilliValue()` and `Value()` do in the scheduler.
 * @throws on a quantity that Kubernetes would not have accepted
 */
export function parseResources(list: ResourceList = {}): Resources {
  const parsed = new Map<string, bigint>();
  for (const [name, quantity] of Object.entries(list)) {
    parsed.set(name, name === "cpu" ? parseCpuMillis(quantity) : parseBytes(quantity));
  }
  return parsed;
}

/** Adds `part` (`times` may be negative) to `total` in place. Zeros are dropped, so equal amounts are equal maps. */
export function addTo(total: Map<string, bigint>, part: Resources, times = 1n): void {
  for (const [name, amount] of part) {
    const sum = (total.get(name) ?? 0n) + amount * times;
    if (sum === 0n) total.delete(name);
    else total.set(name, sum);
  }
}

/** The larger amount of every resource. */
export function largest(...lists: readonly Resources[]): Map<string, bigint> {
  const result = new Map<string, bigint>();
  for (const list of lists) {
    for (const [name, amount] of list) {
      if (amount > (result.get(name) ?? 0n)) result.set(name, amount);
    }
  }
  return result;
}

export function multiply(part: Resources, times: number): Resources {
  return new Map([...part].map(([name, amount]) => [name, amount * BigInt(times)]));
}

export function sameResources(a: Resources, b: Resources): boolean {
  return a.size === b.size && [...a].every(([name, amount]) => b.get(name) === amount);
}
