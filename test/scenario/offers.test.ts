import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseGone, leaseWith, listing, offerWhere, readyOffer, rent } from "../harness/leases.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { foreignPod, h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const pools = ["grow", "price", "pause", "two", "retire"];
const DEPOSIT = 3600n * UNIT_SECOND;

let world: World;
beforeAll(async () => {
  world = await startWorld({ nodes: pools.map((pool) => h100Node(`${pool}-a`, { pool })) });
});
afterAll(() => world.stop());

const offerIn = (pool: string, changes: Parameters<typeof offerObject>[2] = {}, name = pool): object =>
  offerObject(name, world.market, { placement: inPool(pool), ...changes });

describe.concurrent("what an offer lists on the chain", () => {
  it("follows nodes that come, are cordoned and go, foreign pods, the reserve and the cap", async () => {
    await world.apply(offerIn("grow"));
    await listing(world, "grow", { capacityUnits: 8, isOpen: true });
    await world.apply(h100Node("grow-b", { pool: "grow" }));
    await listing(world, "grow", { capacityUnits: 16, isOpen: true });
    await world.cluster.kubectl(["cordon", "grow-b"]);
    await listing(world, "grow", { capacityUnits: 8, isOpen: true });
    await world.apply(foreignPod("grow-guest", "grow-a", 3));
    await listing(world, "grow", { capacityUnits: 5, isOpen: true });
    await world.apply(offerIn("grow", { capacity: { maxUnits: 16, reserveUnits: 2 } }));
    await listing(world, "grow", { capacityUnits: 3, isOpen: true });
    await world.cluster.kubectl(["uncordon", "grow-b"]);
    await listing(world, "grow", { capacityUnits: 11, isOpen: true });
    await world.apply(offerIn("grow", { capacity: { maxUnits: 10, reserveUnits: 2 } }));
    await listing(world, "grow", { capacityUnits: 10, isOpen: true });
    await world.delete("node", "grow-a");
    await listing(world, "grow", { capacityUnits: 6, isOpen: true });
  });

  it("changes its price by a new listing, closes the old one, and lets a live lease keep its terms", async () => {
    await world.apply(offerIn("price"));
    const tenant = await world.tenant();
    const lease = await rent(world, tenant, "price", { units: 2, deposit: DEPOSIT, manifest: web() });
    const before = await leaseWith(world, lease, "Ready", "True");
    const dearer = (7200n * UNIT_SECOND).toString();
    await world.apply(offerIn("price", { price: { token: world.market.token, perUnitHour: dearer } }));
    const { status } = await offerWhere(
      world,
      "price",
      "is sold at the new price",
      (offer) => offer.status?.published?.pricePerUnitHour === dearer,
    );
    expect(status?.offerId).not.toBe(before.spec.offerId);
    const listings = await eventually("the old listing is closed", async () => {
      const all = await world.market.offers();
      return all.find(({ id }) => id === before.spec.offerId)?.isOpen === false ? all : undefined;
    });
    const current = listings.find(({ id }) => id === status?.offerId);
    expect(current).toMatchObject({ capacityUnits: 6, leasedUnits: 0, isOpen: true });
    const { pricePerHour } = await world.market.lease(lease);
    expect(pricePerHour).toBe(2n * 3600n * UNIT_SECOND);
    const after = await leaseWith(world, lease, "Ready", "True");
    expect(after.spec).toEqual(before.spec);
    expect(after.status?.allocation).toEqual(before.status?.allocation);
  });

  it("is closed while the offer is paused, and live leases are served on", async () => {
    await world.apply(offerIn("pause"));
    const lease = await rent(world, await world.tenant(), "pause", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    const offerId = await readyOffer(world, "pause");
    await world.patch("coffer", "pause", { spec: { paused: true } });
    await listing(world, "pause", { capacityUnits: 1, isOpen: false });
    await offerWhere(world, "pause", "says that it is paused", ({ status }) =>
      Boolean(status?.conditions?.some(({ type, reason }) => type === "Published" && reason === "Paused")),
    );
    const refused = world.tenant().then((other) => other.rent({ offerId, units: 1, deposit: DEPOSIT }));
    await expect(refused).rejects.toThrow(/closed|OfferClosed/i);
    await leaseWith(world, lease, "Ready", "True");
    await world.patch("coffer", "pause", { spec: { paused: false } });
    await listing(world, "pause", { capacityUnits: 8, isOpen: true });
    expect(await readyOffer(world, "pause")).toBe(offerId);
  });

  it("never adds up to more than the GPUs where two offers share them, at any block", async () => {
    const first = await world.chain.rpc<string>("eth_blockNumber");
    await world.apply(offerIn("two", {}, "two-a"));
    await listing(world, "two-a", { capacityUnits: 8, isOpen: true });
    await world.apply(offerIn("two", {}, "two-b"));
    await listing(world, "two-b", { capacityUnits: 4, isOpen: true });
    const tenant = await world.tenant();
    const leases = [
      await rent(world, tenant, "two-a", { units: 3, deposit: DEPOSIT, manifest: web() }),
      await rent(world, tenant, "two-b", { units: 2, deposit: DEPOSIT, manifest: web() }),
    ];
    for (const lease of leases) await leaseWith(world, lease, "Ready", "True");
    await tenant.close(leases[0] ?? "");
    await world.patch("coffer", "two-a", { spec: { capacity: { maxUnits: 1 } } });
    await listing(world, "two-a", { capacityUnits: 1, isOpen: true });
    await world.patch("coffer", "two-a", { spec: { capacity: { maxUnits: 8 } } });
    await listing(world, "two-a", { capacityUnits: 3, isOpen: true });
    const last = await world.chain.rpc<string>("eth_blockNumber");
    expect(await oversold(BigInt(first), BigInt(last), ["two-a", "two-b"], 8)).toEqual([]);
  });

  it("ends when the ComputeOffer is deleted, which waits for its last lease", async () => {
    await world.apply(offerIn("retire"));
    const tenant = await world.tenant();
    const lease = await rent(world, tenant, "retire", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    await world.delete("coffer", "retire");
    await listing(world, "retire", { capacityUnits: 1, isOpen: false });
    await leaseWith(world, lease, "Ready", "True");
    await tenant.close(lease);
    await leaseGone(world, lease);
    await eventually("the offer is gone", async () =>
      (await world.get("coffer", "retire")) === undefined ? true : undefined,
    );
  });
});

/** Blocks at which the listings of some ComputeOffers could sell more than there is. */
async function oversold(first: bigint, last: bigint, names: readonly string[], gpus: number): Promise<string[]> {
  const ids = new Set(await Promise.all(names.map((name) => readyOffer(world, name))));
  const found: string[] = [];
  for (let block = first; block <= last; block++) {
    const offers = (await world.market.offers(block)).filter(({ id }) => ids.has(id));
    const sold = offers.map((offer) => (offer.isOpen ? offer.capacityUnits : offer.leasedUnits));
    if (sold.reduce((sum, units) => sum + units, 0) > gpus) found.push(`block ${block}: ${sold.join(" + ")}`);
  }
  return found;
}
