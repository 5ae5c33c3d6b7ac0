import type { IPod } from "kubernetes-models/v1/Pod";
import { findCondition } from "../../src/api/conditions.ts";
import { labels } from "../../src/api/names.ts";
import type { ComputeLease } from "../../src/api/types.gen.ts";
import { configMaps, namespaces } from "../../src/kube/core.ts";
import type { LedgerLease } from "../../src/networks/driver.ts";
import { marketAbi } from "../../src/networks/market/abi.ts";
import { MarketReader } from "../../src/networks/market/reader.ts";
import { isInFlight } from "../harness/lane.ts";
import { eventually } from "../harness/wait.ts";
import { operatorNamespace } from "../harness/world-objects.ts";
import { offerNames, roughNodes } from "./action.ts";
import type { PodWatch } from "./pod-watch.ts";
import { gpusIn, gpusOf, makeFinal, poolOf, priceOf, roughNode, type Stage, unitsOf } from "./stage.ts";
import { demand } from "./violation.ts";

type Lease = Omit<LedgerLease, "token">;
/** Under load a namespace alone takes seconds; what takes longer than this does not happen by itself. */
const patience = { timeoutSeconds: 240, intervalMilliseconds: 500 };
/** A pod is seen a look later than it is ready, and the clocks of cluster and chain have whole seconds. */
const TOLERANCE_SECONDS = 3;

/** Takes back what was done to network, offers, nodes and operator; what befell leases stays. */
export async function restore(stage: Stage): Promise<void> {
  const { world } = stage;
  world.faults.clear();
  stage.isBlind = false;
  const { running } = world.operator;
  demand(stage.isDown || !running.hasExited(), () => "the operator ended by itself");
  if (running.hasExited()) await world.startOperator(); // one under faults was in vain
  stage.isDown = false;
  await world.apply(...roughNodes.map(roughNode));
  for (const node of roughNodes) {
    await world.patch("node", node, { spec: { unschedulable: null } });
    const allocatable = { "nvidia.com/gpu": "8" };
    await world.patch("node", node, { status: { allocatable } }, "--subresource=status");
  }
  await world.cluster.kubectl(["delete", "pod", "-n", "default", "--all", "--force", "--wait=false"]);
  for (const name of offerNames) {
    const price = { perUnitHour: String(priceOf(name)) };
    await world.patch("coffer", name, { spec: { paused: false, price, capacity: { maxUnits: unitsOf(name) } } });
  }
  const annotations = { "berthage.dev/paused": null };
  for (const { metadata } of await stage.world.list("clease")) {
    if (metadata.annotations?.["berthage.dev/paused"] !== undefined)
      await world.patch("clease", metadata.name ?? "", { metadata: { annotations } });
  }
  await world.chain.rpc("anvil_setNextBlockBaseFeePerGas", ["0x3b9aca00"]);
}

/**
 * Waits until chain and cluster agree on every lease, each of them is served or says what its tenant must do, and nothing is left
 * of those whose end is final.
 */
export async function agree(stage: Stage): Promise<void> {
  await makeFinal(stage.world);
  await eventually(
    "chain and cluster agree",
    async () => {
      const [settled, active, objects, pods] = await Promise.all([
        activeLeases(stage, "finalized"),
        activeLeases(stage, "latest"),
        stage.world.list("clease"),
        stage.world.list("pod"),
      ]);
      const wrong = [...problemsOf(active, objects), ...strays([...settled, ...active], objects, pods)];
      if (wrong.length > 0) throw new Error(wrong.join("; "));
      return true;
    },
    patience,
  );
}

/** Of leases on chain, in the cluster. */
function problemsOf(active: readonly Lease[], objects: readonly ComputeLease[]): readonly string[] {
  const byId = new Map(objects.map((lease) => [lease.spec.leaseId, lease]));
  return active.flatMap((lease) => problemOf(lease, byId.get(lease.id)) ?? []);
}

/** What the cluster has of leases that are alive neither at the head nor in final state. */
function strays(alive: readonly Lease[], objects: readonly ComputeLease[], pods: readonly IPod[]): readonly string[] {
  const ids = new Set(alive.map(({ id }) => id));
  const left = objects.flatMap(({ spec: { leaseId } }) => (ids.has(leaseId) ? [] : [`lease ${leaseId}`]));
  const orphans = pods.flatMap(({ metadata }) => {
    const leaseId = metadata?.labels?.[labels.lease];
    return leaseId === undefined || ids.has(leaseId) ? [] : [`pod ${metadata?.name} of lease ${leaseId}`];
  });
  return [...left, ...orphans].map((one) => `${one} is in the cluster though it ended for good`);
}

