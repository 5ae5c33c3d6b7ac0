import type { ComputeLease } from "../src/api/types.gen.ts";
import { computeLeases } from "../src/controllers/resources.ts";
import { NotFound } from "../src/kube/errors.ts";
import { eventually } from "../test/harness/wait.ts";
import { countByName, isOperators, leaseOf } from "./audit-log.ts";
import { openOne } from "./openings.ts";
import type { BenchWorld } from "./world.ts";

/** What the operator asked of the API server in one lease's life: calls by verb and kind. */
export type LifeCalls = ReadonlyMap<string, number>;

/** One life on a whole cluster: opened, Ready, billed once, closed by its tenant, everything gone. */
export async function countLife(world: BenchWorld, offerId: string, hash: string): Promise<LifeCalls> {
  const { audit, market, tenant } = world;
  await audit.read();
  const { leaseId } = await openOne(world, offerId, hash);
  await eventually(`lease ${leaseId} is billed`, async () => isBilled(await read(world, leaseId)) || undefined, slow);
  await market.close(tenant, leaseId);
  await eventually(
    `lease ${leaseId} is gone`,
    async () => (await read(world, leaseId)) === undefined || undefined,
    slow,
  );
  return countByName((await audit.read()).filter((call) => isOperators(call) && leaseOf(call) === leaseId));
}

const slow = { timeoutSeconds: 90, intervalMilliseconds: 250 };

async function read({ kube }: BenchWorld, leaseId: string): Promise<ComputeLease | undefined> {
  try {
    return await kube.get(computeLeases, { name: `market-${leaseId}` });
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function isBilled(lease: ComputeLease | undefined): boolean {
  const isReady = lease?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return isReady === true && (lease?.status?.money?.billedSeconds ?? 0) > 0;
}
