import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gpuNode } from "../harness/nodes.ts";
import { eventually } from "../harness/wait.ts";
import { leaseWith, offerObject, startWorld, type World } from "../harness/world.ts";

const manifest = `
version: 1
services:
  - name: web
    image: registry.example/app:1
    ports: [{ name: http, port: 8080 }]
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({
    nodes: [gpuNode("h100-a", { product: "NVIDIA-H100-80GB-HBM3", count: 8, memoryMiB: 81_559 })],
  });
});
afterAll(() => world.stop());

describe("a lease's life", () => {
  it("is rented, served, billed and closed, and every token is accounted for", async () => {
    await world.apply(offerObject("h100", world.market));
    const tenant = await world.tenant();
    const before = await world.market.balance(tenant.account.address);
    const lease = await tenant.rent("h100", { units: 2, deposit: 7_200_000_000n, manifest });
    const ready = await leaseWith(world, lease, "Ready", "True");
    expect(ready.status?.allocation?.node).toBe("h100-a");
    const billed = await eventually("seconds are billed", async () => {
      const found = await leaseWith(world, lease, "Ready", "True");
      return (found.status?.money?.billedSeconds ?? 0) > 0 ? found.status?.money : undefined;
    });
    expect(BigInt(billed.earned)).toBe(BigInt(billed.billedSeconds) * 2_000_000n);
    const { paid, refund } = await tenant.close(lease);
    expect(paid + refund).toBe(7_200_000_000n);
    expect(await world.market.balance(tenant.account.address)).toBe(before - paid);
    await eventually(
      "the namespace and the lease are gone",
      async () => {
        const namespace = await world.get("namespace", `lease-market-${lease}`);
        return namespace === undefined && (await world.get("clease", `market-${lease}`)) === undefined
          ? true
          : undefined;
      },
      { timeoutSeconds: 90 },
    );
  });
});
