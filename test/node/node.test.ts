import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tenantImage } from "../harness/node/images.ts";
import { podsOf, readyPod } from "../harness/node/pods.ts";
import { type RealCluster, startRealCluster } from "../harness/node/real-cluster.ts";
import { eventually } from "../harness/wait.ts";
import { testArchives } from "./images.ts";
import { type TenantAnswer, tenantAnswer } from "./tenant.ts";

const nodeName = "gpu-1";
let real: RealCluster;
beforeAll(async () => {
  real = await startRealCluster({ name: nodeName, gpus: { product: "NVIDIA-L4", count: 3, memoryMiB: 23_034 } });
  await real.node.importImages(...testArchives);
});
afterAll(() => real?.stop());

const namespaceOf = (name: string): string => `default-${name}`;

/** A pod with some GPUs in a namespace of its own. */
async function runPod(name: string, gpus: number): Promise<void> {
  const resources = { limits: { "nvidia.com/gpu": String(gpus) } };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespaceOf(name) } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: namespaceOf(name) } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: namespaceOf(name), labels: { app: name } },
      spec: {
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: "main",
            image: tenantImage,
            args: ["serve"],
            resources,
            readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: namespaceOf(name) },
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
  await real.cluster.kubectl(
    ["apply", "--server-side", "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );
}

async function answerOf(name: string): Promise<TenantAnswer> {
  return tenantAnswer((await readyPod(real.cluster, namespaceOf(name))).address);
}

describe("a real node", () => {
  it("looks like one with NVIDIA's drivers", async () => {
    const node = JSON.parse(await real.cluster.kubectl(["get", "node", nodeName, "-o", "json"]));
    expect(node.status.allocatable["nvidia.com/gpu"]).toBe("3");
    expect(node.status.nodeInfo.containerRuntimeVersion).toMatch(/^containerd:/);
    expect(node.metadata.labels).toMatchObject({
      "nvidia.com/gpu.product": "NVIDIA-L4",
      "nvidia.com/gpu.memory": "23034",
      "nvidia.com/gpu.sharing-strategy": "none",
    });
    expect(node.spec.taints).toContainEqual({ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" });
  });

  it("gives containers GPUs of their own, and makes who finds none wait", async () => {
    await runPod("first", 2);
    const first = await answerOf("first");
    expect(first.devices).toHaveLength(2);
    await runPod("second", 1);
    const second = await answerOf("second");
    expect([...first.visible, ...second.visible].toSorted()).toEqual(real.node.gpus.ids);
    await runPod("third", 1);
    await eventually("the scheduler refuses it", async () => {
      const events = await real.cluster.kubectl(["get", "events", "-n", namespaceOf("third"), "-o", "json"]);
      return events.includes("Insufficient nvidia.com/gpu") || undefined;
    });
    await real.cluster.kubectl(["delete", "pod", "second", "-n", namespaceOf("second")]);
    expect((await answerOf("third")).visible).toEqual(second.visible);
  });

  it("answers at a Service's address, and gives logs", async () => {
    const query = ["get", "service", "first", "-n", namespaceOf("first"), "-o", "jsonpath={.spec.clusterIP}"];
    const address = await real.cluster.kubectl(query);
    const [pod] = await podsOf(real.cluster, namespaceOf("first"));
    const { host } = await eventually("the Service answers", () => tenantAnswer(address, 80));
    expect(host).toBe(pod?.name);
    expect(await real.cluster.kubectl(["logs", "first", "-n", namespaceOf("first")])).toContain("answered /");
  });

  it("takes a broken GPU out of what can be had", async () => {
    const [id = ""] = real.node.gpus.ids;
    const query = ["get", "node", nodeName, "-o", "jsonpath={.status.allocatable.nvidia\\.com/gpu}"];
    const allocatable = (count: string): Promise<true> =>
      eventually(`${count} GPUs`, async () => ((await real.cluster.kubectl(query)) === count ? true : undefined));
    real.node.gpus.setHealth(id, "Unhealthy");
    await allocatable("2");
    real.node.gpus.setHealth(id, "Healthy");
    await allocatable("3");
  });
});
