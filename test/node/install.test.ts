import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { findCondition } from "../../src/api/conditions.ts";
import type { Shell } from "../../tools/demo/shell.ts";
import { leaseName, namespaceOf } from "../harness/leases.ts";
import { type PodState, podsOf, readyPod } from "../harness/node/pods.ts";
import { eventually } from "../harness/wait.ts";
import { nextVersion } from "./images.ts";
import { billedBeyond, leaseWhere, leaseWith } from "./leases.ts";
import { memoryOfPrograms } from "./memory.ts";
import { chartValues } from "./objects.ts";
import { deployMarket, offer, register, rent } from "./selling.ts";
import { nodeName, type Stage, setStage } from "./stage.ts";
import { seconds, step } from "./step.ts";
import { tenantAnswer } from "./tenant.ts";

const system = "berthage-system";

let stage: Stage;
let shell: Shell;
let token: string;
beforeAll(async () => {
  stage = await setStage();
  ({ shell, token } = await deployMarket(stage));
  await writeFile(join(stage.dir, "values.yaml"), chartValues);
});
afterAll(() => stage?.stop());

const helm = async (verb: "install" | "upgrade", ...flags: readonly string[]): Promise<void> => {
  await shell.ask(
    `helm ${verb} berthage charts/berthage -n ${system} -f ${stage.dir}/values.yaml --wait --timeout 3m ${flags.join(" ")}`,
  );
};

const billed = async (id: string): Promise<number> =>
  (await billedBeyond(stage.cluster, id, -1)).status?.money?.billedSeconds ?? 0;

/** Who leads, once somebody does who is not `other`: the name of its pod. */
const leader = (other = ""): Promise<string> =>
  eventually(
    "somebody leads",
    async () => {
      const holder = await shell.ask(`kubectl get lease berthage -n ${system} -o jsonpath='{.spec.holderIdentity}'`);
      const pod = holder.slice(0, holder.lastIndexOf("_"));
      return pod !== "" && pod !== other ? pod : undefined;
    },
    { timeoutSeconds: 60, intervalMilliseconds: 250 },
  );

/** A tenant is undisturbed whose pod is the same, never restarted, and answers. */
const expectUndisturbed = async (before: PodState): Promise<void> => {
  expect(await podsOf(stage.cluster, namespaceOf(lease))).toEqual([before]);
  expect(before.restarts).toBe(0);
  expect((await tenantAnswer(before.address)).host).toBe(before.name);
};

let installedAt: number;
let lease: string;
let pod: PodState;

