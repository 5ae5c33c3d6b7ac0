import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KubeClient } from "../../src/kube/client.ts";
import { loadClusterConfig } from "../../src/kube/config.ts";
import { NotFound } from "../../src/kube/errors.ts";
import { type Faults, startFaults } from "../faults/faults.ts";
import { refusedRequests } from "./audit.ts";
import { type Chain, startChain } from "./chain.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Kind, kinds, type ObjectOf } from "./kinds.ts";
import { deployTestMarket, type TestMarket } from "./market.ts";
import { type OperatorProcess, startOperator } from "./operator.ts";
import { installPrivileges, operatorUser, privilegeFlags } from "./privileges.ts";
import { createTenant, type Tenant } from "./tenant.ts";
import { networkObjects, operatorNamespace } from "./world-objects.ts";

const crdFolder = fileURLToPath(new URL("../../crds", import.meta.url));

/** Accounts 0 to 2 deploy, operate and are paid. */
const FIRST_TENANT = 3;

export interface WorldOptions {
  /** v1 Nodes for kwok. */
  readonly nodes: readonly object[];
  /** Flags of the operator, winning over the usual ones. */
  readonly flags?: readonly string[];
  /** Finality trails the head by twice as many blocks. Default 1. */
  readonly slotsInAnEpoch?: number;
  /** How long a tenant waits for a transaction to be mined. Default 180. */
  readonly tenantPatienceSeconds?: number;
  /** Puts fault proxies between the operator and the API server, and before each of so many endpoints of the chain. */
  readonly faults?: { readonly endpoints: number };
}

/**
 * A whole small world: control plane, chain, market, network, and the operator as a process that can be killed. The operator
 * has the rights that a release gives it and no others; what it asks of the API server is in the audit log.
 */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { nodes, flags = [], slotsInAnEpoch = 1 } = options;
  const parts = { controllers: true, scheduler: true, kwok: true };
  const [cluster, chain] = await Promise.all([
    startCluster({ ...parts, auditLog: [operatorUser], manifests: [crdFolder] }),
    startChain({ blockTimeSeconds: 1, automine: true, slotsInAnEpoch }),
  ]);
  const [market, privileges] = await Promise.all([
    deployTestMarket(chain, options.tenantPatienceSeconds),
    installPrivileges(cluster),
  ]);
  const faults =
    options.faults && (await startFaults(cluster, chain, privileges.kubeconfigFile, options.faults.endpoints));
  const { kubeconfigFile } = faults ?? privileges;
  const start = (ports?: OperatorProcess["ports"]): Promise<OperatorProcess> =>
    startOperator({
      kubeconfigFile,
      dir: join(cluster.dir, "operator"),
      namespace: operatorNamespace,
      flags: ["--leader-election=false", "--log-level=debug", ...privilegeFlags, ...flags],
      ...(ports === undefined ? {} : { ports }),
    });
  const kube = new KubeClient(await loadClusterConfig({ kubeconfig: cluster.kubeconfigFile }));
  const { kubeconfigFile: operatorKubeconfigFile } = privileges;
  const world = new World(cluster, chain, market, { kube, operatorKubeconfigFile, faults, start });
  const endpoints = faults?.chain.map(({ url }) => url) ?? [chain.url];
  await world.apply(...networkObjects(chain, market, endpoints), ...nodes);
  await world.startOperator();
  return world;
}

type Start = (ports?: OperatorProcess["ports"]) => Promise<OperatorProcess>;

export class World {
  readonly cluster: Cluster;
  /** As administrator, not through the proxies. kubectl would do, were tests not looking many times a second. */
  readonly kube: KubeClient;
  readonly chain: Chain;
  readonly market: TestMarket;
  /** Of the operator's ServiceAccount. */
  readonly operatorKubeconfigFile: string;
  readonly #faults: Faults | undefined;
  readonly #start: Start;
  #operator: OperatorProcess | undefined;
  #tenants = 0;

