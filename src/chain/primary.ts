import type { Endpoint } from "./endpoint.ts";

/** What choosing needs to know of an endpoint. */
export type Candidate = Pick<Endpoint, "admits" | "lagBlocks" | "latency">;

/**
 * The endpoint to read from: the present one while it answers and keeps up (changing it costs consistency), else the
 * quickest of those that do. Undefined when none admits a request.
 */
export function choosePrimary<E extends Candidate>(
  endpoints: readonly E[],
  present: E | undefined,
  maxLag: number,
): E | undefined {
  const fit = endpoints.filter((e) => e.admits && e.lagBlocks <= maxLag);
  if (present !== undefined && fit.includes(present)) return present;
  return fit.toSorted((a, b) => typicalLatency(a) - typicalLatency(b))[0] ?? endpoints.find((e) => e.admits);
}

/** The primary, then the others that keep up; those that lag only when no other can be asked. */
export function readersInOrder<E extends Candidate>(
  endpoints: readonly E[],
  primary: E | undefined,
  maxLag: number,
): readonly E[] {
  const usable = endpoints.filter((e) => e.admits);
  const fit = usable.filter((e) => e.lagBlocks <= maxLag);
  return (fit.length > 0 ? fit : usable).toSorted((a, b) => Number(b === primary) - Number(a === primary));
}

/** Unmeasured counts as quick: it is tried in the order written in the resource. */
function typicalLatency(endpoint: Candidate): number {
  return endpoint.latency.quantile(0.5) ?? 0;
}
