import { getAddress, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ComputeNetwork, Condition } from "../../../src/api/types.gen.ts";
import { noMetrics as noChainMetrics } from "../../../src/chain/metrics.ts";
import { explainTo } from "../../../src/controllers/explain.ts";
import { allInformers, createInformers, type Informers } from "../../../src/controllers/informers.ts";
import { Connections } from "../../../src/controllers/network/connections.ts";
import { computeNetworks } from "../../../src/controllers/resources.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { secrets } from "../../../src/kube/core.ts";
import type { EventInput } from "../../../src/kube/events.ts";
import { silentLogger } from "../../../src/kube/logger.ts";
import { generateManifestKey } from "../../../src/sealing/key.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { deployTestMarket, type TestMarket } from "../../harness/market.ts";
import { eventually } from "../../harness/wait.ts";
import { startInterposer } from "../chain/support/interposer.ts";
import { useCluster } from "../kube/fixture.ts";

const by = { fieldManager: "test" };
const fixture = useCluster({ manifests: ["crds"] });
let chain: Chain;
let market: TestMarket;
let made = 0;

beforeAll(async () => {
  chain = await startChain({ automine: true });
  market = await deployTestMarket(chain);
});
afterAll(async () => {
  await market.stop();
  await chain.stop();
});

interface Bench {
  readonly name: string;
  readonly namespace: string;
  readonly connections: Connections;
  readonly informers: Informers;
  readonly events: EventInput[];
  readonly redacted: string[];
  putSecret(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  /** One pass of everything that this replica does for the network. */
  pass(): Promise<void>;
  /** Becomes the leader. */
  lead(): void;
  /** Passes until a condition has a reason. */
  until(type: string, reason: string): Promise<Condition>;
  read(): Promise<ComputeNetwork>;
  edit(spec: object): Promise<void>;
}

/** A ComputeNetwork, its Secrets when `withSecrets`, and the connections of one process. */
async function bench(
  spec: Partial<ComputeNetwork["spec"]> = {},
  { withSecrets = true, isLeader = true } = {},
): Promise<Bench> {
  const { client } = fixture;
  made += 1;
  const name = `net-${made}`;
  const namespace = await fixture.namespace();
  const informers = createInformers(client, namespace, {});
  const stop = new AbortController();
  const running = Promise.all(allInformers(informers).map((one) => one.run(stop.signal)));
  const [events, redacted]: [EventInput[], string[]] = [[], []];
  const connections = new Connections({
    client,
    informers,
    namespace,
    explain: explainTo({
      events: { event: (_object, input) => void events.push(input) },
      metrics: { changed: () => undefined },
    }),
    admit: (_network, wishes) => wishes,
    clock: systemClock,
    logger: silentLogger,
    chainMetrics: () => noChainMetrics,
    networkMetrics: { balance: () => undefined, gasUsed: () => undefined },
    fence: async () => true,
    redact: (secret) => void redacted.push(secret),
  });
  let leading: Promise<void> | undefined;
  const lead = (): void => {
    leading = connections.lead(stop.signal);
  };
  if (isLeader) lead();
  const pass = async (): Promise<void> => {
    await connections.connect(name, new AbortController().signal);
    if (leading !== undefined) await connections.report(name, new AbortController().signal);
  };
  fixture.cleanup(async () => {
    stop.abort();
    await leading;
    await connections.close();
    await running;
  });
  const putSecret: Bench["putSecret"] = async (secret, stringData) => {
    const metadata = { name: secret, namespace };
    await client.apply(secrets, { apiVersion: "v1", kind: "Secret", metadata, stringData }, by);
  };
  if (withSecrets) {
    await putSecret("operator", { key: market.operator.privateKey });
    await putSecret("manifest", { key: market.manifestKey.privateKey });
  }
  const network: ComputeNetwork = {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeNetwork",
    metadata: { name },
    spec: {
      driver: "Market",
      market: {
        chainId: chain.chainId,
        address: market.address,
        endpoints: [{ name: "local", url: chain.url }],
        confirmations: 0,
        pollSeconds: 1,
      },
      signer: { rawKey: { secretRef: { name: "operator" } } },
      manifestKey: { secretRef: { name: "manifest" } },
      payout: market.payout,
      ...spec,
    },
  };
  await client.create(computeNetworks, network, by);
  await Promise.all(allInformers(informers).map((one) => one.synced()));
  await eventually("its cache has the network", () => informers.networks.store.get(name));
  const read = (): Promise<ComputeNetwork> => client.get(computeNetworks, { name });
  return {
    name,
    namespace,
    connections,
    informers,
    events,
    redacted,
    putSecret,
    read,
    pass,
    lead,
    until: (type, reason) =>
      eventually(`${type} is ${reason}`, async () => {
        await pass();
        return (await read()).status?.conditions?.find((c) => c.type === type && c.reason === reason);
      }),
    async edit(change) {
      const { metadata } = await client.mergePatch(computeNetworks, { name }, { spec: change }, by);
      await eventually("the change is seen", () =>
        informers.networks.store.get(name)?.metadata.generation === metadata.generation ? true : undefined,
      );
    },
  };
}

describe("a network that is as it should be", () => {
  test("is connected, registered, funded and ready, and then quiet", async () => {
    const one = await bench();
    await one.until("Ready", "Ready");
    const { status } = await one.read();
    expect(status).toMatchObject({
      providerId: market.providerId,
      operator: { address: getAddress(market.operator.address) },
    });
    expect(one.connections.get(one.name)?.hasSynced()).toBe(true);
    expect(one.redacted).toEqual(expect.arrayContaining([market.operator.privateKey, market.manifestKey.privateKey]));
    expect(one.events.map(({ reason }) => reason)).toContain("Ready");

    await eventually("its cache has the status", () =>
      one.informers.networks.store.get(one.name)?.status?.conditions?.some((c) => c.reason === "Ready")
        ? true
        : undefined,
    );
    const before = (await one.read()).metadata.resourceVersion;
    const [{ network } = { network: undefined }] = one.connections.live().values();
    for (let i = 0; i < 3; i++) await one.pass();
    expect((await one.read()).metadata.resourceVersion).toBe(before);
    expect(one.connections.live().get(one.name)?.network).toBe(network);
  });

  test("is given up when it is deleted", async () => {
    const one = await bench();
    await one.until("Ready", "Ready");
    await fixture.client.delete(computeNetworks, { name: one.name });
    await eventually("its cache knows", () =>
      one.informers.networks.store.get(one.name) === undefined ? true : undefined,
    );
    await one.pass();
    expect(one.connections.get(one.name)).toBeUndefined();
  });
});

describe("a replica that does not lead", () => {
  test("reads the network as the leader does, and writes nothing of it", async () => {
    const one = await bench({}, { isLeader: false });
    await eventually("it has read the network", async () => {
      await one.pass();
      return one.connections.get(one.name)?.hasSynced() === true ? true : undefined;
    });
    expect(one.connections.get(one.name)?.provider?.id).toBe(market.providerId);
    expect((await one.read()).status).toBeUndefined();
    expect(one.events).toEqual([]);
  });

  test("takes over what it has already read", async () => {
    const one = await bench({}, { isLeader: false });
    await one.pass();
    const before = one.connections.live().get(one.name)?.network;
    one.lead();
    await one.until("Ready", "Ready");
    expect(before).toBeDefined();
    expect(one.connections.live().get(one.name)?.network).toBe(before);
  });
});

describe("keys", () => {
  test("a missing Secret is named, and the network comes up once it is there", async () => {
    const one = await bench({}, { withSecrets: false });
    const missing = await one.until("Registered", "SignerUnavailable");
    expect(missing.message).toContain(`${one.namespace}/manifest`);
    await one.putSecret("manifest", { key: market.manifestKey.privateKey });
    await one.putSecret("operator", { key: market.operator.privateKey });
    await one.until("Ready", "Ready");
  });

  test("a Secret without the key says which key to add, and nothing of what it holds", async () => {
    const one = await bench({ signer: { rawKey: { secretRef: { name: "operator", key: "wallet" } } } });
    const { message } = await one.until("Registered", "SignerUnavailable");
    expect(message).toContain(`Secret ${one.namespace}/operator has no key wallet`);
    expect(message).not.toContain(market.operator.privateKey.slice(2));
  });

  test("a value that is no key is refused without being told", async () => {
    const one = await bench();
    const secretText = "correct horse battery staple";
    await one.putSecret("operator", { key: secretText });
    const { message } = await one.until("Registered", "SignerUnavailable");
    expect(JSON.stringify([message, one.events])).not.toContain("horse");
    expect(one.redacted).toContain(secretText);
  });

  test("another manifest key than the network's is a mismatch that names both", async () => {
    const one = await bench();
    const other = generateManifestKey();
    await one.putSecret("manifest", { key: other.privateKey });
    const { message } = await one.until("Registered", "KeyMismatch");
    expect(message).toContain(other.publicKey.replace(/^0x/, ""));
    expect(message).toContain(market.manifestKey.publicKey.replace(/^0x/, ""));
    expect(message).not.toContain(other.privateKey.replace(/^0x/, ""));
  });

  test("a signer that nobody registered says how to register it", async () => {
    const one = await bench();
    const stranger = Wallet.createRandom();
    await one.putSecret("operator", { key: stranger.privateKey });
    const { message } = await one.until("Registered", "NotRegistered");
    expect(message).toContain(stranger.address);
    expect((await one.until("Funded", "BalanceEmpty")).status).toBe("False");
  });

  test("a rotated Secret makes a new connection with the new key", async () => {
    const one = await bench();
    await one.until("Ready", "Ready");
    const before = one.connections.live().get(one.name)?.network;
    const next = Wallet.createRandom();
    await one.putSecret("operator", { key: next.privateKey });
    await one.until("Registered", "NotRegistered");
    expect(one.connections.live().get(one.name)?.network).not.toBe(before);
    expect((await one.read()).status?.operator?.address).toBe(next.address);
    await one.putSecret("operator", { key: market.operator.privateKey });
    await one.until("Ready", "Ready");
    expect((await one.read()).status?.operator?.address).toBe(getAddress(market.operator.address));
  });

  test("a Secret that vanishes leaves the live connection alone and says so", async () => {
    const one = await bench();
    await one.until("Ready", "Ready");
    const before = one.connections.live().get(one.name)?.network;
    await fixture.client.delete(secrets, { name: "operator", namespace: one.namespace });
    await one.until("Registered", "SignerUnavailable");
    expect(one.connections.live().get(one.name)?.network).toBe(before);
    expect(one.connections.get(one.name)?.hasSynced()).toBe(true);
  });
});

describe("settings", () => {
  const marketWith = (changes: object): { market: NonNullable<ComputeNetwork["spec"]["market"]> } => ({
    market: {
      chainId: chain.chainId,
      address: market.address,
      endpoints: [{ name: "local", url: chain.url }],
      confirmations: 0,
      pollSeconds: 1,
      ...changes,
    },
  });
  const dead = [{ name: "dead", url: "http://127.0.0.1:9" }];

  test.each([
    ["another chain", "WrongChain", () => ({ chainId: chain.chainId + 1 })],
    ["an empty address", "NoContract", () => ({ address: `0x${"09".repeat(20)}` })],
    ["a dead endpoint", "Unreachable", () => ({ endpoints: dead })],
  ] as const)("%s is told as %s", async (_name, reason, changes) => {
    const one = await bench(marketWith(changes()));
    await one.until("Connected", reason);
    await one.until("Ready", "NotConnected");
    expect(one.connections.get(one.name)?.hasSynced()).toBe(false);
  });

  test("two endpoints that differ on final state are told of, and go back to being believed once they agree", async () => {
    const liar = await startInterposer(chain.url);
    fixture.cleanup(() => liar.stop());
    const endpoints = [
      { name: "node", url: chain.url },
      { name: "liar", url: liar.url },
    ];
    liar.rule = ({ method }) =>
      method === "eth_call" ? { kind: "Result", result: `0x${"00".repeat(32)}` } : undefined;
    const one = await bench(marketWith({ endpoints, pollSeconds: 1 }));
    const { message } = await one.until("Connected", "EndpointsDisagree");
    expect(message).toMatch(/^endpoints (node and liar|liar and node) differ on the state at block /);
    expect((await one.read()).status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Ready", reason: "NotConnected" }),
    );
    liar.rule = undefined;
    await one.until("Ready", "Ready");
  });

  test("a corrected endpoint makes a new connection", async () => {
    const one = await bench(marketWith({ endpoints: dead }));
    await one.until("Connected", "Unreachable");
    await one.edit(marketWith({}));
    await one.until("Ready", "Ready");
  });

  test("a payout that differs from the network's is a mismatch", async () => {
    const one = await bench({ payout: `0x${"09".repeat(20)}` });
    expect((await one.until("Registered", "PayoutMismatch")).message).toContain(getAddress(market.payout));
  });
});
