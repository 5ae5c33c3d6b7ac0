import { ManifestStore } from "../src/gateway/manifest-store.ts";
import { openedLease } from "../src/networks/market/transactions.ts";
import { manifestHash, sealManifest } from "../src/sealing/manifest.ts";
import { eventually } from "../test/harness/wait.ts";
import { operatorNamespace } from "../test/harness/world-objects.ts";
import type { BenchWorld } from "./world.ts";

const DEPOSIT = 10n ** 12n;
const OPEN_GAS = 400_000;

/** What a tenant would really send: a service with a port and an environment. */
const manifest = (index: number): string => `
version: 1
services:
  - name: web
    image: registry.example/app:1
    env: { INDEX: "${index}" }
    ports: [{ name: http, port: 8080 }]
`;

/**
 * Seals manifests and stores them as the gateway does, which would take no more than a few before their leases exist.
 * @returns their hashes
 */
export async function uploadManifests({ kube, chain, market, tenant }: BenchWorld, count: number): Promise<string[]> {
  const store = new ManifestStore(kube, operatorNamespace);
  const context = {
    chainId: chain.chainId,
    market: market.address,
    providerId: market.providerId,
    tenant: tenant.address,
  };
  const upload = async (index: number): Promise<string> => {
    const bytes = await sealManifest(manifest(index), market.manifestKey.publicKey, context);
    const hash = manifestHash(bytes);
    await store.put({ hash, tenant: tenant.address, network: "market", bytes });
    return hash;
  };
  const hashes: string[] = [];
  for (let index = 0; index < count; index += 50) {
    const some = Array.from({ length: Math.min(50, count - index) }, (_, offset) => upload(index + offset));
    hashes.push(...(await Promise.all(some)));
  }
  return hashes;
}

/** Sends one opening from the node's own unlocked account. @returns the transaction's hash */
function sendOpening({ chain, market, tenant }: BenchWorld, offerId: string, hash: string): Promise<string> {
  const { to, data } = market.calls.open({ offerId, units: 1, deposit: DEPOSIT, manifestHash: hash });
  const gas = `0x${OPEN_GAS.toString(16)}`;
  return chain.rpc<string>("eth_sendTransaction", [{ from: tenant.address, to, data, gas }]);
}

/** Opens one lease and looks for its receipt without a pause. @returns the lease and when its block could be read */
export async function openOne(
  world: BenchWorld,
  offerId: string,
  hash: string,
): Promise<{ leaseId: string; block: bigint; readableAt: number }> {
  const transaction = await sendOpening(world, offerId, hash);
  const { client } = world.market;
  const receipt = await eventually("the opening is mined", () => client.receipt(transaction), {
    intervalMilliseconds: 1,
  });
  return { leaseId: openedLease(receipt), block: receipt.blockNumber, readableAt: preciseNow() };
}

/** Opens a lease for each manifest, all in one block. @returns their ids */
export async function openAll(world: BenchWorld, offerId: string, hashes: readonly string[]): Promise<string[]> {
  const { chain, market } = world;
  const room = hashes.length * OPEN_GAS * 2;
  await chain.rpc("evm_setBlockGasLimit", [`0x${room.toString(16)}`]);
  await chain.rpc("evm_setIntervalMining", [0]);
  const transactions: string[] = [];
  for (const hash of hashes) transactions.push(await sendOpening(world, offerId, hash));
  await chain.rpc("evm_mine");
  await chain.rpc("evm_setIntervalMining", [1]);
  const ids: string[] = [];
  for (const transaction of transactions) {
    const receipt = await eventually("the openings are mined", () => market.client.receipt(transaction));
    if (!receipt.succeeded) throw new Error(`opening ${transaction} reverted: does the offer have room?`);
    ids.push(openedLease(receipt));
  }
  return ids;
}

/** Milliseconds since the epoch, finer than Date's. */
function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
