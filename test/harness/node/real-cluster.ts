import { join } from "node:path";
import { type Cluster, type ClusterOptions, startCluster } from "../cluster.ts";
import { currentIsolation, type Isolation } from "./isolation.ts";
import { nodeUser, proxyUser } from "./names.ts";
import { type NodeOptions, type RealNode, startNode } from "./node.ts";

/** A control plane and one real node. */
export interface RealCluster {
  readonly cluster: Cluster;
  readonly node: RealNode;
  readonly isolation: Isolation;
  stop(): Promise<void>;
}

/** Starts a cluster in which pods really run. Works in isolation only (`make test-node`). */
export async function startRealCluster(node: NodeOptions, options: ClusterOptions = {}): Promise<RealCluster> {
  const isolation = currentIsolation();
  const cluster = await startCluster({
    controllers: true,
    scheduler: true,
    address: isolation.address,
    users: [{ name: nodeUser(node.name), groups: ["system:nodes"] }, { name: proxyUser }],
    dir: join(isolation.scratch, "cluster"),
    ...options,
  });
  try {
    const real = await startNode(cluster, node, isolation);
    const stop = async (): Promise<void> => {
      await real.stop();
      await cluster.stop();
    };
    return { cluster, node: real, isolation, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
