import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { billedBeyond, leaseGone, leaseWith, rent } from "../harness/leases.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")] });
});
afterAll(() => world.stop());

describe("a lease's life", () => {
  it("is rented, served, billed and closed, and every token is accounted for", async () => {
    const { market } = world;
    await world.apply(offerObject("h100", market));
    const tenant = await world.tenant();
    const before = await market.balance(tenant.account.address);
    const lease = await rent(world, tenant, "h100", { units: 2, deposit: 7_200_000_000n, manifest: web() });
    const ready = await leaseWith(world, lease, "Ready", "True");
    expect(ready.status?.allocation?.node).toBe("h100-a");
    const { status } = await billedBeyond(world, lease, 0);
    expect(BigInt(status?.money?.earned ?? -1)).toBe(BigInt(status?.money?.billedSeconds ?? 0) * 2_000_000n);
    const { paid, refund } = await tenant.close(lease);
    expect(paid + refund).toBe(7_200_000_000n);
    expect(await market.balance(tenant.account.address)).toBe(before - paid);
    expect(await market.balance(market.payout)).toBe(paid);
    await leaseGone(world, lease);
  });
});
