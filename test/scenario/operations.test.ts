import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findCondition, isTrue } from "../../src/api/conditions.ts";
import type { ComputeNetwork } from "../../src/api/types.gen.ts";
import { chainFaults } from "../faults/chain-faults.ts";
import { type FaultProxy, startFaultProxy } from "../faults/proxy.ts";
import { billedBeyond, chainSeconds, leaseWith, rent } from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, operatorNamespace, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const DEPOSIT = 36_000n * UNIT_SECOND;
const ETHER = 10n ** 18n;
const GWEI = 10n ** 9n;
/** Several leases, so that a herd would be seen as one. */
const LEASES = 6;
/** Chain time for which requests are counted. */
const WINDOW_SECONDS = 10;
const waiting = { timeoutSeconds: 90, intervalMilliseconds: 250 };

let world: World;
let tenant: Tenant;
let leases: readonly string[];
/** The pods of all leases, as they were when they began to be served. */
let pods: readonly (string | undefined)[];
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("steady-a", { pool: "steady" })], faults: { endpoints: 2 } });
  const terms = { heartbeatWindowSeconds: 60 };
  await world.apply(offerObject("steady", world.market, { placement: inPool("steady"), terms }));
  tenant = await world.tenant();
  const opened: string[] = [];
  while (opened.length < LEASES)
    opened.push(await rent(world, tenant, "steady", { deposit: DEPOSIT, manifest: web() }));
  leases = opened;
  for (const lease of leases) await leaseWith(world, lease, "Ready", "True");
  for (const lease of leases) await billedBeyond(world, lease, 0);
  pods = await podsOfAll();
});
afterEach(async () => {
  world.faults.clear();
  await setBudget(null);
  await setBalance(10_000n * ETHER);
  await networkWith("Ready", "True");
});
afterAll(() => world.stop());

// First, while the chain's clock has not been set forward: the age of its head is a metric.
describe("servers that are all away", () => {
  let start: Requests;
  beforeAll(async () => {
    await world.stopOperator();
    const count = countRequests();
    await world.startOperator();
    start = await count();
  });

  it("endpoints: told of, asked ever less, and asked no more than by a start when they are back", async () => {
    const calm = await countRequests()();
    for (const proxy of world.faults.chain) proxy.rule = () => ({ kind: "Reset" });
    await networkWith("Connected", "False", "Unreachable");
    await conditionCounted("Connected", "Unreachable");
    await growing('berthage_chain_head_lag_seconds{network="market",tier="head"}');
    await undisturbed();
    const away = await countRequests()();
    expect(away.chain).toBeLessThan(calm.chain);

    const count = countRequests();
    world.faults.clear();
    const back = await count();
    expect(back.chain).toBeLessThanOrEqual(2 * start.chain);
    expect(back.api).toBeLessThanOrEqual(2 * start.api);
    await networkWith("Connected", "True");
    await billedFurther();
    await undisturbed();
  });

  it("the API server: what runs, runs on, and it is asked no more than by a start when it is back", async () => {
    world.faults.api.isolate();
    await chainSeconds(world, WINDOW_SECONDS);
    const count = countRequests();
    world.faults.api.restore();
    const back = await count();
    expect(back.api).toBeLessThanOrEqual(2 * start.api);
    await billedFurther();
    await undisturbed();
  });
});

describe("an account that runs out of gas money", () => {
  it("is told of below the threshold and when it pays for nothing, disturbs nobody, and is mended by a deposit", async () => {
    await setBudget({ minBalanceWei: String(ETHER) });
    await setBalance(ETHER / 2n);
    await networkWith("Funded", "False", "BalanceLow");
    await networkWith("Ready", "True");
    const [balance, least] = await Promise.all(
      ["balance", "balance_min"].map((name) => metric(`berthage_chain_operator_${name}_wei{network="market"}`)),
    );
    expect(balance).toBeLessThan(least ?? Number.NaN);
    await billedFurther(); // it is a warning only

    await setBalance(1n);
    await makeHeartbeatsDue();
    await networkWith("Funded", "False", "BalanceEmpty");
    await networkWith("Ready", "False", "NotFunded");
    expect(await metric(troubled("LowBalance"))).toBe(1);
    await undisturbed();

    await setBalance(100n * ETHER);
    await networkWith("Funded", "True");
    await billedFurther();
    await passed(troubled("LowBalance"));
    await undisturbed();
  });
});

