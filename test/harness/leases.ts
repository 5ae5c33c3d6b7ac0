import { findCondition } from "../../src/api/conditions.ts";
import type { ComputeLease, ComputeOffer } from "../../src/api/types.gen.ts";
import type { CloseReason, LedgerOffer } from "../../src/networks/driver.ts";
import type { Tenant } from "./tenant.ts";
import { eventually } from "./wait.ts";
import type { World } from "./world.ts";

/** How long a fact may take on a busy machine: finality is looked at every 5 s, a pod and its namespace take seconds. */
const waiting = { timeoutSeconds: 90, intervalMilliseconds: 250 };

export const leaseName = (leaseId: string): string => `market-${leaseId}`;
export const namespaceOf = (leaseId: string): string => `lease-market-${leaseId}`;

/** The lease once `fact` is so. */
export function leaseWhere(
  world: World,
  leaseId: string,
  what: string,
  fact: (lease: ComputeLease) => boolean,
): Promise<ComputeLease> {
  return eventually(
    `lease ${leaseId} ${what}`,
    async () => {
      const lease = await world.get("clease", leaseName(leaseId));
      if (lease !== undefined && fact(lease)) return lease;
      const shown = lease?.status?.conditions?.map(({ type, status, reason, message }) =>
        status === "True" ? `${type} (${reason})` : `${type}=${status} (${reason}: ${message})`,
      );
      throw new Error(
        lease === undefined
          ? "there is no ComputeLease"
          : `${shown?.join(", ")} ${JSON.stringify(lease.status?.metering)}`,
      );
    },
    waiting,
  );
}

/** All leases of the cluster once `fact` is so of them. */
export function leasesWhere(
  world: World,
  what: string,
  fact: (leases: readonly ComputeLease[]) => boolean,
): Promise<readonly ComputeLease[]> {
  return eventually(
    what,
    async () => {
      const leases = await world.list("clease");
      if (fact(leases)) return leases;
      const reasons = leases.map((lease) => `${lease.metadata.name} ${findCondition(lease, "Ready")?.reason}`);
      throw new Error(reasons.join(", "));
    },
    waiting,
  );
}

/** The lease once a condition has a status, and a reason if one is given. */
export function leaseWith(
  world: World,
  leaseId: string,
  type: string,
  status: string,
  reason?: string,
): Promise<ComputeLease> {
  return leaseWhere(world, leaseId, `has ${type}=${status} (${reason ?? "for any reason"})`, (lease) => {
    const found = findCondition(lease, type);
    return found?.status === status && (reason === undefined || found.reason === reason);
  });
}

/** Waits until neither namespace nor ComputeLease is left. */
export async function leaseGone(world: World, leaseId: string): Promise<void> {
  await eventually(
    `namespace and ComputeLease of lease ${leaseId} are gone`,
    async () => {
      const namespace = await world.get("namespace", namespaceOf(leaseId));
      return namespace === undefined && (await world.get("clease", leaseName(leaseId))) === undefined
        ? true
        : undefined;
    },
    waiting,
  );
}

/** The ComputeOffer once `fact` is so. */
export function offerWhere(
  world: World,
  name: string,
  what: string,
  fact: (offer: ComputeOffer) => boolean,
): Promise<ComputeOffer> {
  return eventually(
    `offer ${name} ${what}`,
    async () => {
      const offer = await world.get("coffer", name);
      if (offer !== undefined && fact(offer)) return offer;
      throw new Error(JSON.stringify(offer?.status));
    },
    waiting,
  );
}

/** The listing of a ComputeOffer on the chain once it has so many units in all and takes new leases, or not. */
export async function listing(
  world: World,
  name: string,
  expected: { capacityUnits: number; isOpen: boolean },
): Promise<LedgerOffer> {
  return eventually(
    `offer ${name} is listed with ${JSON.stringify(expected)}`,
    async () => {
      const offerId = (await world.get("coffer", name))?.status?.offerId;
      const found = (await world.market.offers()).find(({ id }) => id === offerId);
      if (found?.capacityUnits === expected.capacityUnits && found.isOpen === expected.isOpen) return found;
      throw new Error(`it is listed with ${found?.capacityUnits} units, ${found?.isOpen ? "open" : "closed"}`);
    },
    waiting,
  );
}

/** The id on chain of an offer that can be rented. */
export async function readyOffer(world: World, name: string): Promise<string> {
  const offer = await offerWhere(world, name, "is Ready", (o) => findCondition(o, "Ready")?.status === "True");
  const { offerId } = offer.status ?? {};
  if (offerId === undefined) throw new Error(`offer ${name} is Ready without an id`);
  return offerId;
}

/** Rents from an offer by its name in the cluster. */
export async function rent(
  world: World,
  tenant: Tenant,
  offer: string,
  what: { units?: number; deposit: bigint; manifest?: string },
): Promise<string> {
  return tenant.rent({ units: 1, ...what, offerId: await readyOffer(world, offer) });
}

/** The lease once the chain has billed more than `seconds` of it. */
export function billedBeyond(world: World, leaseId: string, seconds: number): Promise<ComputeLease> {
  return leaseWhere(
    world,
    leaseId,
    `is billed more than ${seconds} s`,
    ({ status }) => (status?.money?.billedSeconds ?? 0) > seconds,
  );
}

/** Seconds served so far, billed or not, as of the last record: exact while the lease does not accrue. */
export function servedSeconds({ status }: ComputeLease): number {
  return (status?.money?.billedSeconds ?? 0) + (status?.metering?.servedSeconds ?? 0);
}

/** Waits until the chain's own clock has gone on by so many seconds. */
export async function chainSeconds(world: World, seconds: number): Promise<void> {
  const now = async (): Promise<number> => (await world.market.client.header("latest")).timestampSeconds;
  const end = (await now()) + seconds;
  await eventually(`${seconds} s of chain time`, async () => ((await now()) >= end ? true : undefined), waiting);
}

/** Waits until the chain has closed a lease, and checks the reason. */
export async function closedAs(world: World, leaseId: string, reason: CloseReason): Promise<ClosedLease> {
  const closed = await eventually(
    `lease ${leaseId} is closed`,
    async () => {
      const found = await world.market.lease(leaseId);
      return found.state === "Closed" ? found : undefined;
    },
    waiting,
  );
  if (closed.closeReason !== reason) {
    throw new Error(`lease ${leaseId} was closed as ${closed.closeReason}, not as ${reason}`);
  }
  return closed;
}

type ClosedLease = Awaited<ReturnType<World["market"]["lease"]>>;
