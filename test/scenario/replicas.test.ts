import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { billedBeyond, leaseGone, leaseWith, namespaceOf, rent } from "../harness/leases.ts";
import { type OperatorProcess, startOperator } from "../harness/operator.ts";
import { privilegeFlags } from "../harness/privileges.ts";
import { createTenant } from "../harness/tenant.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, operatorNamespace } from "../harness/world-objects.ts";
import { web } from "./manifests.ts";

const election = [
  "--leader-election=true",
  "--leader-election-lease-duration-seconds=5",
  "--leader-election-renew-deadline-seconds=4",
  "--leader-election-retry-period-seconds=1",
];

let world: World;
let replicas: readonly OperatorProcess[] = [];
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")] });
  await world.stopOperator();
  const start = (name: string): Promise<OperatorProcess> =>
    startOperator({
      kubeconfigFile: world.operatorKubeconfigFile,
      dir: join(world.cluster.dir, "replicas"),
      namespace: operatorNamespace,
      name,
      flags: [...election, ...privilegeFlags],
    });
  replicas = await Promise.all([start("one"), start("two")]);
});
afterAll(async () => {
  await Promise.all(replicas.map(({ running }) => running.stop()));
  await world.stop();
});

describe("two replicas", () => {
  it("both answer tenants, one serves; when it dies the other goes on with what it knows", async () => {
    await world.apply(offerObject("h100", world.market));
    const leader = await leading(...replicas);
    const standby = replicas.find((replica) => replica !== leader);
    if (standby === undefined) throw new Error("there is no second replica");

    const [account] = world.chain.accounts.slice(3);
    if (account === undefined) throw new Error("the chain has no account for a tenant");
    const gatewayUrl = (): string => standby.gatewayUrl;
    const tenant = await createTenant({ chainId: world.chain.chainId, market: world.market, account, gatewayUrl });
    const lease = await rent(world, tenant, "h100", { units: 2, deposit: 7_200_000_000n, manifest: web() });
    await leaseWith(world, lease, "Ready", "True");
    expect(await tenant.status(lease)).toMatchObject({ status: 200 });
    const before = await billedBeyond(world, lease, 0);
    const [pod] = await world.list("pod", namespaceOf(lease));

    await leader.running.kill();
    expect(await leading(standby)).toBe(standby);
    await billedBeyond(world, lease, before.status?.money?.billedSeconds ?? 0);
    const pods = await world.list("pod", namespaceOf(lease));
    expect(pods.map(({ metadata }) => metadata?.uid)).toEqual([pod?.metadata?.uid]);

    const { paid, refund } = await tenant.close(lease);
    expect(paid + refund).toBe(7_200_000_000n);
    await leaseGone(world, lease);
  });
});

/** The one that leads, once exactly one of them does. */
function leading(...candidates: readonly OperatorProcess[]): Promise<OperatorProcess> {
  return eventually("exactly one replica leads", async () => {
    const pages = await Promise.all(candidates.map((one) => one.metrics()));
    const leaders = candidates.filter((_, i) => isLeader(pages[i] ?? ""));
    const [leader] = leaders;
    return leaders.length === 1 ? leader : undefined;
  });
}

function isLeader(page: string): boolean {
  return page.split("\n").includes('leader_election_master_status{name="berthage"} 1');
}
