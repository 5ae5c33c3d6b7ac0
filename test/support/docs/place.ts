import { access, chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findComponents } from "../../../tools/controlplane/components.ts";
import { openSession, type Session } from "../../../tools/docs/session.ts";
import { findHelm } from "../../../tools/helm/helm.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { gpuNode, type NodeManifest } from "../../harness/nodes.ts";
import { freePorts } from "../../harness/ports.ts";
import { run } from "../../harness/run.ts";
import { followDeployment } from "./installed-operator.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const namespace = "berthage-system";

/** What a reader of the documents has before the first step: a cluster with GPU nodes, a chain, tools, accounts with coin. */
export interface Place {
  readonly cluster: Cluster;
  readonly chain: Chain;
  readonly session: Session;
  /** The reader's folder: a checkout of the repository, as far as the documents go into it. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Brings all of that up. Nothing of Berthage is installed; once the reader does so, the operator runs. */
export async function preparePlace(): Promise<Place> {
  const [cluster, chain, ports] = await Promise.all([
    startCluster({ controllers: true, scheduler: true, kwok: true }),
    startChain({ blockTimeSeconds: 1, automine: true, slotsInAnEpoch: 1 }),
    freePorts(2),
  ]);
  const [operations = 0, gateway = 0] = ports;
  const list = { apiVersion: "v1", kind: "List", items: nodes() };
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(list));
  const folder = join(cluster.dir, "reader");
  await mkdir(folder);
  for (const part of ["charts", "examples"]) await symlink(join(root, part), join(folder, part));
  await writeAccounts(folder, chain);
  const environment = {
    PATH: [join(root, "bin"), ...(await toolFolders()), process.env["PATH"] ?? ""].join(":"),
    HOME: folder,
    KUBECONFIG: cluster.kubeconfigFile,
  };
  const placeholders = {
    "https://rpc.example.com": chain.url,
    "https://signer.example.com": chain.url, // which signs for the chain's own development accounts
    "https://gateway.example.com": `http://127.0.0.1:${gateway}`,
  };
  const operator = followDeployment({
    cluster,
    namespace,
    name: "berthage",
    dir: join(cluster.dir, "operator"),
    ports: { operations, gateway },
  });
  return {
    cluster,
    chain,
    folder,
    session: await openSession({ folder, environment, placeholders }),
    async stop() {
      await operator.stop();
      await Promise.all([cluster.stop(), chain.stop()]);
    },
  };
}

/** One node without GPUs for the operator and for CPU, and some of every kind that the cookbook sells. */
function nodes(): readonly NodeManifest[] {
  const h100 = { product: "NVIDIA-H100-80GB-HBM3", memoryMiB: 81_559, count: 8 };
  const slices = { product: "NVIDIA-A100-SXM4-40GB", memoryMiB: 4864, count: 56, migProfile: "1g.5gb" };
  return [
    cpuNode("node-1"),
    ...[1, 2, 3, 4, 5].map((index) => gpuNode(`gpu-h100-${index}`, { ...h100, memory: "2Ti" })),
    gpuNode("gpu-a100-1", slices),
  ];
}

function cpuNode(name: string): NodeManifest {
  const resources = { cpu: "64", memory: "256Gi", "ephemeral-storage": "1Ti", pods: "110" };
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, annotations: { "kwok.x-k8s.io/node": "fake" }, labels },
    spec: { taints: [] },
    status: { allocatable: resources, capacity: resources },
  };
}

/** Keystores `owner.json` and `tenant.json` with their passwords. */
async function writeAccounts(folder: string, chain: Chain): Promise<void> {
  for (const [index, role] of (["owner", "tenant"] as const).entries()) {
    const account = chain.accounts[index];
    if (account === undefined) throw new Error(`the chain has no account for the ${role}`);
    const password = `the ${role}'s password`;
    const key = [`--private-key=${account.privateKey}`, `--unsafe-password=${password}`];
    await run(join(await castFolder(), "cast"), [
      "wallet",
      "import",
      `${role}.json`,
      `--keystore-dir=${folder}`,
      ...key,
    ]);
    await chmod(join(folder, `${role}.json`), 0o600);
    await writeFile(join(folder, `${role}.password`), password, { mode: 0o600 });
  }
}

/** Folders of kubectl, helm and cast. */
async function toolFolders(): Promise<readonly string[]> {
  return [await findComponents(["kubectl"]), dirname(await findHelm()), await castFolder()];
}

async function castFolder(): Promise<string> {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/cast-${process.platform}-${architecture}`;
  const folder = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "bin");
  await access(join(folder, "cast"));
  return folder;
}
