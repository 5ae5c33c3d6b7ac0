import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../faults/random.ts";
import { reorganise, sendAgain } from "../faults/reorganisation.ts";
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
import {
  active,
  DEEPEST,
  deletedNamespaces,
  expectExactMoney,
  finalHeight,
  finality,
  height,
  SLOTS,
} from "./reorganisations.ts";

const ROUNDS = 6;
const DEPOSIT = 36_000n * UNIT_SECOND;
/** A run that went wrong is repeated by its seed. */
const seed = Number(process.env["SEED"] ?? 1);

let world: World;
let one: Tenant;
let two: Tenant;
/** No reorganisation goes below: the market, the tenants' tokens and the offers stand there. */
let base: number;
beforeAll(async () => {
  const pools = ["random", "reused"];
  world = await startWorld({ nodes: pools.map((pool) => h100Node(`${pool}-a`, { pool })), slotsInAnEpoch: SLOTS });
  [one, two] = [await world.tenant(), await world.tenant()];
  await world.apply(...pools.map((pool) => offerObject(pool, world.market, { placement: inPool(pool) })));
  for (const pool of pools) await readyOffer(world, pool);
  base = await height(world);
});
afterAll(() => world.stop());

describe("reorganisations", () => {
  it(`at any moment, up to ${DEEPEST} deep, cost nobody a namespace or a coin (SEED=${seed})`, async () => {
    const random = new Random(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      await act(random);
      await moment(random);
      const deepest = Math.min(DEEPEST, (await height(world)) - base);
      const lost = await reorganise(world.chain, random.integer(1, deepest));
      if (random.chance(0.7)) await sendAgain(world.chain, lost);
    }
    for (const { id, billedSeconds } of await active(world)) {
      await leaseWith(world, id, "Ready", "True");
      await billedBeyond(world, id, billedSeconds);
      const { paid, refund } = await one.close(id);
      const { billedSeconds: seconds, deposit } = await world.market.lease(id);
      expect([paid, paid + refund]).toEqual([BigInt(seconds) * UNIT_SECOND, deposit]);
    }

    // Nothing of all this was final, so nothing may have been deleted.
    expect(await finalHeight(world)).toBeLessThan(base);
    expect(await deletedNamespaces(world)).toEqual([]);
    await finality(world);
    for (const { metadata } of await world.list("clease")) {
      await leaseGone(world, metadata.name?.replace("market-", "") ?? "");
    }
    await listing(world, "random", { capacityUnits: 8, isOpen: true });
    await expectExactMoney(world, one);
  });

  it("that give a lease's id to another tenant give that tenant nothing of the first one's", async () => {
    const fork = await height(world);
    const lease = await rent(world, one, "reused", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const before = await namespaceUid(lease);
    await reorganise(world.chain, (await height(world)) - fork);
    const successor = await rent(world, two, "reused", { deposit: DEPOSIT, manifest: web("registry.example/two:1") });
    expect(successor).toBe(lease);

    const suspect = await leaseWith(world, lease, "Closed", "Unknown", "Suspect");
    expect(sameAddress(suspect.spec.tenant, one)).toBe(true);
    expect((await two.status(lease)).ok).toBe(false);
    expect(await namespaceUid(lease)).toBe(before);
    await finality(world);
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
  const [lease] = await active(world);
  const what = lease === undefined ? "open" : random.pick(["open", "top up", "close"]);
  if (lease === undefined || what === "open") {
    await rent(world, one, "random", { deposit: DEPOSIT, manifest: web() });
  } else if (what === "top up") await one.topUp(lease.id, DEPOSIT);
  else await one.close(lease.id);
}

/** Lets the operator come as far as chance has it. */
async function moment(random: Random): Promise<void> {
  const [lease] = await active(world);
  const until = random.pick(["now", "seen", "ready", "billed"]);
  if (lease === undefined || until === "now") return;
  if (until === "seen")
    await leaseWhere(world, lease.id, "is seen", ({ status }) => status?.observedBlock !== undefined);
  else await leaseWith(world, lease.id, "Ready", "True");
  if (until === "billed") await billedBeyond(world, lease.id, lease.billedSeconds);
}

async function namespaceUid(lease: string): Promise<string | undefined> {
  return (await world.get("namespace", namespaceOf(lease)))?.metadata?.uid;
}

function sameAddress(address: string, { account }: Tenant): boolean {
  return address.toLowerCase() === account.address.toLowerCase();
}
