import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditedRequests } from "../harness/audit.ts";
import { billedBeyond, leaseWith, listing, rent } from "../harness/leases.ts";
import { type OperatorProcess, programOf, startOperator } from "../harness/operator.ts";
import { privilegeFlags } from "../harness/privileges.ts";
import { createTenant, type Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, operatorNamespace, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const election = [
  "--leader-election=true",
  "--leader-election-lease-duration-seconds=5",
  "--leader-election-renew-deadline-seconds=4",
  "--leader-election-retry-period-seconds=1",
];
const DEPOSIT = 36_000n * UNIT_SECOND;

let world: World;
const replicas: OperatorProcess[] = [];
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")] });
  await world.stopOperator();
});
afterAll(async () => {
  await Promise.all(replicas.map(({ running }) => running.stop()));
  await world.stop();
});

describe("a leader", () => {
  it("that sleeps through its lease and wakes beside another writes nothing more, ends, and pays nothing twice", async () => {
    const paused = await start("paused");
    await world.apply(offerObject("h100", world.market));
    await listing(world, "h100", { capacityUnits: 8, isOpen: true });
    const tenant = await tenantOf(paused);
    const lease = await rent(world, tenant, "h100", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const before = await billedBeyond(world, lease, 0);
    const standby = await start("standby", overTls());

    const pid = await programOf(paused);
    process.kill(pid, "SIGSTOP");
    const late = await tenant.rent({ offerId: before.spec.offerId, units: 2, deposit: DEPOSIT });
    await leads(standby);
    await billedBeyond(world, lease, before.status?.money?.billedSeconds ?? 0);
    const written = (await writesOf("paused")).length;
    expect(written).toBeGreaterThan(0);
    process.kill(pid, "SIGCONT");
    expect(await paused.running.exited).toBe("exit code 1");

    expect((await writesOf("paused")).slice(written)).toEqual([]);
    await leaseWith(world, late, "CapacityReserved", "True");
    await listing(world, "h100", { capacityUnits: 8, isOpen: true });
    expect(await world.market.offers()).toHaveLength(1);
    await noneInVain();
    for (const id of [lease, late]) {
      const { paid, refund } = await tenant.close(id);
      expect(paid + refund).toBe(DEPOSIT);
    }
  });

  it("whose lease is given to another by hand ends, and a third takes over when the thief is silent", async () => {
    const [robbed] = replicas.slice(-1);
    if (robbed === undefined) throw new Error("no replica runs");
    const heir = await start("heir");
    const spec = { holderIdentity: "thief", renewTime: "2026-01-01T00:00:00.000000Z" };
    await world.patch("lease.coordination.k8s.io", "berthage", { spec }, "-n", operatorNamespace);
    expect(await robbed.running.exited).toBe("exit code 1");
    await leads(heir);
    await noneInVain();
  });
});

/** A replica that serves TLS also waits for renewed certificates, which must not keep it from ending. */
function overTls(): readonly string[] {
  const file = (name: string): string => join(world.cluster.dir, "certs", name);
  return [`--gateway-tls-cert=${file("apiserver.crt")}`, `--gateway-tls-key=${file("apiserver.key")}`];
}

/** Starts a replica that writes under its own name. */
async function start(name: string, flags: readonly string[] = []): Promise<OperatorProcess> {
  const replica = await startOperator({
    kubeconfigFile: world.operatorKubeconfigFile,
    dir: join(world.cluster.dir, "replicas"),
    namespace: operatorNamespace,
    name,
    flags: [...election, ...privilegeFlags, `--identity=${name}`, ...flags],
  });
  replicas.push(replica);
  return replica;
}

async function tenantOf(replica: OperatorProcess): Promise<Tenant> {
  const [account] = world.chain.accounts.slice(3);
  if (account === undefined) throw new Error("the chain has no account for a tenant");
  const { chain, market } = world;
  return createTenant({ chainId: chain.chainId, market, account, gatewayUrl: () => replica.gatewayUrl });
}

function leads(replica: OperatorProcess): Promise<true> {
  return eventually("it leads", async () =>
    (await replica.metrics()).split("\n").includes('leader_election_master_status{name="berthage"} 1')
      ? true
      : undefined,
  );
}

/** Writes of one replica, of the Lease: the one object that each writes under its own name. */
async function writesOf(identity: string): Promise<readonly string[]> {
  const requests = await auditedRequests(world.cluster);
  return requests
    .filter(({ uri, verb, status }) => verb !== "get" && status < 300 && uri.includes(`fieldManager=${identity}`))
    .map(({ verb, uri }) => `${verb} ${uri}`);
}

/** No transaction of the operator was mined in vain: whatever a second leader had sent once more, the market would refuse. */
async function noneInVain(): Promise<void> {
  const { client, operator } = world.market;
  const head = (await client.header("latest")).number;
  for (let number = 1n; number <= head; number += 1n) {
    const { transactions } = await world.chain.rpc<{ transactions: readonly { hash: string; from: string }[] }>(
      "eth_getBlockByNumber",
      [`0x${number.toString(16)}`, true],
    );
    for (const { from, hash } of transactions) {
      if (from.toLowerCase() !== operator.address.toLowerCase()) continue;
      expect((await client.receipt(hash))?.succeeded).toBe(true);
    }
  }
}
