import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Wallet } from "ethers";
import type { ComputeLease, ComputeNetwork, ComputeOffer, ComputeOfferSpec } from "../../src/api/types.gen.ts";
import { createGrant } from "../../src/gateway/grant.ts";
import { signRequest } from "../../src/gateway/request-signature.ts";
import { createSessionKey } from "../../src/gateway/session-key.ts";
import { manifestHash, sealManifest } from "../../src/sealing/manifest.ts";
import { type Chain, startChain } from "./chain.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Account, deployTestMarket, type TestMarket } from "./market.ts";
import { type OperatorProcess, startOperator } from "./operator.ts";
import { eventually } from "./wait.ts";

export const crdFolder = fileURLToPath(new URL("../../crds", import.meta.url));
export const operatorNamespace = "berthage-system";

/** A whole small world: control plane, chain, market, network, and the operator as a process that can be killed. */
export interface World {
  readonly cluster: Cluster;
  readonly chain: Chain;
  readonly market: TestMarket;
  operator: OperatorProcess;
  apply(object: object): Promise<void>;
  /** One object of a kind, or undefined when there is none. */
  get<T>(kind: string, name: string, namespace?: string): Promise<T | undefined>;
  list<T>(kind: string, ...args: string[]): Promise<T[]>;
  startOperator(): Promise<void>;
  killOperator(): Promise<void>;
  tenant(): Promise<Tenant>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** v1 Nodes for kwok. */
  readonly nodes: readonly object[];
  readonly blockTimeSeconds?: number;
  readonly network?: Partial<ComputeNetwork["spec"]>;
  readonly auditLog?: boolean;
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const blockTimeSeconds = options.blockTimeSeconds ?? 1;
  const [cluster, chain] = await Promise.all([
    startCluster({
      controllers: true,
      scheduler: true,
      kwok: true,
      auditLog: options.auditLog ?? false,
      manifests: [crdFolder],
    }),
    startChain({ blockTimeSeconds, automine: true, slotsInAnEpoch: 1 }),
  ]);
  const market = await deployTestMarket(chain);
  const apply = async (object: object): Promise<void> => {
    await cluster.kubectl(["apply", "--server-side", "-f", "-"], JSON.stringify(object));
  };
  await apply(
    list([namespaceObject, ...secretObjects(market), networkObject(chain, market, options.network), ...options.nodes]),
  );
  const start = (): Promise<OperatorProcess> =>
    startOperator({
      kubeconfigFile: cluster.kubeconfigFile,
      dir: join(cluster.dir, "operator"),
      namespace: operatorNamespace,
      flags: ["--leader-election=false", "--log-level=debug"],
      ...(world.operator === undefined ? {} : { ports: world.operator.ports }),
    });
  const read = async <T>(args: readonly string[]): Promise<T> =>
    JSON.parse(await cluster.kubectl([...args, "-o", "json"]));
  const world: Omit<World, "operator"> & { operator: OperatorProcess | undefined } = {
    cluster,
    chain,
    market,
    operator: undefined,
    apply,
    async get<T>(kind: string, name: string, namespace?: string): Promise<T | undefined> {
      const where = namespace === undefined ? [] : ["-n", namespace];
      const text = await cluster.kubectl(["get", kind, name, ...where, "--ignore-not-found", "-o", "json"]);
      return text === "" ? undefined : JSON.parse(text);
    },
    list: async <T>(kind: string, ...args: string[]) => (await read<{ items: T[] }>(["get", kind, ...args])).items,
    async startOperator() {
      world.operator = await start();
    },
    async killOperator() {
      await world.operator?.running.kill();
    },
    tenant: () => createTenant(ready(world)),
    async stop() {
      await world.operator?.running.stop();
      await Promise.all([market.stop(), cluster.stop(), chain.stop()]);
    },
  };
  await world.startOperator();
  return ready(world);
}

function ready(world: Omit<World, "operator"> & { operator: OperatorProcess | undefined }): World {
  if (world.operator === undefined) throw new Error("the operator is not started");
  return world as World;
}

function list(items: readonly object[]): object {
  return { apiVersion: "v1", kind: "List", items };
}

const namespaceObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: operatorNamespace } };

function secretObjects({ operator, manifestKey }: TestMarket): object[] {
  const secret = (name: string, key: string): object => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: operatorNamespace },
    stringData: { key },
  });
  return [secret("market-operator", operator.privateKey), secret("market-manifest", manifestKey.privateKey)];
}

function networkObject(chain: Chain, market: TestMarket, changes: Partial<ComputeNetwork["spec"]> = {}): object {
  return {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeNetwork",
    metadata: { name: "market" },
    spec: {
      driver: "Market",
      market: {
        chainId: chain.chainId,
        address: market.address,
        endpoints: [{ name: "local", url: chain.url }],
        confirmations: 0,
        pollSeconds: 1,
      },
      signer: { rawKey: { secretRef: { name: "market-operator" } } },
      manifestKey: { secretRef: { name: "market-manifest" } },
      payout: market.payout,
      ...changes,
    },
  };
}

