import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Chain, startChain } from "../../harness/chain.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { deployTestMarket, type TestMarket } from "../../harness/market.ts";
import { networkObjects, operatorNamespace } from "../../harness/world-objects.ts";
import { type Call, canEnter } from "./container.ts";

const crds = fileURLToPath(new URL("../../../crds", import.meta.url));
const account = "operator";

/** A cluster with a network on a chain, and no operator yet. */
export interface Place {
  readonly cluster: Cluster;
  /** What a pod of the operator is given: its ServiceAccount, which may do everything here. Without root a kubeconfig instead. */
  readonly asPod: Pick<Call, "env" | "mounts">;
  /** A kubeconfig that names no other file. */
  readonly kubeconfigFile: string;
  stop(): Promise<void>;
}

export async function startPlace(): Promise<Place> {
  const [cluster, chain] = await Promise.all([
    startCluster({ manifests: [crds] }),
    startChain({ blockTimeSeconds: 1, automine: true }),
  ]);
  const market = await deployTestMarket(chain);
  await apply(cluster, [...networkObjects(chain, market), ...permissions]);
  const token = (await cluster.kubectl(["create", "token", account, `--namespace=${operatorNamespace}`])).trim();
  const kubeconfigFile = await writeKubeconfig(cluster, token);
  return {
    cluster,
    asPod: canEnter ? await serviceAccount(cluster, token) : { env: { KUBECONFIG: kubeconfigFile } },
    kubeconfigFile,
    stop: () => stopAll(cluster, chain, market),
  };
}

const permissions: readonly object[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace: operatorNamespace } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: account },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: operatorNamespace }],
  },
];

async function apply(cluster: Cluster, objects: readonly object[]): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(list));
}

/** The files and variables that the kubelet gives to every pod. */
async function serviceAccount(cluster: Cluster, token: string): Promise<Pick<Call, "env" | "mounts">> {
  const { hostname, port } = new URL(cluster.url);
  const files = { token, "ca.crt": await readFile(cluster.caFile, "utf8"), namespace: operatorNamespace };
  const mounts = new Map<string, string>();
  for (const [name, content] of Object.entries(files)) {
    const file = await writeReadable(join(cluster.dir, `pod-${name}`), content);
    mounts.set(`/var/run/secrets/kubernetes.io/serviceaccount/${name}`, file);
  }
  return {
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    mounts: Object.fromEntries(mounts),
  };
}

async function writeKubeconfig(cluster: Cluster, token: string): Promise<string> {
  const authority = await readFile(cluster.caFile, "base64");
  const name = "image";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: cluster.url, "certificate-authority-data": authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  return await writeReadable(join(cluster.dir, "image-kubeconfig"), JSON.stringify(config));
}

/** For whichever user the image has. */
async function writeReadable(file: string, content: string): Promise<string> {
  await writeFile(file, content, { mode: 0o644 });
  return file;
}

async function stopAll(cluster: Cluster, chain: Chain, market: TestMarket): Promise<void> {
  await Promise.all([market.stop(), cluster.stop(), chain.stop()]);
}
