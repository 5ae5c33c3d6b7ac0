import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { gpuNode } from "../../harness/nodes.ts";
import { eventually } from "../../harness/wait.ts";

describe("a cluster with controllers, scheduler and kwok", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    const started = performance.now();
    cluster = await startCluster({ controllers: true, scheduler: true, kwok: true });
    console.log(
      `control plane with all controllers ready after ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
    const h100 = gpuNode("h100-0", { product: "NVIDIA-H100-80GB-HBM3", count: 8, memoryMiB: 81_559 });
    const mig = gpuNode("a100-0", {
      product: "NVIDIA-A100-SXM4-80GB",
      count: 7,
      memoryMiB: 9728,
      migProfile: "1g.10gb",
    });
    await create({ apiVersion: "v1", kind: "List", items: [h100, mig] });
  });
  afterAll(async () => await cluster?.stop());

  const create = async (manifest: object): Promise<string> =>
    cluster.kubectl(["create", "-f", "-"], JSON.stringify(manifest));
  const get = async (args: string, path: string): Promise<string> =>
    cluster.kubectl(["get", ...args.split(" "), `-o=jsonpath={${path}}`]);
  const read = async (what: string, args: string, path: string, expected: string): Promise<string> =>
    eventually(what, async () => {
      const value = await get(args, path);
      if (value !== expected) throw new Error(`${path} of ${args} is ${value || "empty"}`);
      return value;
    });
  const gpuPod = (name: string, gpus: string, resource = "nvidia.com/gpu"): object => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      // The namespace controller waits for it, though kwok ends pods at once.
      terminationGracePeriodSeconds: 1,
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
      containers: [{ name: "main", image: "example.com/none", resources: { limits: { [resource]: gpus } } }],
    },
  });

  it("reports the version that go.mod asks for", async () => {
    expect(await cluster.kubectl(["version"])).toMatch(/Server Version: v1\.36\.\d+/);
  });

  it("makes GPU nodes Ready", async () => {
    const ready = '.status.conditions[?(@.type=="Ready")].status';
    await read("the H100 node", "node h100-0", ready, "True");
    expect(await get("node h100-0", ".status.allocatable.nvidia\\.com/gpu")).toBe("8");
    expect(await get("node a100-0", ".status.allocatable.nvidia\\.com/mig-1g\\.10gb")).toBe("7");
  });

  it("schedules a pod onto the node that has its GPUs and runs it", async () => {
    await create(gpuPod("two", "2"));
    await read("the pod to run", "pod two", ".status.phase", "Running");
    expect(await get("pod two", ".spec.nodeName")).toBe("h100-0");
    expect(await get("pod two", ".status.podIP")).not.toBe("");
  });

  it("schedules a pod for a MIG slice", async () => {
    await create(gpuPod("slice", "1", "nvidia.com/mig-1g.10gb"));
    await read("the pod to run", "pod slice", ".status.phase", "Running");
    expect(await get("pod slice", ".spec.nodeName")).toBe("a100-0");
  });

  it("leaves a pod that fits nowhere pending, with the reason", async () => {
    await create(gpuPod("nine", "9"));
    const reason = '.status.conditions[?(@.type=="PodScheduled")].reason';
    await read("the scheduler's verdict", "pod nine", reason, "Unschedulable");
  });

  it("fills in quota status and counts what is used", async () => {
    await cluster.kubectl(["create", "namespace", "quota"]);
    await cluster.kubectl(["create", "quota", "gpus", "--hard=requests.nvidia.com/gpu=1", "-n", "quota"]);
    const used = ".status.used.requests\\.nvidia\\.com/gpu";
    await read("the quota's status", "quota gpus -n quota", used, "0");
    await eventually("the default ServiceAccount", () => cluster.kubectl(["get", "sa", "default", "-n", "quota"]));
    const inQuota = (name: string): Promise<string> =>
      cluster.kubectl(["create", "-n", "quota", "-f", "-"], JSON.stringify(gpuPod(name, "1")));
    await inQuota("first");
    await read("the pod to count", "quota gpus -n quota", used, "1");
    await expect(inQuota("second")).rejects.toThrow("exceeded quota: gpus");
  });

  it("finishes deleting a namespace with a running pod in it", async () => {
    await cluster.kubectl(["create", "namespace", "doomed"]);
    await eventually("the default ServiceAccount", () => cluster.kubectl(["get", "sa", "default", "-n", "doomed"]));
    await cluster.kubectl(["create", "-n", "doomed", "-f", "-"], JSON.stringify(gpuPod("inmate", "1")));
    await read("the pod to run", "pod inmate -n doomed", ".status.phase", "Running");
    await cluster.kubectl(["delete", "namespace", "doomed", "--timeout=60s"]);
    await expect(cluster.kubectl(["get", "namespace", "doomed"])).rejects.toThrow("NotFound");
  });

  it("collects what a deleted owner leaves", async () => {
    await cluster.kubectl(["create", "deployment", "owner", "--image=example.com/none"]);
    await read("the replica set", "replicasets", ".items[*].metadata.ownerReferences[*].name", "owner");
    await cluster.kubectl(["delete", "deployment", "owner"]);
    await read("the replica set to go", "replicasets", ".items[*].metadata.name", "");
  });
});