describe("the chart on a real node", () => {
  step("helm install, two replicas", async () => {
    installedAt = performance.now();
    await helm("install", "--create-namespace");
    expect((await podsOf(stage.cluster, system)).map(({ isReady, restarts }) => ({ isReady, restarts }))).toEqual([
      { isReady: true, restarts: 0 },
      { isReady: true, restarts: 0 },
    ]);
  });

  step("the provider registers and applies network and offer, which are Ready", async () => {
    await register(stage, shell);
    await offer(stage, shell, token);
    const gateway = `http://${await shell.ask(`kubectl get service -n ${system} -o jsonpath='{.items[?(@.spec.ports[0].port==8443)].spec.clusterIP}'`)}:8443`;
    shell = shell.with({ BERTHAGE_GATEWAY: gateway });
    await eventually("the gateway serves the network", async () => {
      const answer = await fetch(`${gateway}/v1/networks/market`, { signal: AbortSignal.timeout(2000) });
      return answer.ok || undefined;
    });
  });

  step("a tenant rents two GPUs, and its container answers at its pod's address", async () => {
    lease = await rent(stage, shell);
    pod = await readyPod(stage.cluster, namespaceOf(lease));
    const { visible, ...answer } = await tenantAnswer(pod.address);
    const devices = visible.map((id) => `/dev/nvidia${stage.node.gpus.ids.indexOf(id)}`);
    expect(answer).toEqual({ host: pod.name, user: 65_532, model: "tiny", devices });
    expect(devices).toHaveLength(2);
  });

  step("the first token is earned", async () => {
    const { status } = await billedBeyond(stage.cluster, lease, 0);
    expect(BigInt(status?.money?.earned ?? 0)).toBeGreaterThan(0n);
    console.log(`${seconds(performance.now() - installedAt)}  from helm install to the first earned token`);
  });

  step("kubectl logs shows what the container printed", async () => {
    expect(await shell.ask(`kubectl logs -n ${namespaceOf(lease)} ${pod.name}`)).toMatch(
      /^serving on port 8080\n(answered \/\n)+$/,
    );
  });

  step("the leading operator pod is killed; the other bills on, and the lease is undisturbed", async () => {
    const [first, before] = [await leader(), await billed(lease)];
    await shell.ask(`kubectl delete pod -n ${system} ${first} --grace-period=0 --force`);
    expect(await leader(first)).not.toBe(first);
    await billedBeyond(stage.cluster, lease, before);
    await expectUndisturbed(pod);
  });

  step("the node is drained: the tenant's pod goes and waits, and nothing accrues", async () => {
    await shell.ask(
      `kubectl drain ${nodeName} --pod-selector=berthage.dev/lease --delete-emptydir-data --ignore-daemonsets --timeout=60s`,
    );
    const drained = await leaseWhere(
      stage.cluster,
      lease,
      "says that its node no longer serves",
      (seen) => findCondition(seen, "CapacityReserved")?.reason === "NodeLost",
    );
    expect(findCondition(drained, "Ready")?.status).toBe("False");
    expect(drained.status?.metering?.accruing).toBe(false);
    expect((await podsOf(stage.cluster, namespaceOf(lease))).map(({ phase }) => phase)).toEqual(["Pending"]);
  });

  step("uncordoned, the node serves the lease again", async () => {
    await shell.ask(`kubectl uncordon ${nodeName}`);
    await leaseWith(stage.cluster, lease, "Ready", "True");
    const moved = await readyPod(stage.cluster, namespaceOf(lease));
    expect(moved.uid).not.toBe(pod.uid);
    pod = moved;
    await expectUndisturbed(pod);
  });

  step("helm upgrade to another image", () => helm("upgrade", "--set", `image.tag=${nextVersion}`));

  step("the old operator goes, a new one leads, and the lease is undisturbed", async () => {
    const query = "-o jsonpath='{range .items[*]}{.metadata.name} {.spec.containers[0].image}{\"\\n\"}{end}'";
    const pods = await eventually("the old operator's pods are gone", async () => {
      const lines = (await shell.ask(`kubectl get pods -n ${system} ${query}`)).trim().split("\n");
      return lines.length === 2 && lines.every((line) => line.endsWith(` berthage:${nextVersion}`)) ? lines : undefined;
    });
    const names = pods.map((line) => line.split(" ")[0]);
    await eventually("one of the new pods leads", async () => names.includes(await leader()) || undefined);
    await expectUndisturbed(pod);
  });

  step("helm uninstall keeps tenants, leases and their kinds", async () => {
    await shell.ask(`helm uninstall berthage -n ${system} --wait --timeout 2m`);
    await eventually("no operator is left", async () =>
      (await podsOf(stage.cluster, system)).length === 0 ? true : undefined,
    );
    await expectUndisturbed(pod);
    const kept = await shell.ask("kubectl get cnet,coffer,clease -o name");
    expect(
      kept
        .trim()
        .split("\n")
        .map((name) => name.split("/")[1]),
    ).toEqual(["market", "h100", leaseName(lease)]);
  });

  step("helm install once more adopts all of it", async () => {
    const before = await billed(lease);
    await helm("install");
    await leader();
    await leaseWith(stage.cluster, lease, "Ready", "True");
    await billedBeyond(stage.cluster, lease, before);
    await expectUndisturbed(pod);
  });

  step("the tenant closes, and nothing of the lease is left", async () => {
    await shell.ask(`berthage close ${lease} --key-file ${stage.dir}/tenant.key --yes`);
    await shell.ask(
      `kubectl wait --for=delete clease/${leaseName(lease)} namespace/${namespaceOf(lease)} --timeout=90s`,
    );
    await expect(tenantAnswer(pod.address)).rejects.toThrow();
    await eventually("all units are for sale", async () => {
      const free = await shell.ask("kubectl get coffer h100 -o jsonpath='{.status.published.capacityUnits}'");
      return free === "4" || undefined;
    });
    console.log(`Memory of all that runs here:\n${await memoryOfPrograms()}`);
  });
});
