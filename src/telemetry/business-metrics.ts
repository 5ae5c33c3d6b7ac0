import { counter, gauge, type Instruments } from "./instruments.ts";

/** The states under which leases are counted. */
export const leaseStates = ["Pending", "Ready", "Unready", "Suspended", "Closed"] as const;
export type LeaseState = (typeof leaseStates)[number];

/** Upper bounds of runway, in seconds of paid service left, and their labels. */
const runways = [
  { below: 1, runway: "none" },
  { below: 3600, runway: "under 1 h" },
  { below: 6 * 3600, runway: "under 6 h" },
  { below: 86_400, runway: "under 1 d" },
  { below: 7 * 86_400, runway: "under 7 d" },
  { below: Number.POSITIVE_INFINITY, runway: "7 d and more" },
] as const;
export type Runway = (typeof runways)[number]["runway"];

/** No label names a lease or a tenant: ten thousand leases would be ten thousand series, and they are the tenants' matter. */
export const businessDefinitions = {
  offered: gauge("berthage_gpus_offered", "Accelerators for sale, leased ones included.", ["product"]),
  leased: gauge("berthage_gpus_leased", "Accelerators leased.", ["product"]),
  free: gauge("berthage_gpus_free", "Accelerators that can be leased now.", ["product"]),
  leases: gauge("berthage_leases", "Leases by state.", ["state"]),
  runway: gauge("berthage_leases_by_runway", "Leases by seconds of paid service left.", ["runway"]),
  billed: counter("berthage_billed_seconds_total", "Seconds of service written to the network, all leases.", []),
  earned: counter("berthage_earned_tokens_total", "Earned, in the token's smallest units.", ["token"]),
};

export interface GpuCount {
  readonly product: string;
  readonly offered: number;
  readonly leased: number;
  readonly free: number;
}

export interface LeaseCount {
  readonly state: LeaseState;
  /** Seconds of paid service left; undefined for leases that ended. */
  readonly runwaySeconds: number | undefined;
}

export interface BusinessMetrics {
  /** Replaces all counts; a product named twice is summed. */
  gpus(counts: Iterable<GpuCount>): void;
  /** Replaces all counts, one entry a lease. */
  leases(leases: Iterable<LeaseCount>): void;
  billed(seconds: number): void;
  earned(token: string, amount: bigint): void;
}

/** The bucket of a runway in seconds. */
export function runwayOf(seconds: number): Runway {
  return runways.find(({ below }) => seconds < below)?.runway ?? "7 d and more";
}

/** What is sold and earned, as metrics. */
export function businessMetrics(i: Instruments): BusinessMetrics {
  const offered = i.gauge(businessDefinitions.offered);
  const leased = i.gauge(businessDefinitions.leased);
  const free = i.gauge(businessDefinitions.free);
  const states = i.gauge(businessDefinitions.leases);
  const runway = i.gauge(businessDefinitions.runway);
  const billed = i.counter(businessDefinitions.billed);
  const earned = i.counter(businessDefinitions.earned);
  return {
    gpus(counts) {
      const sums = sumByProduct(counts);
      for (const one of [offered, leased, free]) one.clear();
      for (const { product, ...sum } of sums) {
        offered.set({ product }, sum.offered);
        leased.set({ product }, sum.leased);
        free.set({ product }, sum.free);
      }
    },
    leases(all) {
      const byState = new Map<LeaseState, number>(leaseStates.map((state) => [state, 0]));
      const byRunway = new Map<Runway, number>(runways.map((bucket) => [bucket.runway, 0]));
      for (const { state, runwaySeconds } of all) {
        increase(byState, state);
        if (runwaySeconds !== undefined) increase(byRunway, runwayOf(runwaySeconds));
      }
      for (const [state, count] of byState) states.set({ state }, count);
      for (const [bucket, count] of byRunway) runway.set({ runway: bucket }, count);
    },
    billed: (seconds) => billed.add({}, seconds),
    earned: (token, amount) => earned.add({ token: token.toLowerCase() }, Number(amount)),
  };
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sumByProduct(counts: Iterable<GpuCount>): readonly GpuCount[] {
  const sums = new Map<string, GpuCount>();
  for (const one of counts) {
    const { offered = 0, leased = 0, free = 0 } = sums.get(one.product) ?? {};
    sums.set(one.product, {
      product: one.product,
      offered: offered + one.offered,
      leased: leased + one.leased,
      free: free + one.free,
    });
  }
  return [...sums.values()];
}