/** A ComputeOffer of H100s, changed where a test asks for it. */
export function offerObject(name: string, market: TestMarket, changes: Partial<ComputeOfferSpec> = {}): object {
  return {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeOffer",
    metadata: { name },
    spec: {
      networkRef: { name: "market" },
      unit: {
        accelerator: { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", memoryMiB: 81_559, count: 1 },
        cpu: "8",
        memory: "64Gi",
        ephemeralStorage: "50Gi",
      },
      placement: { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] },
      capacity: { maxUnits: 16 },
      price: { token: market.token, perUnitHour: "3600000000" },
      terms: {
        minSeconds: 0,
        heartbeatWindowSeconds: 60,
        noticeSeconds: 0,
        unfundedGraceSeconds: 5,
        provisioningTimeoutSeconds: 3,
      },
      ...changes,
    },
  };
}

/** A tenant with a wallet who rents, uploads and closes through the chain and the gateway only. */
export interface Tenant {
  readonly account: Account;
  rent(offer: string, options: { units: number; deposit: bigint; manifest?: string }): Promise<string>;
  /** Seals and uploads a manifest and points the lease at it. */
  sendManifest(leaseId: string, manifest: string): Promise<void>;
  close(leaseId: string): Promise<{ paid: bigint; refund: bigint }>;
  topUp(leaseId: string, amount: bigint): Promise<void>;
  status(leaseId: string): Promise<Response>;
}

const FUNDS = 10n ** 15n;
/** Accounts 0 to 2 deploy, operate and are paid. */
let nextAccount = 3;

async function createTenant(world: World): Promise<Tenant> {
  const { chain, market } = world;
  const account = chain.accounts[3 + ((nextAccount++ - 3) % (chain.accounts.length - 3))];
  if (account === undefined) throw new Error("the chain has no account left");
  await market.fund(account, FUNDS);
  const wallet = new Wallet(account.privateKey);
  const session = createSessionKey();
  const ask = async (method: string, path: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const grant = await createGrant(
      {
        chainId: String(chain.chainId),
        market: market.address.toLowerCase(),
        tenant: account.address.toLowerCase(),
        lease: "0",
        sessionKey: session.publicKey,
        scopes: ["send-manifest", "status"],
        notBefore: nowSeconds - 5,
        expires: nowSeconds + 3600,
      },
      { signTypedData: (domain, types, value) => wallet.signTypedData(domain, types, value) },
    );
    const headers = signRequest({
      grant,
      sessionKey: session,
      providerId: market.providerId,
      nowSeconds,
      nonce: randomBytes(16),
      method,
      path,
      ...(body === undefined ? {} : { body }),
    });
    return fetch(`${world.operator.gatewayUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  };
  const upload = async (manifest: string): Promise<string> => {
    const context = {
      chainId: chain.chainId,
      market: market.address,
      providerId: market.providerId,
      tenant: account.address,
    };
    const sealed = new Uint8Array(await sealManifest(manifest, market.manifestKey.publicKey, context));
    const hash = manifestHash(sealed);
    const answer = await ask("PUT", `/v1/networks/market/manifests/${hash}`, sealed);
    if (!answer.ok) throw new Error(`the gateway refused the manifest: ${answer.status} ${await answer.text()}`);
    return hash;
  };
  return {
    account,
    async rent(offer, { units, deposit, manifest }) {
      const offerId = await eventually(`offer ${offer} is Ready`, async () => {
        const found = await world.get<ComputeOffer>("coffer", offer);
        const isReady = found?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
        return isReady ? found?.status?.offerId : undefined;
      });
      const hash = manifest === undefined ? `0x${"0".repeat(64)}` : await upload(manifest);
      return market.open(account, { offerId, units, deposit, manifestHash: hash });
    },
    async sendManifest(leaseId, manifest) {
      await market.send(market.calls.setManifest(leaseId, await upload(manifest)), account);
    },
    close: (leaseId) => market.close(account, leaseId),
    topUp: async (leaseId, amount) => void (await market.send(market.calls.topUp(leaseId, amount), account)),
    status: (leaseId) => ask("GET", `/v1/networks/market/leases/${leaseId}`),
  };
}

/** The lease once a condition has a status. */
export function leaseWith(
  world: World,
  leaseId: string,
  type: string,
  status: string,
  reason?: string,
): Promise<ComputeLease> {
  return eventually(
    `lease ${leaseId} has ${type}=${status}${reason === undefined ? "" : ` (${reason})`}`,
    async () => {
      const lease = await world.get<ComputeLease>("clease", `market-${leaseId}`);
      const found = lease?.status?.conditions?.find((condition) => condition.type === type);
      return found?.status === status && (reason === undefined || found.reason === reason) ? lease : undefined;
    },
    { timeoutSeconds: 60 },
  );
}
