import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import { reorganise } from "../faults/reorganisation.ts";
import {
  billedBeyond,
  chainSeconds,
  closedAs,
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

/** Finality trails by twice as many blocks. */
const SLOTS = 4;
const DEPOSIT = 36_000n * UNIT_SECOND;

let world: World;
let tenant: Tenant;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")], slotsInAnEpoch: SLOTS });
  tenant = await world.tenant();
});
afterAll(() => world.stop());

describe("our own transactions", () => {
  it("listing, heartbeat and close, are sent again when a reorganisation takes them out", async () => {
    const { market } = world;
    const offers = async (): Promise<number> => (await market.offers()).length;
    await world.apply(offerObject("h100", market));
    await undoOnce("the listing", async () => (await offers()) > 0);
    expect(await offers()).toBe(0);
    await listing(world, "h100", { capacityUnits: 8, isOpen: true });

    const lease = await rent(world, tenant, "h100", { deposit: DEPOSIT, manifest: web() });
    const billed = async (): Promise<number> => (await market.lease(lease)).billedSeconds;
    await undoOnce("a heartbeat", async () => (await billed()) > 0);
    expect(await billed()).toBe(0);
    await billedBeyond(world, lease, 0);
    await leaseWith(world, lease, "Ready", "True");

    const state = async (): Promise<string> => (await market.lease(lease)).state;
    await world.delete("clease", leaseName(lease));
    await undoOnce("the close", async () => (await state()) === "Closed");
    expect(await state()).toBe("Active");
    await closedAs(world, lease, "NoticeElapsed");
    await mine(2 * SLOTS + 1);
    await leaseGone(world, lease);
  });
});

describe("final history that is replaced", () => {
  it("raises the alarm, and nothing is deleted on it until a restart believes the new one", async () => {
    const { chain } = world;
    await world.apply(offerObject("h100", world.market));
    await readyOffer(world, "h100");
    const lease = await rent(world, tenant, "h100", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    await chain.rpc("evm_setIntervalMining", [0]); // which ends automining too
    await chain.rpc("evm_setAutomine", [true]);
    const opened = await height();
    await mine(30);
    await tenant.close(lease);
    await leaseWith(world, lease, "Closed", "True", "TenantClosed");
    await eventually("the operator has read a final block that will be replaced", async () =>
      (await finalBlock()) > opened ? true : undefined,
    );

    await reorganise(chain, Number((await height()) - opened));
    await tenant.close(lease);
    await mine(30);
    const connected = await eventually(
      "the network says that finality was violated",
      async () => {
        const found = findCondition((await world.get("cnet", "market")) ?? {}, "Connected");
        return found?.reason === "FinalityViolated" ? found : undefined;
      },
      { timeoutSeconds: 60 },
    );
    expect(connected).toMatchObject({ status: "False", message: expect.stringMatching(/^block \d+ was replaced/) });
    await chain.rpc("evm_setIntervalMining", [1]);
    await chainSeconds(world, 12);
    const { status } = await leaseWith(world, lease, "Closed", "True", "TenantClosed");
    expect(status?.close?.tier).toBe("Head");
    const namespace = await world.get("namespace", namespaceOf(lease));
    expect(namespace?.status?.phase).toBe("Active");
    const alarm =
      'berthage_conditions{kind="ComputeNetwork",type="Connected",status="False",reason="FinalityViolated"} 1';
    expect((await world.operator.metrics()).split("\n")).toContain(alarm);

    await world.restartOperator();
    await leaseGone(world, lease);
  });
});

/** Waits until something shows on the chain, and replaces the blocks in which it came about by empty ones. */
async function undoOnce(what: string, shows: () => Promise<boolean>): Promise<void> {
  let before = await height();
  await eventually(what, async () => {
    const now = await height();
    if (await shows()) return true;
    before = now;
    return undefined;
  });
  await reorganise(world.chain, Number((await height()) - before));
}

async function mine(blocks: number): Promise<void> {
  await world.chain.rpc("anvil_mine", [`0x${blocks.toString(16)}`, "0x1"]);
}

async function height(): Promise<bigint> {
  return (await world.market.client.header("latest")).number;
}

/** The newest final block that the operator has read, by its own metrics. */
async function finalBlock(): Promise<bigint> {
  const line = (await world.operator.metrics())
    .split("\n")
    .find((found) => found.startsWith("berthage_chain_head_number{") && found.includes('tier="final"'));
  return BigInt(line?.split(" ").at(-1) ?? "0");
}
