import { dataSlice } from "ethers";
import { events, nodes } from "../../src/kube/core.ts";
import { marketAbi } from "../../src/networks/market/abi.ts";
import type { World } from "./world.ts";

interface Log {
  readonly blockNumber: string;
  readonly transactionHash: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** What the market, the operator and the cluster's programs have told lately, oldest first: what to read after a violation. */
export async function history(world: World): Promise<string> {
  const told = [...(await marketEvents(world)), ...(await operatorEvents(world)), ...(await nodeConditions(world))];
  const logs = [await world.cluster.logTails(300), `operator:\n${await world.operator.running.logTail(2000)}`];
  return [...told, ...logs].join("\n");
}

/** Which nodes answer, since when. */
async function nodeConditions({ kube }: World): Promise<readonly string[]> {
  const { items } = await kube.list(nodes);
  const conditions = items.flatMap(({ metadata, status }) =>
    (status?.conditions ?? []).map((condition) => ({ ...condition, name: metadata?.name })),
  );
  return conditions.map(
    ({ name, type, status, lastTransitionTime }) =>
      `node ${name} ${type}=${status} since ${String(lastTransitionTime)}`,
  );
}

/** The market's events of the newest blocks, one a line. */
async function marketEvents({ chain, market }: World, blocks = 150): Promise<readonly string[]> {
  const head = Number(await chain.rpc<string>("eth_blockNumber"));
  const fromBlock = `0x${Math.max(0, head - blocks).toString(16)}`;
  const logs = await chain.rpc<readonly Log[]>("eth_getLogs", [{ address: market.address, fromBlock }]);
  return logs.map(({ blockNumber, transactionHash, topics, data }) => {
    const event = marketAbi.parseLog({ topics, data });
    const told = event?.fragment.inputs.map(({ name }, i) => `${name}=${String(event.args[i])}`);
    return `${Number(blockNumber)} ${dataSlice(transactionHash, 0, 4)} ${event?.name} ${told?.join(" ")}`;
  });
}

/** Why conditions of leases, offers and networks have changed. */
async function operatorEvents({ kube }: World): Promise<readonly string[]> {
  const { items } = await kube.list(events, { namespace: "default" });
  const lines = items.map(({ eventTime, metadata, regarding, reason, note }) => {
    const at = eventTime ?? metadata?.creationTimestamp ?? "";
    return `${String(at)} ${regarding?.name} ${reason} ${note}`;
  });
  return lines.toSorted();
}
