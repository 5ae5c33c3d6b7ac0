import { afterAll, beforeAll, expect, it } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import { isolationReportData, isolationReportName } from "../../src/api/isolation-report.ts";
import type { ComputeOffer } from "../../src/api/types.gen.ts";
import { leaseWith, listing, offerWhere, rent } from "../harness/leases.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, operatorNamespace, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("gpu-a")] });
});
afterAll(() => world.stop());

/** What `berthage provider preflight` leaves behind. */
async function probed(isEnforced: boolean): Promise<void> {
  const metadata = {
    name: isolationReportName,
    namespace: operatorNamespace,
    labels: { "app.kubernetes.io/managed-by": "berthage" },
  };
  const message = `On node gpu-a a pod ${isEnforced ? "no longer reached" : "reached"} 10.244.0.5.`;
  const data = isolationReportData({ isEnforced, message, timeSeconds: 1_900_000_000 });
  await world.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
}

const isolated = (reason: string): Promise<ComputeOffer> =>
  offerWhere(world, "h100", `is Isolated or not for reason ${reason}`, (offer) => {
    return findCondition(offer, "Isolated")?.reason === reason;
  });

it("a cluster that does not keep tenants apart sells nothing new, serves on, and sells again once it does", async () => {
  await world.apply(offerObject("h100", world.market));
  await isolated("NotProbed");
  const tenant = await world.tenant();
  const lease = await rent(world, tenant, "h100", { deposit: 3600n * UNIT_SECOND, manifest: web() });
  await leaseWith(world, lease, "Ready", "True");

  await probed(false);
  const closed = await isolated("PolicyNotEnforced");
  await listing(world, "h100", { capacityUnits: 1, isOpen: false });
  expect(findCondition(closed, "Published")).toMatchObject({ status: "False", reason: "NotIsolated" });
  expect(findCondition(closed, "Ready")).toMatchObject({ status: "False", reason: "NotIsolated" });
  const refused = tenant.rent({ offerId: closed.status?.offerId ?? "", units: 1, deposit: UNIT_SECOND });
  await expect(refused).rejects.toThrow(/closed|OfferClosed/i);
  await leaseWith(world, lease, "Ready", "True");

  await probed(true);
  await isolated("PolicyEnforced");
  await listing(world, "h100", { capacityUnits: 8, isOpen: true });
  await leaseWith(world, lease, "Ready", "True");
});
