import { findCondition } from "../../src/api/conditions.ts";
import type { ComputeLease } from "../../src/api/types.gen.ts";
import type { Cluster } from "../harness/cluster.ts";
import { leaseName } from "../harness/leases.ts";
import { eventually } from "../harness/wait.ts";

/** A ComputeLease once `fact` is so; the error at the timeout says what it is like instead. */
export async function leaseWhere(
  cluster: Cluster,
  leaseId: string,
  what: string,
  fact: (lease: ComputeLease) => boolean,
): Promise<ComputeLease> {
  return eventually(
    `lease ${leaseId} ${what}`,
    async () => {
      const lease: ComputeLease = JSON.parse(
        await cluster.kubectl(["get", "clease", leaseName(leaseId), "-o", "json"]),
      );
      if (fact(lease)) return lease;
      const shown = lease.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} (${reason})`);
      throw new Error(`it has ${shown?.join(", ")} and ${JSON.stringify(lease.status?.money)}`);
    },
    { timeoutSeconds: 90, intervalMilliseconds: 250 },
  );
}

/** A ComputeLease once a condition has a status. */
export function leaseWith(cluster: Cluster, leaseId: string, type: string, status: string): Promise<ComputeLease> {
  return leaseWhere(
    cluster,
    leaseId,
    `has ${type}=${status}`,
    (lease) => findCondition(lease, type)?.status === status,
  );
}

/** A ComputeLease once a heartbeat has billed more than so many seconds. */
export function billedBeyond(cluster: Cluster, leaseId: string, billedSeconds: number): Promise<ComputeLease> {
  const what = `is billed beyond ${billedSeconds} s`;
  return leaseWhere(cluster, leaseId, what, ({ status }) => (status?.money?.billedSeconds ?? 0) > billedSeconds);
}
