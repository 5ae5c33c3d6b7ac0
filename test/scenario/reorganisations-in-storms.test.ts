import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../faults/random.ts";
import { type Lost, reorganise, sendAgain } from "../faults/reorganisation.ts";
import { storm, struckFaults } from "../faults/storm.ts";
import {
  billedBeyond,
  leaseGone,
  leaseName,
  leaseWith,
  listing,
  namespaceOf,
  readyOffer,
  rent,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
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

const DEPOSIT = 36_000n * UNIT_SECOND;
/** A run that went wrong is repeated by its seed. */
const seed = Number(process.env["SEED"] ?? 1);
/** Says what happens and when. The storm has its own chance, because how often it is asked is a matter of time. */
const random = new Random(seed);
const weather = new Random(seed);

let world: World;
let tenant: Tenant;
/** No reorganisation goes below: the market, the tenant's tokens and the offer stand there. */
let base: number;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")], slotsInAnEpoch: SLOTS, faults: { endpoints: 2 } });
  tenant = await world.tenant();
  await world.apply(offerObject("h100", world.market));
  await readyOffer(world, "h100");
  base = await height(world);
});
afterAll(() => world.stop());

describe(`reorganisations up to ${DEEPEST} deep in a storm of faults, with the operator killed around them (SEED=${seed})`, () => {
  it("leave what a calm leaves: nothing destroyed that is not final, all billed to the second", async () => {
    storm(world.faults, weather);
    const deeds = [tenantsClose, open, heartbeat, ownClose];
    while (deeds.length > 0) {
      const [deed] = deeds.splice(random.integer(0, deeds.length - 1), 1);
      await deed?.();
    }

    world.faults.clear();
    for (const { id, billedSeconds } of await active(world)) {
      await leaseWith(world, id, "Ready", "True");
      expect(await world.list("pod", namespaceOf(id))).toHaveLength(1);
      await billedBeyond(world, id, billedSeconds);
      const { paid, refund } = await tenant.close(id);
      const { billedSeconds: seconds } = await world.market.lease(id);
      expect([paid, paid + refund]).toEqual([BigInt(seconds) * UNIT_SECOND, DEPOSIT]);
    }

    // Nothing of all this was final, so nothing may have been deleted.
    expect(await finalHeight(world)).toBeLessThan(base);
    expect(await deletedNamespaces(world)).toEqual([]);
    await finality(world);
    for (const { metadata } of await world.list("clease")) {
      await leaseGone(world, metadata.name?.replace("market-", "") ?? "");
    }
    await listing(world, "h100", { capacityUnits: 8, isOpen: true });
    await expectExactMoney(world, tenant);
    expect(struckFaults(world.faults).size).toBeGreaterThan(4);
  });
});

/** A close is undone: the tenant has the lease again, and what they rented runs. */
async function tenantsClose(): Promise<void> {
  const lease = await rentOne();
  await leaseWith(world, lease, "Ready", "True");
  const fork = await height(world);
  await tenant.close(lease);
  if (random.chance(0.5)) await leaseWith(world, lease, "Closed", "True", "TenantClosed");
  await undo(fork);
  await leaseWith(world, lease, "Closed", "False", "Open");
  await leaseWith(world, lease, "Ready", "True");
}

/** An open vanishes, and comes again: it is the same lease, and nothing of it has moved. */
async function open(): Promise<void> {
  const fork = await height(world);
  const lease = await rentOne();
  await leaseWith(world, lease, "Ready", "True");
  const before = await namespaceUid(lease);
  const vanished = await undo(fork);
  if (random.chance(0.5)) await leaseWith(world, lease, "Closed", "Unknown", "Suspect");
  await sendAgain(world.chain, vanished);
  await leaseWith(world, lease, "Closed", "False", "Open");
  await leaseWith(world, lease, "Ready", "True");
  expect(await namespaceUid(lease)).toBe(before);
}

/** A heartbeat is taken out: its seconds are billed by a later one. */
async function heartbeat(): Promise<void> {
  const lease = await rentOne();
  const billed = async (): Promise<number> => (await world.market.lease(lease)).billedSeconds;
  const fork = await lastBefore("a heartbeat", async () => (await billed()) > 0);
  await undo(fork);
  await billedBeyond(world, lease, 0);
}

/** Our own close is taken out: it is sent again. */
async function ownClose(): Promise<void> {
  const lease = await rentOne();
  await leaseWith(world, lease, "Ready", "True");
  await world.delete("clease", leaseName(lease));
  const state = async (): Promise<string> => (await world.market.lease(lease)).state;
  const fork = await lastBefore("the close", async () => (await state()) === "Closed");
  await undo(fork);
  const reason = await eventually("it is closed again", async () => (await world.market.lease(lease)).closeReason, {
    timeoutSeconds: 90,
  });
  expect(["NoticeElapsed", "NeverServed"]).toContain(reason); // the latter when nothing is billed on this history
}

function rentOne(): Promise<string> {
  return rent(world, tenant, "h100", { deposit: DEPOSIT, manifest: web() });
}

/** The newest block in which something does not show yet, once it shows. */
async function lastBefore(what: string, shows: () => Promise<boolean>): Promise<number> {
  let before = await height(world);
  await eventually(
    what,
    async () => {
      const now = await height(world);
      if (await shows()) return true;
      before = now;
      return undefined;
    },
    { timeoutSeconds: 90 },
  );
  return before;
}

/**
 * Takes everything after a block back, by a reorganisation that may go deeper; what was older than that comes again at once.
 * The operator may be killed right before or after.
 * @returns what was taken back
 */
async function undo(fork: number): Promise<readonly Lost[]> {
  const killed = random.pick(["before", "after", "not"]);
  if (killed === "before") await world.killOperator();
  const head = await height(world);
  const depth = random.integer(Math.min(head - fork, DEEPEST), Math.min(head - base, DEEPEST));
  const lost = await reorganise(world.chain, Math.max(depth, head - fork));
  const isOlder = ({ block }: Lost): boolean => block <= fork;
  await sendAgain(world.chain, lost.filter(isOlder));
  if (killed === "after") await world.killOperator();
  if (killed !== "not") {
    world.faults.clear(); // to be ready in the time that a test waits; then it goes on
    await world.startOperator();
    storm(world.faults, weather);
  }
  return lost.filter((transaction) => !isOlder(transaction));
}

async function namespaceUid(lease: string): Promise<string | undefined> {
  return (await world.get("namespace", namespaceOf(lease)))?.metadata?.uid;
}
