import { expect } from "vitest";
import type { LedgerLease } from "../../src/networks/driver.ts";
import { MarketReader } from "../../src/networks/market/reader.ts";
import { auditedRequests } from "../harness/audit.ts";
import type { Tenant } from "../harness/tenant.ts";
import type { World } from "../harness/world.ts";
import { UNIT_SECOND } from "../harness/world-objects.ts";

/** Finality trails by twice as many blocks: nothing gets final while blocks go by as time does. */
export const SLOTS = 90;
/** How many blocks a reorganisation replaces at the most. */
export const DEEPEST = 64;

/** What a tenant of these worlds begins with. */
const FUNDS = 10n ** 15n;
const MOST_LEASES = 40;

export async function height(world: World): Promise<number> {
  return Number((await world.market.client.header("latest")).number);
}

export async function finalHeight(world: World): Promise<number> {
  return Number((await world.market.client.header("finalized")).number);
}

/** Makes everything so far final. */
export async function finality(world: World): Promise<void> {
  await world.chain.rpc("anvil_mine", [`0x${(2 * SLOTS + 1).toString(16)}`, "0x1"]);
}

/** The leases that the chain knows now as active. */
export async function active(world: World): Promise<readonly Omit<LedgerLease, "token">[]> {
  return (await all(world)).filter(({ state }) => state === "Active");
}

/** Namespaces whose deletion anybody has asked for. */
export async function deletedNamespaces(world: World): Promise<readonly string[]> {
  const requests = await auditedRequests(world.cluster);
  return requests.filter(({ verb, resource }) => verb === "delete" && resource === "namespaces").map(({ uri }) => uri);
}

/** Every lease is closed, and what was billed of all is what this one tenant has paid and the provider has got. */
export async function expectExactMoney(world: World, tenant: Tenant): Promise<void> {
  const { market } = world;
  const leases = await all(world);
  expect(leases.every(({ state }) => state === "Closed")).toBe(true);
  const billed =
    leases.reduce((sum, { billedSeconds, units }) => sum + BigInt(billedSeconds * units), 0n) * UNIT_SECOND;
  expect(await market.balance(market.payout)).toBe(billed);
  expect(await market.balance(tenant.account.address)).toBe(FUNDS - billed);
}

async function all({ market: { client, address } }: World): Promise<readonly Omit<LedgerLease, "token">[]> {
  const ids = new Set(Array.from({ length: MOST_LEASES }, (_, i) => String(i + 1)));
  const found = await new MarketReader(client, address).at(await client.header("latest"), "once").leases(ids);
  return found.map(({ lease }) => lease);
}