  constructor(
    cluster: Cluster,
    chain: Chain,
    market: TestMarket,
    parts: { kube: KubeClient; operatorKubeconfigFile: string; faults: Faults | undefined; start: Start },
  ) {
    this.cluster = cluster;
    this.chain = chain;
    this.market = market;
    this.kube = parts.kube;
    this.operatorKubeconfigFile = parts.operatorKubeconfigFile;
    this.#faults = parts.faults;
    this.#start = parts.start;
  }

  /** The proxies between the operator and its servers. */
  get faults(): Faults {
    if (this.#faults === undefined) throw new Error("this world has no faults: start it with { faults }");
    return this.#faults;
  }

  /** The operator that was started last. */
  get operator(): OperatorProcess {
    if (this.#operator === undefined) throw new Error("no operator runs: call startOperator()");
    return this.#operator;
  }

  /** Starts the operator, on the ports that it had before. */
  async startOperator(): Promise<void> {
    this.#operator = await this.#start(this.#operator?.ports);
  }

  /** Ends the operator without a chance to say good-bye (SIGKILL). */
  async killOperator(): Promise<void> {
    await this.operator.running.kill();
  }

  /** Asks the operator to end, as a cluster does first (SIGTERM). Its log stays. */
  async stopOperator(): Promise<void> {
    await this.operator.running.stop();
  }

  /** Kills the operator and starts it again. */
  async restartOperator(): Promise<void> {
    await this.killOperator();
    await this.startOperator();
  }

  async apply(...objects: readonly object[]): Promise<void> {
    const list = { apiVersion: "v1", kind: "List", items: objects };
    await this.cluster.kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], JSON.stringify(list));
  }

  /** One object, or undefined when there is none. */
  async get<K extends Kind>(kind: K, name: string, namespace?: string): Promise<ObjectOf<K> | undefined> {
    try {
      return await this.kube.get(kinds[kind], { name, ...(namespace === undefined ? {} : { namespace }) });
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** Objects of a kind, in a namespace or (cluster-scoped, or without one) all of them. */
  async list<K extends Kind>(kind: K, namespace?: string): Promise<readonly ObjectOf<K>[]> {
    return (await this.kube.list(kinds[kind], namespace === undefined ? {} : { namespace })).items;
  }

  /** A merge patch of an object. */
  async patch(kind: string, name: string, patch: object, ...flags: readonly string[]): Promise<void> {
    await this.cluster.kubectl(["patch", kind, name, "--type=merge", `--patch=${JSON.stringify(patch)}`, ...flags]);
  }

  /** Starts a deletion and does not wait for finalizers. */
  async delete(kind: string, name: string, namespace?: string): Promise<void> {
    const where = namespace === undefined ? [] : ["-n", namespace];
    await this.cluster.kubectl(["delete", kind, name, ...where, "--wait=false"]);
  }

  /** A tenant with an account of its own. */
  tenant(): Promise<Tenant> {
    const account = this.chain.accounts[FIRST_TENANT + this.#tenants++];
    if (account === undefined) throw new Error(`the chain has no account for a further tenant: share one`);
    const { market, chain } = this;
    return createTenant({ chainId: chain.chainId, market, account, gatewayUrl: () => this.operator.gatewayUrl });
  }

  /**
   * Ends everything.
   * @throws when a server had ended by itself, or the API server has refused the operator anything that it asked for, unless
   *   somebody took rights away meanwhile
   */
  async stop({ tookRights = false } = {}): Promise<void> {
    await this.#operator?.running.stop();
    await this.#faults?.stop();
    await this.kube.close();
    const refused = await refusedRequests(this.cluster, operatorUser);
    const ends = await Promise.allSettled([this.market.stop(), this.cluster.stop(), this.chain.stop()]);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    if (refused.length > 0 && !tookRights)
      throw new Error(`the operator lacks rights: ${[...new Set(refused)].join("; ")}`);
  }
}