function problemOf({ id, tenant }: Lease, object: ComputeLease | undefined): string | undefined {
  if (object === undefined) return `lease ${id} is not in the cluster`;
  if (!isSame(object.spec.tenant, tenant)) return `lease ${id} has another tenant in the cluster`;
  const reasonOf = (type: string): string | undefined => findCondition(object, type)?.reason;
  const isServed = findCondition(object, "Ready")?.status === "True";
  const isTenantsTurn = ["WaitingForManifest", "ManifestInvalid"].includes(reasonOf("ManifestReady") ?? "");
  if (isServed || isTenantsTurn || reasonOf("Suspended") === "FundsExhausted") return undefined;
  const why = object.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} (${reason})`);
  return `lease ${id} is neither served nor waiting for its tenant: ${why?.join(", ")}`;
}

/** Ends every lease and waits until nothing of them is left and everything is for sale again. */
export async function drain(stage: Stage): Promise<void> {
  const { world, tenants } = stage;
  const owners = new Map(tenants.map((tenant) => [tenant.account.address.toLowerCase(), tenant]));
  const endAll = async (): Promise<readonly Lease[]> => {
    const active = await activeLeases(stage, "latest");
    // Some end by themselves in the same moment, and some are opened by transactions that were given up long ago.
    await Promise.allSettled(active.map((lease) => owners.get(lease.tenant.toLowerCase())?.close(lease.id)));
    return active;
  };
  await endAll();
  await makeFinal(stage.world);
  await eventually(
    "nothing of any lease is left",
    async () => {
      const active = await endAll();
      const left = (await world.list("clease")).map(({ metadata }) => metadata.name);
      const spaces = (await world.kube.list(namespaces, { labelSelector: "berthage.dev/lease" })).items;
      if (active.length + left.length + spaces.length === 0) return true;
      throw new Error(`${active.length} on chain, ${left.join(" ")} in the cluster, ${spaces.length} namespaces`);
    },
    patience,
  );
  await expireUploads(stage);
  await eventually("all is for sale", () => forSale(stage), patience);
  await eventually("no transaction is in flight", () => idleLane(stage), patience);
}

/** Uploads that no lease names expire after an hour; epochs are shorter, and a tenant may have only a few. */
async function expireUploads({ world }: Stage): Promise<void> {
  for (const { metadata } of await world.list("configmap", operatorNamespace)) {
    const name = metadata?.name ?? "";
    if (name.startsWith("manifest-")) await world.kube.delete(configMaps, { namespace: operatorNamespace, name });
  }
}

async function forSale({ world }: Stage): Promise<true> {
  const offers = await world.list("coffer");
  const listings = await world.market.offers();
  const listed = { steady: 0, rough: 0 };
  for (const name of offerNames) {
    const id = offers.find(({ metadata }) => metadata.name === name)?.status?.offerId;
    const listing = listings.find((offer) => offer.id === id);
    if (listing === undefined || listing.leasedUnits > 0) throw new Error(`${name} is listed as ${JSON.stringify(id)}`);
    listed[poolOf(name)] += listing.isOpen ? listing.capacityUnits * gpusOf[name] : 0;
  }
  if (listed.steady !== gpusIn.steady || listed.rough !== gpusIn.rough) throw new Error(JSON.stringify(listed));
  return true;
}

/** No nonce gap: what the nodes have is what was mined, and the journal awaits nothing. */
async function idleLane({ world }: Stage): Promise<true> {
  const { client, operator } = world.market;
  const [latest, pending] = await Promise.all([
    client.nonce(operator.address, "latest"),
    client.nonce(operator.address, "pending"),
  ]);
  if (latest !== pending) throw new Error(`${pending - latest} transactions wait`);
  if (await isInFlight(world)) throw new Error("the lane's journal awaits a transaction");
  return true;
}

/** What is known of money once nothing moves any more. @returns leases that lived since the last time */
export async function audit(stage: Stage, podWatch: PodWatch, paidBefore: bigint): Promise<number> {
  const { world, opened } = stage;
  const { client, address, payout } = world.market;
  const data = marketAbi.encodeFunctionData("leaseCount");
  const last = Number(await client.call({ to: address, data }));
  const ids = Array.from({ length: last - stage.firstLease + 1 }, (_, i) => String(stage.firstLease + i));
  const leases = await leasesOf(stage, ids);
  let billed = 0n;
  for (const lease of leases) {
    const { id, state, closeReason, pricePerHour, billedSeconds, deposit, units, offerId } = lease;
    demand(state === "Closed", () => `lease ${id} is ${state}`);
    const owed = (pricePerHour * BigInt(billedSeconds)) / 3600n;
    demand(owed <= deposit, () => `lease ${id} is billed ${owed} of ${deposit}`);
    billed += owed;
    const refunded =
      closeReason === "Unplaceable" || closeReason === "NeverServed" || closeReason === "ManifestTimeout";
    demand(!refunded || owed === 0n, () => `lease ${id} ended as ${closeReason} and paid ${owed}`);
    const listing = (await world.market.offers()).find((offer) => offer.id === offerId);
    const isSteady = listing !== undefined && stage.offerOf(listing) !== "rough";
    demand(!(isSteady && units === 1 && closeReason === "Unplaceable"), () => `oversold: lease ${id} had no place`);
    // Ids may have gone to others, and transactions that were given up may have been mined after all.
    const known = opened.find((one) => one.id === id && one.manifestHash === lease.manifestHash);
    if (known?.isPlain !== true) continue;
    const most = podWatch.mostServedSeconds(id) + TOLERANCE_SECONDS;
    demand(
      billedSeconds <= most,
      () => `lease ${id} is billed ${billedSeconds} s, and served ${most} s at most: ${known.story.join("; ")}`,
    );
  }
  const paid = (await world.market.balance(payout)) - paidBefore;
  demand(paid === billed, () => `${paid} were paid for ${billed} billed`);
  stage.firstLease = last + 1;
  stage.epochStart = (await client.header("latest")).number;
  stage.opened.length = 0;
  stage.scaled.clear();
  stage.unused.clear();
  return leases.length;
}

function isSame(address: string, other: string): boolean {
  return address.toLowerCase() === other.toLowerCase();
}

async function activeLeases({ world }: Stage, tag: "latest" | "finalized"): Promise<readonly Lease[]> {
  const { client, address, providerId } = world.market;
  const at = new MarketReader(client, address).at(await client.header(tag), "once");
  return (await at.leases(new Set(await at.activeIds(providerId)))).map(({ lease }) => lease);
}

async function leasesOf({ world }: Stage, ids: readonly string[]): Promise<readonly Lease[]> {
  const { client, address } = world.market;
  const at = new MarketReader(client, address).at(await client.header("latest"), "once");
  return (await at.leases(new Set(ids))).map(({ lease }) => lease);
}
