import type { IPod } from "kubernetes-models/v1/Pod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import {
  billedBeyond,
  chainSeconds,
  leaseWhere,
  leaseWith,
  namespaceOf,
  rent,
  servedSeconds,
} from "../harness/leases.ts";
import type { Tenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { foreignPod, h100Node, inPool, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { two, web } from "./manifests.ts";

const pools = ["none", "wrong", "image", "crowded", "update"];
const DEPOSIT = 36_000n * UNIT_SECOND;

let world: World;
let tenants: Map<string, Tenant>;
beforeAll(async () => {
  world = await startWorld({ nodes: pools.map((pool) => h100Node(`${pool}-a`, { pool })) });
  await world.apply(...pools.map((pool) => offerObject(pool, world.market, { placement: inPool(pool) })));
  tenants = new Map(await Promise.all(pools.map(async (pool) => [pool, await world.tenant()] as const)));
});
afterAll(() => world.stop());

function tenantOf(pool: string): Tenant {
  const tenant = tenants.get(pool);
  if (tenant === undefined) throw new Error(`no tenant for ${pool}`);
  return tenant;
}

const podsOf = (lease: string): Promise<readonly IPod[]> => world.list("pod", namespaceOf(lease));

describe.concurrent("a manifest", () => {
  it("may come later: the lease accrues because its capacity is held, and turns Ready once it is sent", async () => {
    const tenant = tenantOf("none");
    const lease = await rent(world, tenant, "none", { units: 2, deposit: DEPOSIT });
    await leaseWith(world, lease, "CapacityReserved", "True");
    await leaseWith(world, lease, "ManifestReady", "False", "WaitingForManifest");
    await billedBeyond(world, lease, 0);
    await tenant.sendManifest(lease, web());
    await leaseWith(world, lease, "Ready", "True");
    const [pod] = await podsOf(lease);
    expect(pod?.spec?.containers[0]?.resources?.limits).toMatchObject({ "nvidia.com/gpu": "2" });
  });

  it("that breaks a rule is refused with field and hint, accrues, and can be corrected", async () => {
    const tenant = tenantOf("wrong");
    const wrong = web().replace("ports:", "portz:");
    const lease = await rent(world, tenant, "wrong", { deposit: DEPOSIT, manifest: wrong });
    const refused = await leaseWith(world, lease, "ManifestReady", "False", "ManifestInvalid");
    expect(findCondition(refused, "ManifestReady")?.message).toMatch(/services\[0\]\.portz.*ports/s);
    await billedBeyond(world, lease, 0);
    await tenant.sendManifest(lease, web());
    await leaseWith(world, lease, "Ready", "True");
    await tenant.sendManifest(lease, wrong.replace("app:1", "app:2"));
    const kept = await leaseWith(world, lease, "ManifestReady", "False", "ManifestInvalid");
    expect(findCondition(kept, "Ready")?.status).toBe("True");
    const [pod] = await podsOf(lease);
    expect(pod?.spec?.containers[0]?.image).toBe("registry.example/app:1");
  });

  it("whose image cannot be pulled accrues, since that is the tenant's part", async () => {
    const lease = await rent(world, tenantOf("image"), "image", { deposit: DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    await breakImage(lease);
    const broken = await leaseWith(world, lease, "Ready", "False");
    expect(findCondition(broken, "Ready")?.message).toMatch(/image cannot be pulled \(ImagePullBackOff\)/);
    expect(broken.status?.metering?.accruing).toBe(true);
    await billedBeyond(world, lease, broken.status?.money?.billedSeconds ?? 0);
  });

  it("that cannot be scheduled does not accrue, since that is the provider's part", async () => {
    const tenant = tenantOf("crowded");
    const lease = await rent(world, tenant, "crowded", { deposit: DEPOSIT });
    await leaseWith(world, lease, "CapacityReserved", "True");
    await world.apply(foreignPod("squatter", "crowded-a", 8)); // bound past the scheduler, as a node's own manifests are
    await tenant.sendManifest(lease, web());
    // Ready is told so once all objects of the lease are known to be there.
    const waiting = await leaseWhere(
      world,
      lease,
      "waits for the scheduler",
      (found) =>
        findCondition(found, "Provisioned")?.reason === "Unschedulable" &&
        findCondition(found, "Ready")?.message?.includes("waits for the scheduler") === true,
    );
    expect(waiting.status?.metering?.accruing).toBe(false);
    await chainSeconds(world, 4);
    const later = await leaseWith(world, lease, "Ready", "False");
    expect(servedSeconds(later)).toBe(servedSeconds(waiting));
    await world.delete("pod", "squatter", "default");
    const ready = await leaseWith(world, lease, "Ready", "True");
    expect(ready.status?.metering?.accruing).toBe(true);
  });

  it("can be replaced on a full node: services come and go, and what nothing asks for is removed", async () => {
    const tenant = tenantOf("update");
    const lease = await rent(world, tenant, "update", { units: 8, deposit: 8n * DEPOSIT, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    await tenant.sendManifest(lease, two("registry.example/app:2"));
    await runsExactly(lease, { web: "registry.example/app:2", extra: "registry.example/app:2" });
    await tenant.sendManifest(lease, web("registry.example/app:3"));
    await runsExactly(lease, { web: "registry.example/app:3" });
    const services = await world.list("service", namespaceOf(lease));
    expect(services.map(({ metadata }) => metadata?.name)).toEqual(["web"]);
    await eventually("only the pod with all GPUs is left", async () => {
      const pods = await podsOf(lease); // those of a service that went go later than its Deployment
      expect(pods.map(({ spec }) => spec?.containers[0]?.resources?.limits)).toMatchObject([{ "nvidia.com/gpu": "8" }]);
      return true;
    });
  });
});

/** Waits until these Deployments with these images, and no others, are Ready. */
async function runsExactly(lease: string, images: Readonly<Record<string, string>>): Promise<void> {
  await eventually(
    `lease ${lease} runs ${JSON.stringify(images)}`,
    async () => {
      const deployments = await world.list("deployment", namespaceOf(lease));
      const running = deployments
        .filter(({ status }) => status?.updatedReplicas === 1 && status.readyReplicas === 1)
        .map(({ metadata, spec }) => [metadata?.name, spec?.template?.spec?.containers[0]?.image]);
      expect(deployments).toHaveLength(running.length);
      expect(Object.fromEntries(running)).toEqual(images);
      return true;
    },
    { timeoutSeconds: 90 },
  );
  await leaseWith(world, lease, "Ready", "True");
}

/** What a kubelet reports when the registry refuses: kwok runs no containers. */
async function breakImage(lease: string): Promise<void> {
  const [pod] = await podsOf(lease);
  const containerStatuses = [
    {
      name: "web",
      ready: false,
      restartCount: 0,
      image: "registry.example/app:1",
      imageID: "",
      state: { waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } },
    },
  ];
  const conditions = [
    { type: "PodScheduled", status: "True" },
    { type: "Ready", status: "False", reason: "ContainersNotReady" },
  ];
  const flags = ["--subresource=status", "-n", namespaceOf(lease)];
  await world.patch(
    "pod",
    pod?.metadata?.name ?? "",
    { status: { phase: "Pending", conditions, containerStatuses } },
    ...flags,
  );
}
