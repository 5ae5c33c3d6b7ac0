import { isOperators, leaseOf } from "./audit-log.ts";
import type { ChainProxy } from "./chain-proxy.ts";
import { openOne } from "./openings.ts";
import { collectWrites, creations } from "./operator-writes.ts";
import type { BenchWorld } from "./world.ts";

/** One opening on an idle operator; milliseconds from one moment to another. */
export interface LatencyRun {
  /** From the opening's block being readable to the operator being shown it: the rest of its polling period. */
  readonly pollWait: number;
  /** From then to the lease's first write at the API server. */
  readonly reaction: number;
  /** Both together. */
  readonly firstWrite: number;
  /** From the block being readable to the last object created. */
  readonly allObjects: number;
}

/** Opens one lease and waits for its objects. `random` gives the pause before, lest openings fall in step with the polls. */
export async function measureOpening(
  world: BenchWorld,
  proxy: ChainProxy,
  opening: { readonly offerId: string; readonly hash: string },
  objectsALease: number,
  random: () => number,
): Promise<LatencyRun> {
  await world.audit.read();
  await new Promise((resolve) => setTimeout(resolve, random() * 1000));
  const { leaseId, block, readableAt } = await openOne(world, opening.offerId, opening.hash);
  const writes = await collectWrites(
    world.audit,
    `lease ${leaseId} to have its objects`,
    (call) => isOperators(call) && leaseOf(call) === leaseId,
    (seen) => creations(seen).length >= objectsALease,
    0.5,
  );
  const shownAt = proxy.shownAt(block);
  if (shownAt === undefined) throw new Error(`the operator wrote for block ${block} and never asked for it`);
  const firstAt = Math.min(...writes.map(({ receivedAt }) => receivedAt));
  const lastAt = Math.max(...creations(writes).map(({ completedAt }) => completedAt));
  return {
    pollWait: Math.max(0, shownAt - readableAt), // a poll may come between the block and our own look
    reaction: firstAt - shownAt,
    firstWrite: firstAt - readableAt,
    allObjects: lastAt - readableAt,
  };
}
