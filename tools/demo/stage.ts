import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Chain, startChain } from "../../test/harness/chain.ts";
import { type Cluster, startCluster } from "../../test/harness/cluster.ts";
import { gpuNode } from "../../test/harness/nodes.ts";
import { type OperatorProcess, startOperator } from "../../test/harness/operator.ts";
import { findComponents } from "../controlplane/components.ts";
import { createShell, type Shell } from "./shell.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const operatorNamespace = "berthage-system";

/** Who acts, each with a key file `NAME.key`: the chain's own development accounts. */
const roles = ["deployer", "owner", "payout", "tenant"] as const;
export type Role = (typeof roles)[number];

/** A cluster and a chain to tell the story on, with the real tools to tell it by. */
export interface Stage {
  readonly cluster: Cluster;
  readonly chain: Chain;
  /** Folder of key files and of everything that runs, from the project's root. */
  readonly folder: string;
  readonly addresses: Readonly<Record<Role, string>>;
  /** Has kubectl and berthage, pointed at this cluster and chain. */
  readonly shell: Shell;
  startOperator(): Promise<OperatorProcess>;
  stop(): Promise<void>;
}

export interface StageOptions {
  /** Where keys, logs and data go; below the project's root. */
  readonly dir: string;
  /** Keeps everything running after this process. */
  readonly detached: boolean;
}

/** Brings up a control plane with two models of GPU nodes, tainted as such nodes are, and an EVM node. */
export async function setStage({ dir, detached }: StageOptions): Promise<Stage> {
  await mkdir(dir, { recursive: true });
  const place = (name: string): object => (detached ? { detached, dir: join(dir, name) } : {});
  const [cluster, chain] = await Promise.all([
    startCluster({
      controllers: true,
      scheduler: true,
      kwok: true,
      manifests: [join(root, "crds")],
      ...place("cluster"),
    }),
    startChain({ blockTimeSeconds: 1, automine: true, slotsInAnEpoch: 2, ...place("chain") }),
  ]);
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(firstObjects));
  const environment = { ...(await toolPath()), KUBECONFIG: cluster.kubeconfigFile, BERTHAGE_RPC: chain.url };
  return {
    cluster,
    chain,
    folder: relative(root, dir),
    addresses: await writeKeys(dir, chain),
    shell: createShell(root, { ...environment, KUBECACHEDIR: join(dir, "kubectl-cache") }),
    startOperator: () =>
      startOperator({
        kubeconfigFile: cluster.kubeconfigFile,
        dir: join(dir, "operator"),
        namespace: operatorNamespace,
        detached,
      }),
    async stop() {
      await Promise.all([cluster.stop(), chain.stop()]);
    },
  };
}

const taints = [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] as const;
const firstObjects = {
  apiVersion: "v1",
  kind: "List",
  items: [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: operatorNamespace } },
    gpuNode("gpu-h100-1", { product: "NVIDIA-H100-80GB-HBM3", count: 8, memoryMiB: 81_559, taints }),
    gpuNode("gpu-a100-1", { product: "NVIDIA-A100-SXM4-40GB", count: 8, memoryMiB: 40_960, taints }),
  ],
};

/** Puts the real kubectl and the CLI of this checkout before everything else. */
export async function toolPath(): Promise<{ PATH: string }> {
  const programs = await findComponents(["kubectl"]);
  return { PATH: [join(root, "bin"), programs, process.env["PATH"] ?? ""].join(":") };
}

async function writeKeys(dir: string, chain: Chain): Promise<Record<Role, string>> {
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
