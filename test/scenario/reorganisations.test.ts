import type { INamespace } from "kubernetes-models/v1/Namespace";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeLease } from "../../src/api/types.gen.ts";
import type { LedgerLease } from "../../src/networks/driver.ts";
import { MarketReader } from "../../src/networks/market/reader.ts";
import { Random } from "../faults/random.ts";
import { auditedRequests } from "../harness/audit.ts";
import {
  billedBeyond,
  leaseGone,
  leaseWhere,
  leaseWith,
  listing,
  namespaceOf,
  readyOffer,
  rent,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

/** Finality trails by twice as many blocks: nothing gets final while blocks go by as time does. */
const SLOTS = 90;
const DEEPEST = 64;
const ROUNDS = 6;
const FUNDS = 10n ** 15n;
const DEPOSIT = 36_000n * UNIT_SECOND;
/** A run that went wrong is repeated by its seed. */
const seed = Number(process.env["SEED"] ?? 1);

let world: World;
let one: Tenant;
let two: Tenant;
/** No reorganisation goes below: the market, the tenants' tokens and the offers stand there. */
let base: bigint;
beforeAll(async () => {
  const pools = ["random", "reused"];
  world = await startWorld({ nodes: pools.map((pool) => h100Node(`${pool}-a`, { pool })), slotsInAnEpoch: SLOTS });
  [one, two] = [await world.tenant(), await world.tenant()];
  await world.apply(...pools.map((pool) => offerObject(pool, world.market, { placement: inPool(pool) })));
  for (const pool of pools) await readyOffer(world, pool);
  base = await height();
});
afterAll(() => world.stop());

describe("reorganisations", () => {
  it(`at any moment, up to ${DEEPEST} deep, cost nobody a namespace or a coin (SEED=${seed})`, async () => {
    const random = new Random(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      await act(random);
      await moment(random);
      const deepest = Math.min(DEEPEST, Number((await height()) - base));
      await reorganise(BigInt(random.integer(1, deepest)), random.chance(0.7));
    }
    for (const { id, billedSeconds } of await active()) {
      await leaseWith(world, id, "Ready", "True");
      await billedBeyond(world, id, billedSeconds);
      const { paid, refund } = await one.close(id);
      const { billedSeconds: seconds, deposit } = await world.market.lease(id);
      expect([paid, paid + refund]).toEqual([BigInt(seconds) * UNIT_SECOND, deposit]);
    }

    // Nothing of all this was final, so nothing may have been deleted.
    expect((await world.market.client.header("finalized")).number).toBeLessThan(base);
    expect(await deletedNamespaces()).toEqual([]);
    await finality();
    for (const { metadata } of await world.list<ComputeLease>("clease")) {
      await leaseGone(world, metadata.name?.replace("market-", "") ?? "");
    }
    await listing(world, "random", { capacityUnits: 8, isOpen: true });
    const leases = await all();
    const billed =
      leases.reduce((sum, { billedSeconds, units }) => sum + BigInt(billedSeconds * units), 0n) * UNIT_SECOND;
    expect(leases.every(({ state }) => state === "Closed")).toBe(true);
    expect(await world.market.balance(world.market.payout)).toBe(billed);
    expect(await world.market.balance(one.account.address)).toBe(FUNDS - billed);
  });

  it("that give a lease's id to another tenant give that tenant nothing of the first one's", async () => {
    const fork = await height();
    const lease = await rent(world, one, "reused", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const before = await namespaceUid(lease);
    await reorganise((await height()) - fork);
    const successor = await rent(world, two, "reused", { deposit: DEPOSIT, manifest: web("registry.example/two:1") });
    expect(successor).toBe(lease);

    const suspect = await leaseWith(world, lease, "Closed", "Unknown", "Suspect");
    expect(sameAddress(suspect.spec.tenant, one)).toBe(true);
    expect((await two.status(lease)).ok).toBe(false);
    expect(await namespaceUid(lease)).toBe(before);
    await finality();
    await leaseWhere(world, lease, "is the second tenant's", (found) => sameAddress(found.spec.tenant, two));
    await leaseWith(world, lease, "Ready", "True");
    expect(await namespaceUid(lease)).not.toBe(before);
    expect((await two.status(lease)).ok).toBe(true);
    const { paid, refund } = await two.close(lease);
    expect(paid + refund).toBe(DEPOSIT);
  });
});

/** One thing that a tenant does, as far as the chain stands now. */
async function act(random: Random): Promise<void> {
  const [lease] = await active();
  const what = lease === undefined ? "open" : random.pick(["open", "top up", "close"]);
  if (lease === undefined || what === "open") {
    await rent(world, one, "random", { deposit: DEPOSIT, manifest: web() });
  } else if (what === "top up") await one.topUp(lease.id, DEPOSIT);
  else await one.close(lease.id);
}

/** Lets the operator come as far as chance has it. */
async function moment(random: Random): Promise<void> {
  const [lease] = await active();
  const until = random.pick(["now", "seen", "ready", "billed"]);
  if (lease === undefined || until === "now") return;
  if (until === "seen")
    await leaseWhere(world, lease.id, "is seen", ({ status }) => status?.observedBlock !== undefined);
  else await leaseWith(world, lease.id, "Ready", "True");
  if (until === "billed") await billedBeyond(world, lease.id, lease.billedSeconds);
}

/** Replaces the newest blocks by empty ones. Nodes may send what was in them once more, or have forgotten it. */
async function reorganise(depth: bigint, isSentAgain = false): Promise<void> {
  const lost = isSentAgain ? await sentIn(depth) : [];
  await world.chain.rpc("anvil_reorg", [Number(depth), []]);
  for (const raw of lost) await world.chain.rpc("eth_sendRawTransaction", [raw]);
}

/** Signed transactions in the newest blocks, oldest first. */
async function sentIn(depth: bigint): Promise<readonly string[]> {
  const head = await height();
  const found: string[] = [];
  for (let number = head - depth + 1n; number <= head; number += 1n) {
    const { transactions } = await world.chain.rpc<{ transactions: readonly string[] }>("eth_getBlockByNumber", [
      `0x${number.toString(16)}`,
      false,
    ]);
    for (const hash of transactions) found.push(await world.chain.rpc("eth_getRawTransactionByHash", [hash]));
  }
  return found;
}

async function all(): Promise<readonly Omit<LedgerLease, "token">[]> {
  const { client, address } = world.market;
  const ids = new Set(Array.from({ length: 3 * ROUNDS }, (_, i) => String(i + 1)));
  const found = await new MarketReader(client, address).at(await client.header("latest"), "once").leases(ids);
  return found.map(({ lease }) => lease);
}

async function active(): Promise<readonly Omit<LedgerLease, "token">[]> {
  return (await all()).filter(({ state }) => state === "Active");
}

async function height(): Promise<bigint> {
  return (await world.market.client.header("latest")).number;
}

/** Makes everything so far final. */
async function finality(): Promise<void> {
  await world.chain.rpc("anvil_mine", [`0x${(2 * SLOTS + 1).toString(16)}`, "0x1"]);
}

async function deletedNamespaces(): Promise<readonly string[]> {
  const requests = await auditedRequests(world.cluster);
  return requests.filter(({ verb, resource }) => verb === "delete" && resource === "namespaces").map(({ uri }) => uri);
}

async function namespaceUid(lease: string): Promise<string | undefined> {
  return (await world.get<INamespace>("namespace", namespaceOf(lease)))?.metadata?.uid;
}

function sameAddress(address: string, { account }: Tenant): boolean {
  return address.toLowerCase() === account.address.toLowerCase();
}