describe("a day's budget that is spent", () => {
  it("is told of, what waits is counted, nobody is disturbed, and more budget lets it go on", async () => {
    await setBudget({ maxSpendPerDayWei: "1" });
    await makeHeartbeatsDue();
    await networkWith("Funded", "False", "BudgetSpent");
    expect(await metric(troubled("BudgetExhausted"))).toBe(1);
    await growing('berthage_chain_lane_oldest_intent_seconds{network="market"}');
    const sent = await transactions();
    await chainSeconds(world, WINDOW_SECONDS);
    expect(await transactions()).toBe(sent);
    await undisturbed();
    await setBudget({ maxSpendPerDayWei: String(ETHER) });
    await networkWith("Funded", "True");
    await billedFurther();
    await passed(troubled("BudgetExhausted"));
    await undisturbed();
  });
});

describe("a chain that asks more than the ceiling", () => {
  it("gets nothing, which is told of; once it is calm again, what waited is sent by itself", async () => {
    await setBudget({ maxFeePerGasWei: String(10n * GWEI) });
    await networkWith("Funded", "True");
    await nextBaseFee(100_000n * GWEI);
    await chainSeconds(world, 2); // so that the tenant pays it
    await makeHeartbeatsDue();
    await networkWith("Funded", "False", "FeeCeiling");
    expect(await metric(troubled("FeeCeiling"))).toBe(1);
    await growing('berthage_chain_lane_oldest_intent_seconds{network="market"}');
    await undisturbed();
    await nextBaseFee(GWEI);
    await networkWith("Funded", "True");
    await billedFurther();
    await passed(troubled("FeeCeiling"));
    await undisturbed();
  });

  it("and nodes that take a transaction without telling anybody, is told of as a transaction that is stuck", async () => {
    for (const proxy of world.faults.chain) proxy.rule = chainFaults.swallowedSend;
    await makeHeartbeatsDue();
    await growing('berthage_chain_transaction_stuck_seconds{network="market"}');
    await undisturbed();
    world.faults.clear();
    await billedFurther();
    await passed('berthage_chain_transaction_stuck_seconds{network="market"}');
    await undisturbed();
  });
});

describe("keys that are away", () => {
  it("are told of, leave what is connected as it is, and keep a new process from nothing but starting", async () => {
    await world.delete("secret", "market-operator", operatorNamespace);
    await networkWith("Registered", "False", "SignerUnavailable");
    await conditionCounted("Registered", "SignerUnavailable");
    await billedFurther(); // by the key that it still holds
    await undisturbed();

    await world.killOperator();
    const key = "not-a-key-but-a-secret-all-the-same";
    const starting = world.startOperator(); // ready only when a network can be read
    const mending = (async () => {
      await networkWith("Registered", "False", "SignerUnavailable");
      await putSecret(key);
      const told = await networkWith("Registered", "False", "SignerUnavailable", /key must be|not a valid/);
      expect(JSON.stringify(told)).not.toContain(key);
      await undisturbed();
      await putSecret(world.market.operator.privateKey);
    })();
    await Promise.all([starting, mending]);
    await networkWith("Registered", "True");
    await billedFurther();
    await undisturbed();
  });
});

describe("a remote signer that is away", () => {
  let signer: FaultProxy;
  beforeAll(async () => {
    signer = await startFaultProxy({ target: world.chain.url }); // anvil signs for its own accounts, as Clef does
    const { address } = world.market.operator;
    await setSigner({ remote: { url: signer.url, address }, rawKey: null });
    await networkWith("Registered", "True");
  });
  afterAll(async () => {
    await setSigner({ rawKey: { secretRef: { name: "market-operator" } }, remote: null });
    await signer.stop();
  });

  it("is told of as such, disturbs nobody, and is asked again until it is back", async () => {
    await billedFurther();
    signer.isolate();
    await makeHeartbeatsDue();
    await networkWith("Registered", "False", "SignerUnavailable", /signer/);
    await conditionCounted("Registered", "SignerUnavailable");
    await growing('berthage_chain_lane_oldest_intent_seconds{network="market"}');
    await undisturbed();
    const asked = signer.calls.length;
    signer.restore();
    await networkWith("Registered", "True");
    await billedFurther();
    await undisturbed();
    expect(signer.calls.length - asked).toBeLessThan(WINDOW_SECONDS);
  });
});

interface Requests {
  readonly api: number;
  readonly chain: number;
}

/** Counts from now until `WINDOW_SECONDS` of chain time after the answer is asked for. */
function countRequests(): () => Promise<Requests> {
  const seen = (): Requests => ({
    api: world.faults.api.calls.length,
    chain: world.faults.chain.reduce((sum, { calls }) => sum + calls.length, 0),
  });
  const before = seen();
  return async () => {
    await chainSeconds(world, WINDOW_SECONDS);
    const after = seen();
    return { api: after.api - before.api, chain: after.chain - before.chain };
  };
}

