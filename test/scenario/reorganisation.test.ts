import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reorganise } from "../faults/reorganisation.ts";
import { leaseGone, leaseName, leaseWith, namespaceOf, rent } from "../harness/leases.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

/** Deep enough for a lease to be placed and closed before anything of it is final. */
const SLOTS = 20;
const DEPOSIT = 36_000n * UNIT_SECOND;

let world: World;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")], slotsInAnEpoch: SLOTS });
});
afterAll(() => world.stop());

describe("a reorganisation", () => {
  it("that takes back an open and a close destroys nothing before finality, and both sides agree in the end", async () => {
    const { market } = world;
    await world.apply(offerObject("h100", market));
    const [stays, vanishes] = [await world.tenant(), await world.tenant()];
    const kept = await rent(world, stays, "h100", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, kept, "Ready", "True");

    const fork = (await market.client.header("latest")).number;
    await stays.close(kept);
    const gone = await rent(world, vanishes, "h100", { units: 2, deposit: DEPOSIT, manifest: web() });
    const placed = await leaseWith(world, gone, "Ready", "True");
    await leaseWith(world, kept, "Closed", "True", "TenantClosed");
    await replicas(kept, 0);
    const depth = (await market.client.header("latest")).number - fork;
    await reorganise(world.chain, Number(depth));

    // The close is taken back: the workload runs again, and of the close no word is left.
    await leaseWith(world, kept, "Closed", "False", "Open");
    const again = await leaseWith(world, kept, "Ready", "True");
    expect(again.status?.close).toBeUndefined();
    await replicas(kept, 1);

    // The open is taken back: it runs on, unbilled, until finality has passed the block where it was seen.
    const suspect = await leaseWith(world, gone, "Closed", "Unknown", "Suspect");
    expect(suspect.status?.metering?.accruing).toBe(false);
    await replicas(gone, 1);
    await finality();
    const seenAt = BigInt(placed.status?.observedBlock?.number ?? 0);
    await eventually(
      "the lease is void, or already gone",
      async () => {
        const lease = await world.get("clease", leaseName(gone));
        return lease === undefined || lease.status?.close?.reason === "Void" ? true : undefined;
      },
      { timeoutSeconds: 90 },
    );
    expect((await market.client.header("finalized")).number).toBeGreaterThanOrEqual(seenAt);
    await leaseGone(world, gone);
    expect(await market.balance(vanishes.account.address)).toBe(10n ** 15n);

    const { paid, refund } = await stays.close(kept);
    expect(paid + refund).toBe(DEPOSIT);
    await finality();
    await leaseGone(world, kept);
  });
});

/** Makes everything so far final. */
async function finality(): Promise<void> {
  await world.chain.rpc("anvil_mine", [`0x${(2 * SLOTS + 1).toString(16)}`, "0x1"]);
}

async function replicas(lease: string, count: number): Promise<void> {
  await eventually(`the workload of lease ${lease} has ${count} replicas`, async () => {
    const deployment = await world.get("deployment", "web", namespaceOf(lease));
    return deployment?.spec?.replicas === count ? true : undefined;
  });
}
