import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ComputeOffer } from "../src/api/types.gen.ts";
import { computeOffers } from "../src/controllers/resources.ts";
import { KubeClient } from "../src/kube/client.ts";
import { loadClusterConfig } from "../src/kube/config.ts";
import { type Chain, startChain } from "../test/harness/chain.ts";
import { type Cluster, startCluster } from "../test/harness/cluster.ts";
import { type Account, deployTestMarket, type TestMarket } from "../test/harness/market.ts";
import { type OperatorProcess, startOperator } from "../test/harness/operator.ts";
import { eventually } from "../test/harness/wait.ts";
import { h100Node, networkObjects, offerObject, operatorNamespace } from "../test/harness/world-objects.ts";
import { AuditTail } from "./audit-log.ts";
import { programOf } from "./process-usage.ts";

const crdFolder = fileURLToPath(new URL("../crds", import.meta.url));
const GPUS_A_NODE = 8;

export interface BenchWorldOptions {
  /** GPUs to sell, eight a node. */
  readonly gpus: number;
  /** With controller-manager, scheduler and kwok, so that pods run; without, the API server has no client but the one measured. */
  readonly isWhole: boolean;
  /** Where the operator finds the chain; the chain itself unless told. */
  chainUrl?(chain: Chain): Promise<string>;
}

/** A control plane and a chain to measure on. */
export interface BenchWorld {
  readonly cluster: Cluster;
  readonly chain: Chain;
  readonly market: TestMarket;
  readonly tenant: Account;
  readonly kube: KubeClient;
  readonly audit: AuditTail;
  /** Process id of the API server. */
  readonly apiServer: number;
  /** Starts the operator, against another address of the API server where one is given. */
  startOperator(kubeconfigFile?: string): Promise<OperatorProcess>;
  /** The id of the offer on chain, once it is for sale. */
  offerId(): Promise<string>;
  stop(): Promise<void>;
}

export async function startBenchWorld({ gpus, isWhole, chainUrl }: BenchWorldOptions): Promise<BenchWorld> {
  const [cluster, chain] = await Promise.all([
    startCluster({ controllers: isWhole, scheduler: isWhole, kwok: isWhole, auditLog: true, manifests: [crdFolder] }),
    startChain({ blockTimeSeconds: 1, automine: true, slotsInAnEpoch: 1 }),
  ]);
  const market = await deployTestMarket(chain);
  const tenant = chain.accounts[3];
  if (tenant === undefined || cluster.auditLogFile === undefined) throw new Error("the harness gave too little");
  await market.fund(tenant, 10n ** 18n);
  const kube = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }), { userAgent: "setup" });
  const url = chainUrl === undefined ? chain.url : await chainUrl(chain);
  const terms = { heartbeatWindowSeconds: 7200, provisioningTimeoutSeconds: 900 };
  const offer = offerObject("h100", market, { capacity: { maxUnits: gpus }, terms });
  const list = { apiVersion: "v1", kind: "List", items: [...networkObjects({ ...chain, url }, market), offer] };
  await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(list));
  await createNodes(cluster, Math.ceil(gpus / GPUS_A_NODE), isWhole);
  const supervisor = cluster.processes().find(({ name }) => name === "kube-apiserver");
  if (supervisor === undefined) throw new Error("the harness started no API server");
  return {
    cluster,
    chain,
    market,
    tenant,
    kube,
    audit: new AuditTail(cluster.auditLogFile),
    apiServer: await programOf(supervisor.pid),
    startOperator: (kubeconfigFile = cluster.kubeconfigFile) =>
      startOperator({
        kubeconfigFile,
        dir: join(cluster.dir, "operator"),
        namespace: operatorNamespace,
        flags: ["--leader-election=false"],
      }),
    offerId: () =>
      eventually("the offer is for sale", async () => soldAs(await kube.get(computeOffers, { name: "h100" })), {
        timeoutSeconds: 90,
      }),
    async stop() {
      await kube.close();
      await Promise.all([market.stop(), cluster.stop(), chain.stop()]);
    },
  };
}

function soldAs({ status }: ComputeOffer): string | undefined {
  const isReady = status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
  return isReady === true ? status?.offerId : undefined;
}

/** Without kwok and node controller nobody else makes a node Ready, nor takes off the taint of a new one. */
async function createNodes(cluster: Cluster, count: number, isWhole: boolean): Promise<void> {
  const conditions = isWhole ? [] : [{ type: "Ready", status: "True" }];
  const items = Array.from({ length: count }, (_, index) => h100Node(`gpu-${index}`)).map((node) => ({
    ...node,
    status: { ...node.status, conditions },
  }));
  await cluster.kubectl(["create", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  if (!isWhole) await cluster.kubectl(["taint", "nodes", "--all", "node.kubernetes.io/not-ready:NoSchedule-"]);
}
