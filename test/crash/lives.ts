import { findCondition } from "../../src/api/conditions.ts";
import type { ComputeOffer } from "../../src/api/types.gen.ts";
import { marketAbi } from "../../src/networks/market/abi.ts";
import type { MarketCall } from "../../src/networks/market/transactions.ts";
import {
  billedBeyond,
  closedAs,
  leaseGone,
  leaseName,
  leasesWhere,
  leaseWhere,
  leaseWith,
  offerWhere,
  rent,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import type { World } from "../harness/world.ts";
import { h100Node, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "../scenario/manifests.ts";

/** What a life is lived with. Every life has a pool of nodes and an offer of its own, both named after it. */
export interface Setting {
  readonly world: World;
  readonly tenant: Tenant;
  /** Name of offer and pool. */
  readonly name: string;
  /** Acts while the operator is down, and starts it again. */
  whileDown(act: () => Promise<unknown>): Promise<void>;
}

/** One way in which a lease can go, from nothing to nothing. It acts as tenant and admin, never by the operator's hand. */
export interface Life {
  readonly title: string;
  readonly terms?: Partial<ComputeOffer["spec"]["terms"]>;
  /** Nodes in the pool; default 1. */
  readonly nodes?: number;
  /** How often the operator dies in it each time it is lived, as far apart as can be; default 1. */
  readonly deaths?: number;
  /** Worlds among which its repetitions are shared out; default 1. The node keeps 200 states, so a world takes more memory with each. */
  readonly worlds?: number;
  /** @returns ids of all its leases, each of them closed */
  live(setting: Setting): Promise<readonly string[]>;
}

const DEPOSIT = 3600n * UNIT_SECOND;
async function served({ world, tenant, name }: Setting, units = 2, deposit = DEPOSIT): Promise<string> {
  const lease = await rent(world, tenant, name, { units, deposit, manifest: web() });
  await leaseWith(world, lease, "Ready", "True");
  return lease;
}

async function ended({ world, tenant }: Setting, lease: string): Promise<readonly string[]> {
  await tenant.close(lease);
  await leaseGone(world, lease);
  return [lease];
}

export const lives: readonly Life[] = [
  {
    title: "rented, served and closed",
    async live(setting) {
      const lease = await served(setting);
      await billedBeyond(setting.world, lease, 0);
      return ended(setting, lease);
    },
  },
  {
    title: "suspended, topped up and resumed",
    terms: { unfundedGraceSeconds: 600 },
    async live(setting) {
      const { world, tenant } = setting;
      const lease = await served(setting, 1, 4n * UNIT_SECOND);
      await leaseWith(world, lease, "Suspended", "True", "FundsExhausted");
      await tenant.topUp(lease, DEPOSIT);
      await leaseWith(world, lease, "Suspended", "False");
      await leaseWith(world, lease, "Ready", "True");
      return ended(setting, lease);
    },
  },
  {
    title: "out of funds and closed",
    terms: { unfundedGraceSeconds: 2 },
    async live(setting) {
      const lease = await rent(setting.world, setting.tenant, setting.name, {
        units: 1,
        deposit: 4n * UNIT_SECOND,
        manifest: web(),
      });
      await closedAs(setting.world, lease, "FundsExhausted");
      await leaseGone(setting.world, lease);
      return [lease];
    },
  },
  {
    title: "given another manifest",
    async live(setting) {
      const { world, tenant } = setting;
      const lease = await served(setting);
      await tenant.sendManifest(lease, web("registry.example/app:2"));
      const { manifestHash } = await world.market.lease(lease);
      await leaseWhere(
        world,
        lease,
        "runs the new manifest",
        (found) => found.status?.manifest?.hash === manifestHash && findCondition(found, "Ready")?.status === "True",
      );
      return ended(setting, lease);
    },
  },
  {
    title: "ended by the provider after a notice",
    terms: { noticeSeconds: 3 },
    async live(setting) {
      const { world } = setting;
      const lease = await served(setting);
      await billedBeyond(world, lease, 0);
      await world.delete("clease", leaseName(lease));
      await closedAs(world, lease, "NoticeElapsed");
      await leaseGone(world, lease);
      return [lease];
    },
  },
  {
    title: "closed by the tenant while the operator is down",
    async live(setting) {
      const { world, tenant } = setting;
      const lease = await served(setting);
      await setting.whileDown(() => tenant.close(lease));
      await leaseGone(world, lease);
      return [lease];
    },
  },
  {
    title: "served through a change of price",
    async live(setting) {
      const { world, name } = setting;
      const lease = await served(setting);
      const dearer = String(7200n * UNIT_SECOND + BigInt(lease)); // another each time
      const price = { token: world.market.token, perUnitHour: dearer };
      await world.patch("coffer", name, { spec: { price } });
      await offerWhere(world, name, "is sold dearer", ({ status }) => status?.published?.pricePerUnitHour === dearer);
      await leaseWith(world, lease, "Ready", "True");
      return ended(setting, lease);
    },
  },
  {
    title: "moved when its node is lost",
    nodes: 2,
    async live(setting) {
      const { world, name } = setting;
      const lease = await served(setting);
      const { status } = await leaseWith(world, lease, "CapacityReserved", "True");
      const lost = status?.allocation?.node ?? "";
      await world.delete("node", lost);
      await leaseWhere(world, lease, "is placed elsewhere", (found) => found.status?.allocation?.node !== lost);
      await world.cluster.kubectl(["delete", "pod", "-A", "--force", "--field-selector", `spec.nodeName=${lost}`]);
      await leaseWith(world, lease, "Ready", "True");
      const done = await ended(setting, lease);
      await world.apply(h100Node(lost, { pool: name }));
      return done;
    },
  },
  {
    title: "too large for any node and refunded",
    nodes: 2,
    async live({ world, tenant, name }) {
      const lease = await rent(world, tenant, name, { units: 9, deposit: DEPOSIT, manifest: web() });
      await closedAs(world, lease, "Unplaceable");
      await leaseGone(world, lease);
      return [lease];
    },
  },
  {
    title: "one of twenty that come and go together",
    nodes: 3,
    deaths: 5, // of more than five hundred in all: a hundred times from nothing to nothing take an hour as it is
    worlds: 4,
    async live({ world, tenant, name }) {
      const offerId = (await world.get("coffer", name))?.status?.offerId ?? "";
      const manifestHash = await tenant.upload(web());
      const opening = world.market.calls.open({ offerId, units: 1, deposit: DEPOSIT, manifestHash });
      const { logs } = await world.market.sendTogether(Array<MarketCall>(20).fill(opening), tenant.account);
      const opened = logs.map((log) => marketAbi.parseLog(log)).filter((event) => event?.name === "LeaseOpened");
      const leases = opened.map((event) => String(event?.args.getValue("leaseId")));
      await leasesWhere(
        world,
        "all twenty are ready",
        (found) => found.filter((lease) => findCondition(lease, "Ready")?.status === "True").length === leases.length,
      );
      await world.market.sendTogether(
        leases.map((lease) => world.market.calls.closeByTenant(lease)),
        tenant.account,
      );
      await leasesWhere(world, "all twenty are gone", (found) => found.length === 0);
      return leases;
    },
  },
];
