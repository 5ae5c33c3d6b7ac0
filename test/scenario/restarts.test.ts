import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kind } from "../harness/kinds.ts";
import {
  billedBeyond,
  closedAs,
  leaseGone,
  leaseName,
  leaseWhere,
  leaseWith,
  listing,
  namespaceOf,
  readyOffer,
  rent,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const DEPOSIT = 3600n * UNIT_SECOND;

let world: World;
let tenant: Tenant;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("main-a"), h100Node("gone-a", { pool: "gone" })] });
  await world.apply(offerObject("gone", world.market, { placement: inPool("gone") }));
  tenant = await world.tenant();
});
afterAll(() => world.stop());

describe("an operator that is killed", () => {
  it("after every step of a lease's life ends it as if nothing had happened", async () => {
    const { market } = world;
    const balances = async () => [await market.balance(tenant.account.address), await market.balance(market.payout)];
    const [before = 0n, earnedBefore = 0n] = await balances();

    await world.apply(offerObject("main", market, { placement: inPool("any") }));
    await world.restartOperator();
    const offerId = await readyOffer(world, "main");
    await world.restartOperator();
    const lease = await rent(world, tenant, "main", { units: 2, deposit: DEPOSIT, manifest: web() });
    await world.restartOperator();
    for (const [kind, name, namespace] of objectsInOrder(lease)) {
      await eventually(`${kind} ${name} is there`, () => world.get(kind, name, namespace), { timeoutSeconds: 60 });
      await world.restartOperator();
    }
    await leaseWith(world, lease, "Ready", "True");
    await world.restartOperator();
    const { status } = await billedBeyond(world, lease, 0);
    await world.restartOperator();
    await tenant.topUp(lease, DEPOSIT);
    await world.restartOperator();
    await leaseWhere(
      world,
      lease,
      "shows the top-up",
      (found) => found.status?.money?.deposit === String(2n * DEPOSIT),
    );
    await billedBeyond(world, lease, status?.money?.billedSeconds ?? 0);

    const { paid, refund } = await tenant.close(lease);
    await world.restartOperator();
    await eventually(
      "the close is noticed",
      async () => {
        const found = await world.get("clease", leaseName(lease));
        return found === undefined || found.status?.close !== undefined ? true : undefined;
      },
      { timeoutSeconds: 60 },
    );
    await world.restartOperator();
    await leaseGone(world, lease);
    await world.restartOperator();

    expect(await readyOffer(world, "main")).toBe(offerId);
    const closed = await market.lease(lease);
    expect(closed).toMatchObject({ state: "Closed", closeReason: "TenantClosed", deposit: 2n * DEPOSIT });
    expect(paid + refund).toBe(2n * DEPOSIT);
    expect(paid).toBe(BigInt(closed.billedSeconds) * 2n * UNIT_SECOND);
    const [after = 0n, earnedAfter = 0n] = await balances();
    expect(before - after).toBe(paid);
    expect(earnedAfter - earnedBefore).toBe(paid);
    await listing(world, "main", { capacityUnits: 8, isOpen: true });
  });
});

describe("an operator that was away", () => {
  it("cleans up what was closed, serves what was opened, and refunds what lost its node in the meantime", async () => {
    const { market } = world;
    const goneOffer = await readyOffer(world, "gone");
    const mainOffer = await readyOffer(world, "main");
    const other = await world.tenant();
    const balance = await market.balance(other.account.address);
    const closed = await rent(world, tenant, "main", { deposit: DEPOSIT, manifest: web() });
    await billedBeyond(world, closed, 0);

    await world.killOperator();
    const { paid } = await tenant.close(closed);
    const opened = await tenant.rent({ offerId: mainOffer, units: 3, deposit: DEPOSIT });
    const homeless = await other.rent({ offerId: goneOffer, units: 1, deposit: DEPOSIT });
    await world.delete("node", "gone-a");
    await world.startOperator();

    await tenant.sendManifest(opened, web());
    await leaseWith(world, opened, "Ready", "True");
    await closedAs(world, homeless, "Unplaceable");
    expect(await market.balance(other.account.address)).toBe(balance);
    expect((await market.lease(closed)).withdrawn).toBeGreaterThanOrEqual(paid);
    await leaseGone(world, closed);
    await leaseGone(world, homeless);
    expect(await world.get("deployment", "web", namespaceOf(opened))).toBeDefined();
  });
});

/** What a lease brings about in the cluster, in the order in which it appears. */
function objectsInOrder(lease: string): readonly (readonly [kind: Kind, name: string, namespace?: string])[] {
  const namespace = namespaceOf(lease);
  return [
    ["clease", leaseName(lease)],
    ["namespace", namespace],
    ["resourcequota", "lease", namespace],
    ["deployment", "web", namespace],
  ];
}