/** No lease was closed or given notice, every one is Ready, and every pod is the one that it was. */
async function undisturbed(): Promise<void> {
  await eventually("all leases are Ready", async () => ((await readyLeases()) === LEASES ? true : undefined), waiting);
  for (const lease of leases) {
    expect(await world.market.lease(lease)).toMatchObject({ state: "Active", noticeEndsAtSeconds: undefined });
  }
  expect(await podsOfAll()).toEqual(pods);
}

async function readyLeases(): Promise<number> {
  const found = await world.list("clease");
  return found.filter((lease) => isTrue(lease, "Ready")).length;
}

async function podsOfAll(): Promise<readonly (string | undefined)[]> {
  const found = await world.list("pod");
  return found.map(({ metadata }) => metadata?.uid).toSorted();
}

/** Sets the chain's clock forward to where heartbeats are due, and changes something for the operator to look up. */
async function makeHeartbeatsDue(): Promise<void> {
  await world.chain.rpc("evm_increaseTime", [20]);
  await tenant.topUp(leases[0] ?? "", 1n);
}

/** Makes heartbeats due, and waits until they have billed every lease. */
async function billedFurther(): Promise<void> {
  const billed = (): Promise<readonly number[]> =>
    Promise.all(leases.map(async (lease) => (await world.market.lease(lease)).billedSeconds));
  const before = await billed();
  await makeHeartbeatsDue();
  await eventually(
    "all leases are billed further",
    async () => ((await billed()).every((seconds, index) => seconds > (before[index] ?? 0)) ? true : undefined),
    waiting,
  );
}

/** The network once a condition has a status, and a reason and message if any are given. */
function networkWith(type: string, status: string, reason?: string, message = /./): Promise<ComputeNetwork> {
  return eventually(
    `the network has ${type}=${status} (${reason ?? "for any reason"})`,
    async () => {
      const network = await world.get("cnet", "market");
      const found = findCondition(network ?? {}, type);
      const isReason = reason === undefined || found?.reason === reason;
      if (found?.status === status && isReason && message.test(found.message)) return network;
      throw new Error(JSON.stringify(found));
    },
    waiting,
  );
}

const setBudget = (budget: object | null): Promise<void> => world.patch("cnet", "market", { spec: { budget } });
const setSigner = (signer: object): Promise<void> => world.patch("cnet", "market", { spec: { signer } });

async function putSecret(key: string): Promise<void> {
  const metadata = { name: "market-operator", namespace: operatorNamespace };
  await world.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { key } });
}

async function setBalance(wei: bigint): Promise<void> {
  await world.chain.rpc("anvil_setBalance", [world.market.operator.address, `0x${wei.toString(16)}`]);
}

async function nextBaseFee(wei: bigint): Promise<void> {
  await world.chain.rpc("anvil_setNextBlockBaseFeePerGas", [`0x${wei.toString(16)}`]);
}

function transactions(): Promise<number> {
  return world.market.client.nonce(world.market.operator.address, "latest");
}

/** The value of a series of the operator's own metrics; NaN without it. */
async function metric(series: string): Promise<number> {
  const lines = (await world.operator.metrics()).split("\n");
  const line = lines.find((text) => text.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
}

const troubled = (trouble: string): string => `berthage_chain_lane_trouble{network="market",trouble="${trouble}"}`;

/** Waits until a metric is back at zero. */
async function passed(series: string): Promise<void> {
  await eventually(`${series} is zero`, async () => ((await metric(series)) === 0 ? true : undefined), waiting);
}

/** What the alert on networks that are not ready reads. */
async function conditionCounted(type: string, reason: string): Promise<void> {
  const labels = `kind="ComputeNetwork",type="${type}",status="False",reason="${reason}"`;
  await eventually(
    `berthage_conditions counts ${labels}`,
    async () => ((await metric(`berthage_conditions{${labels}}`)) === 1 ? true : undefined),
    waiting,
  );
}

/** Waits until a metric is above zero and seen to rise: left alone, it passes any threshold. */
async function growing(series: string): Promise<void> {
  const first = await eventually(
    `${series} is above zero`,
    async () => {
      const value = await metric(series);
      return value > 0 ? value : undefined;
    },
    waiting,
  );
  await eventually(`${series} rises`, async () => ((await metric(series)) > first ? true : undefined), waiting);
}
