import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPod } from "kubernetes-models/v1/Pod";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IVolume } from "kubernetes-models/v1/Volume";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeClient } from "../../../src/kube/client.ts";
import { pods } from "../../../src/kube/core.ts";
import { eventually } from "../../harness/wait.ts";
import { useGround } from "./fixture.ts";

const fixture = useGround();

/** A lease's namespace without Pod Security, which would refuse much of this first: what is tried here is our own fence. */
const namespace = "lease-market-99";
type Labels = Readonly<Record<string, string>>;
const labels: Labels = { "berthage.dev/network": "market", "berthage.dev/lease": "99" };

let helper: KubeClient;
beforeAll(async () => {
  const { ground } = fixture;
  const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
  await ground.as("helper", ["create", "-f", "-"], space);
  const account = ["get", "serviceaccount", "default", "-n", namespace];
  await eventually("the namespace has its ServiceAccount, which every pod needs", () => ground.as("admin", account));
  helper = await ground.client("helper");
});
afterAll(() => helper.close());

/** The pod that the control plane makes of the operator's Deployment, as it would be sent anew; changed. */
async function send(change: (spec: IPodSpec) => IPodSpec, podLabels: Labels = labels): Promise<string | undefined> {
  const { spec } = await fixture.ground.pod();
  if (spec === undefined) throw new Error("the pod has no spec");
  const metadata = { name: "mine", namespace, labels: { ...podLabels } };
  const pod: IPod = { apiVersion: "v1", kind: "Pod", metadata, spec: change(spec) };
  const { metadata: taken } = await helper.create(pods, pod, { fieldManager: "test", dryRun: true });
  return taken?.name;
}

const container =
  (changes: Partial<IContainer>) =>
  (spec: IPodSpec): IPodSpec => ({
    ...spec,
    containers: spec.containers.map((one) => ({ ...one, ...changes })),
  });

const secured =
  (changes: NonNullable<IContainer["securityContext"]>) =>
  (spec: IPodSpec): IPodSpec => ({
    ...spec,
    containers: spec.containers.map((one) => ({ ...one, securityContext: { ...one.securityContext, ...changes } })),
  });

const pod =
  (changes: Partial<IPodSpec>) =>
  (spec: IPodSpec): IPodSpec => ({ ...spec, ...changes });

const volume =
  (changes: Omit<IVolume, "name">) =>
  (spec: IPodSpec): IPodSpec => ({
    ...container({ volumeMounts: [{ name: "mine", mountPath: "/mine" }] })(spec),
    volumes: [{ name: "mine", ...changes }],
  });

const side = { name: "side", image: "mine:1" };
const root = { runAsUser: 0, runAsGroup: 0, fsGroup: 0, seccompProfile: { type: "RuntimeDefault" } } as const;

describe("a pod in a lease's namespace", () => {
  it("is taken as the operator builds it", async () => {
    expect(await send((spec) => spec)).toBe("mine");
  });

  it("may have root where that is nobody outside", async () => {
    const mapped = pod({ hostUsers: false, securityContext: root });
    expect(await send((spec) => secured({ runAsNonRoot: false })(mapped(spec)))).toBe("mine");
  });

  it.each<[string, (spec: IPodSpec) => IPodSpec, string]>([
    ["a sidecar", (spec) => ({ ...spec, containers: [...spec.containers, side] }), "has one container"],
    ["an init container", pod({ initContainers: [side] }), "has one container"],
    ["root", pod({ securityContext: root }), "runs as non-root"],
    ["a container that may be root", secured({ runAsNonRoot: false }), "runs as non-root"],
    ["a container with root's id", secured({ runAsUser: 0 }), "runs as non-root"],
    ["escalation", secured({ allowPrivilegeEscalation: true }), "allowPrivilegeEscalation: false"],
    ["no word on escalation", container({ securityContext: {} }), "allowPrivilegeEscalation: false"],
    ["privilege", secured({ privileged: true, allowPrivilegeEscalation: true }), "allowPrivilegeEscalation: false"],
    ["its capabilities", secured({ capabilities: {} }), "capabilities.drop: [ALL]"],
    ["one more capability", secured({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }), "adds no capabilities"],
    ["no seccomp profile", pod({ securityContext: { runAsNonRoot: true } }), "seccomp profile RuntimeDefault"],
    [
      "no seccomp in a container",
      secured({ seccompProfile: { type: "Unconfined" } }),
      "seccomp profile RuntimeDefault",
    ],
    ["a token", pod({ automountServiceAccountToken: true }), "no ServiceAccount token"],
    ["the node's network", pod({ hostNetwork: true }), "shares no namespace of its node"],
    ["the node's processes", pod({ hostPID: true }), "shares no namespace of its node"],
    ["the node's IPC", pod({ hostIPC: true }), "shares no namespace of its node"],
    ["a port of the node", container({ ports: [{ containerPort: 80, hostPort: 80 }] }), "no port of its node"],
    ["a folder of the node", volume({ hostPath: { path: "/" } }), "mounts PersistentVolumeClaims and emptyDirs"],
    ["a projected token", volume({ projected: { sources: [] } }), "mounts PersistentVolumeClaims and emptyDirs"],
    ["an unbounded volume", volume({ emptyDir: {} }), "emptyDirs with a sizeLimit"],
    [
      "less than it may use",
      container({ resources: { limits: { cpu: "2" }, requests: { cpu: "1" } } }),
      "exactly its limits",
    ],
    ["no limits", container({ resources: {} }), "exactly its limits"],
    [
      "other devices",
      container({ env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "all" }] }),
      "steers neither the device",
    ],
    [
      "another loader",
      container({ env: [{ name: "LD_PRELOAD", value: "/data/evil.so" }] }),
      "steers neither the device",
    ],
    [
      "an environment from elsewhere",
      container({ envFrom: [{ secretRef: { name: "a" } }] }),
      "steers neither the device",
    ],
    ["a node of its choice", pod({ nodeName: "node-b" }), "placed by the scheduler"],
  ])("has not %s", async (_, change, message) => {
    await expect(send(change)).rejects.toThrow(message);
  });

  it("is told to be privileged by no container", async () => {
    const privileged = secured({ privileged: true, allowPrivilegeEscalation: false });
    await expect(send(privileged)).rejects.toThrow(/is not privileged|cannot set `allowPrivilegeEscalation` to false/);
  });

  it("carries its lease's labels and no other's", async () => {
    await expect(send((spec) => spec, { ...labels, "berthage.dev/lease": "7" })).rejects.toThrow("of its namespace");
    await expect(send((spec) => spec, {})).rejects.toThrow("of its namespace");
  });
});
