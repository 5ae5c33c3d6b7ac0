import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findComponents } from "../../tools/controlplane/components.ts";
import { createShell, type Shell } from "../../tools/demo/shell.ts";
import { root } from "../../tools/demo/stage.ts";
import { findHelm } from "../../tools/helm/helm.ts";
import { type Chain, startChain } from "../harness/chain.ts";
import type { Cluster } from "../harness/cluster.ts";
import type { RealNode } from "../harness/node/node.ts";
import { startRealCluster } from "../harness/node/real-cluster.ts";
import { operatorArchives, testArchives } from "./images.ts";

/** Who acts, each with a key file `NAME.key`: the chain's own development accounts. */
const roles = ["deployer", "owner", "payout", "tenant"] as const;
export type Role = (typeof roles)[number];

/** A cluster with a real node, a chain that its pods reach, and the real tools, pointed at both. */
export interface Stage {
  readonly cluster: Cluster;
  readonly node: RealNode;
  readonly chain: Chain;
  /** Folder of key files and of what the tools write. */
  readonly dir: string;
  readonly addresses: Readonly<Record<Role, string>>;
  /** Has kubectl, helm and berthage. Stands in the project's root. */
  readonly shell: Shell;
  stop(): Promise<void>;
}

export const nodeName = "gpu-1";

/** Four GPUs, tainted as such nodes are, and the images of `make image` and of the tests on the node. */
export async function setStage(): Promise<Stage> {
  const gpus = { product: "NVIDIA-H100-80GB-HBM3", count: 4, memoryMiB: 81_559 };
  const { cluster, node, isolation, stop } = await startRealCluster({ name: nodeName, gpus });
  const dir = join(isolation.scratch, "stage");
  const chain = await startChain({
    blockTimeSeconds: 1,
    automine: true,
    slotsInAnEpoch: 2,
    address: isolation.address,
    dir: join(dir, "chain"),
  });
  await node.importImages(...testArchives, ...operatorArchives);
  return {
    cluster,
    node,
    chain,
    dir,
    addresses: await writeKeys(dir, chain),
    shell: createShell(root, await environment(cluster, chain, dir)),
    async stop() {
      await Promise.all([chain.stop(), stop()]);
    },
  };
}

async function environment(cluster: Cluster, chain: Chain, dir: string): Promise<Record<string, string>> {
  const [kubernetes, helm] = await Promise.all([findComponents(["kubectl"]), findHelm()]);
  return {
    PATH: [join(root, "bin"), kubernetes, dirname(helm), process.env["PATH"] ?? ""].join(":"),
    KUBECONFIG: cluster.kubeconfigFile,
    KUBECACHEDIR: join(dir, "kubectl-cache"),
    HELM_CACHE_HOME: join(dir, "helm"),
    HELM_CONFIG_HOME: join(dir, "helm"),
    HELM_DATA_HOME: join(dir, "helm"),
    BERTHAGE_RPC: chain.url,
  };
}

async function writeKeys(dir: string, chain: Chain): Promise<Record<Role, string>> {
  await mkdir(dir, { recursive: true });
  const addresses = { deployer: "", owner: "", payout: "", tenant: "" };
  for (const [i, role] of roles.entries()) {
    const account = chain.accounts[i];
    if (account === undefined) throw new Error(`the chain has no account for the ${role}`);
    const file = join(dir, `${role}.key`);
    await writeFile(file, `${account.privateKey}\n`);
    await chmod(file, 0o600);
    addresses[role] = account.address;
  }
  return addresses;
}
