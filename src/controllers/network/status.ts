import type { ComputeNetwork, ComputeNetworkStatus, Condition } from "../../api/types.gen.ts";
import { isSubset } from "../../kube/drift.ts";
import type { Network } from "../../networks/network.ts";
import type { NetworkFacts } from "./connection-conditions.ts";

/**
 * The status of a network, or undefined when nothing that matters has changed: heads move with every block, and a write for
 * each would never let the cluster be quiet (law 9). They are noted together with the next change; metrics have them always.
 */
export function networkStatus(
  resource: ComputeNetwork,
  conditions: Condition[],
  facts: NetworkFacts,
  network: Network | undefined,
): ComputeNetworkStatus | undefined {
  const before = resource.status ?? {};
  const { generation } = resource.metadata;
  const lane = network?.lane.state();
  const lasting: ComputeNetworkStatus = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(facts.provider === undefined
      ? before.providerId === undefined
        ? {}
        : { providerId: before.providerId }
      : { providerId: facts.provider.id }),
    conditions,
  };
  const { operator } = before;
  const isSameOperator = facts.operatorAddress === undefined || facts.operatorAddress === operator?.address;
  const isSameTransaction =
    lane?.lastTransaction === undefined || lane.lastTransaction === before.lane?.lastTransaction;
  if (isSubset(lasting, before) && isSameOperator && isSameTransaction) return undefined;
  const { head, final } = network?.ledger ?? {};
  return {
    ...before,
    ...lasting,
    ...(head === undefined ? {} : { head: pointOf(head.point) }),
    ...(final === undefined ? {} : { finalized: { number: final.point.number.toString(), hash: final.point.hash } }),
    ...(facts.operatorAddress === undefined || facts.balanceWei === undefined
      ? {}
      : { operator: { address: facts.operatorAddress, balanceWei: facts.balanceWei.toString() } }),
    ...(lane?.lastTransaction === undefined
      ? {}
      : { lane: { depth: lane.depth, lastTransaction: lane.lastTransaction } }),
  };
}

function pointOf(point: {
  number: bigint;
  hash: string;
  timestampSeconds: number;
}): NonNullable<ComputeNetworkStatus["head"]> {
  return { number: point.number.toString(), hash: point.hash, timestampSeconds: point.timestampSeconds };
}
