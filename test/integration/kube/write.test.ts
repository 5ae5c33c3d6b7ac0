import { readFile } from "node:fs/promises";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { IResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import type { IService } from "kubernetes-models/v1/Service";
import { describe, expect, test } from "vitest";
import {
  configMaps,
  deployments,
  namespaces,
  networkPolicies,
  resourceQuotas,
  services,
} from "../../../src/kube/core.ts";
import { ensure } from "../../../src/kube/ensure.ts";
import { Conflict, NotFound } from "../../../src/kube/errors.ts";
import { addFinalizer, removeFinalizer } from "../../../src/kube/finalizers.ts";
import { adoptCreated } from "../../../src/kube/ownership.ts";
import type { KubeObject, Resource } from "../../../src/kube/resource.ts";
import { refTo } from "../../../src/kube/resource.ts";
import { applyStatus } from "../../../src/kube/status.ts";
import { configMap, useCluster } from "./fixture.ts";

const o = { fieldManager: "test" };
const fixture = useCluster({ auditLog: true });

/** Writes that the audit log has seen at a path so far. */
async function writesTo(path: string): Promise<number> {
  const log = await readFile(fixture.cluster.auditLogFile ?? "", "utf8");
  return log.split("\n").filter((line) => {
    if (line === "") return false;
    const entry: { verb: string; requestURI: string; stage: string } = JSON.parse(line);
    return (
      entry.stage === "ResponseComplete" &&
      entry.requestURI.startsWith(path) &&
      ["create", "update", "patch", "delete"].includes(entry.verb)
    );
  }).length;
}

describe("ensure", () => {
  test("creates what is missing, and writes nothing when all is as desired", async () => {
    const namespace = await fixture.namespace();
    const desired = configMap(namespace, "a", { x: "1" });
    const created = await ensure(fixture.client, configMaps, desired, undefined, o);
    expect(created.outcome).toBe("created");
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    expect(await writesTo(path)).toBe(1);
    const again = await ensure(fixture.client, configMaps, desired, created.object, o);
    expect(again).toEqual({ outcome: "unchanged", object: created.object });
    expect(await writesTo(path)).toBe(1);
  });

  test("looks for itself when the informer missed that the object exists, and applies only what differs", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const desired = configMap(namespace, "a", { x: "1" });
    await ensure(client, configMaps, desired, undefined, o);
    expect((await ensure(client, configMaps, desired, undefined, o)).outcome).toBe("unchanged");
    await client.mergePatch(configMaps, { namespace, name: "a" }, { data: { x: "9" } }, { fieldManager: "hand" });
    const mended = await ensure(client, configMaps, desired, undefined, o);
    expect(mended).toMatchObject({ outcome: "applied", object: { data: { x: "1" } } });
  });

  test("mends what somebody changed and leaves what they added", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const desired = configMap(namespace, "a", { x: "1" });
    await ensure(client, configMaps, desired, undefined, o);
    const ref = { namespace, name: "a" };
    const edited = await client.mergePatch(
      configMaps,
      ref,
      { data: { x: "9", theirs: "1" } },
      { fieldManager: "hand" },
    );
    const mended = await ensure(client, configMaps, desired, edited, o);
    expect(mended).toMatchObject({ outcome: "applied", object: { data: { x: "1", theirs: "1" } } });
    expect((await ensure(client, configMaps, desired, mended.object, o)).outcome).toBe("unchanged");
  });

  test("removes a field that is no longer desired, though it was set by the first create", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const first = await ensure(client, configMaps, configMap(namespace, "a", { keep: "1", drop: "1" }), undefined, o);
    const second = await ensure(client, configMaps, configMap(namespace, "a", { keep: "1" }), first.object, o);
    expect(second.outcome).toBe("applied");
    expect(second.object.data).toEqual({ keep: "1" });
    const third = await ensure(client, configMaps, configMap(namespace, "a", {}), second.object, o);
    expect(third.object.data ?? {}).toEqual({});
  });

  test("removes it too when it died halfway the time before", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const ref = { namespace, name: "a" };
    await ensure(client, configMaps, configMap(namespace, "a", { keep: "1", drop: "1" }), undefined, o);
    await adoptCreated(client, configMaps, await client.get(configMaps, ref), o.fieldManager); // and then no more
    const after = await client.get(configMaps, ref);
    const mended = await ensure(client, configMaps, configMap(namespace, "a", { keep: "1" }), after, o);
    expect(mended.object.data).toEqual({ keep: "1" });
  });

  test("sees no drift in what the server makes of real objects by storing them", async () => {
    const namespace = await fixture.namespace();
    const metadata = { name: "web", namespace, labels: { app: "web" } };
    const deployment: IDeployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "web" } },
        strategy: { type: "Recreate" },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            hostNetwork: false,
            tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
            containers: [
              {
                name: "web",
                image: "example.com/web@sha256:00",
                args: [],
                env: [{ name: "EMPTY", value: "" }],
                ports: [{ containerPort: 80 }],
                resources: { requests: { cpu: "1000m", memory: "1024Mi" }, limits: { cpu: "1.5", memory: "1Gi" } },
                volumeMounts: [{ name: "tmp", mountPath: "/tmp", readOnly: false }],
              },
            ],
            volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1024Mi" } }],
          },
        },
      },
    };
    const policy: INetworkPolicy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [], egress: [{ ports: [{ port: 53 }] }] },
    };
    const quota: IResourceQuota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata,
      spec: { hard: { "requests.cpu": "2000m", "requests.nvidia.com/gpu": "2" } },
    };
    const service: IService = {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
    };
    await expectStable(deployments, deployment);
    await expectStable(networkPolicies, policy);
    await expectStable(resourceQuotas, quota);
    await expectStable(services, service);
  });

  async function expectStable<T extends KubeObject>(r: Resource<T>, desired: T): Promise<void> {
    const { client } = fixture;
    expect((await ensure(client, r, desired, undefined, o)).outcome).toBe("created");
    const stored = await client.get(r, refTo(desired));
    expect((await ensure(client, r, desired, stored, o)).outcome, r.kind).toBe("unchanged");
  }
});

describe("applyStatus", () => {
  const status = { phase: "Active", conditions: [condition("NamespaceContentRemaining", "False")] };

  test("writes once and then only when something differs", async () => {
    const { client } = fixture;
    const name = await fixture.namespace();
    const before = await client.get(namespaces, { name });
    const first = await applyStatus(client, namespaces, before, status, o);
    expect(first.status?.conditions).toMatchObject(status.conditions);
    expect(await applyStatus(client, namespaces, first, status, o)).toBe(first);
    const flipped = { ...status, conditions: [condition("NamespaceContentRemaining", "True")] };
    const second = await applyStatus(client, namespaces, first, flipped, o);
    expect(second.metadata?.resourceVersion).not.toBe(first.metadata?.resourceVersion);
  });

  test("keeps the conditions of other managers, and removes its own field given as undefined", async () => {
    const { client } = fixture;
    const name = await fixture.namespace();
    const mine = await applyStatus(client, namespaces, await client.get(namespaces, { name }), status, o);
    const theirs = { conditions: [condition("NamespaceFinalizersRemaining", "False")] };
    const both = await applyStatus(client, namespaces, mine, theirs, { fieldManager: "other" });
    expect(both.status?.conditions).toHaveLength(2);
    const cleared = await applyStatus(client, namespaces, both, { phase: "Active", conditions: undefined }, o);
    expect(cleared.status?.conditions?.map(({ type }) => type)).toEqual(["NamespaceFinalizersRemaining"]);
  });

  test("never touches a namesake", async () => {
    const { client } = fixture;
    const name = await fixture.namespace();
    const object = await client.get(namespaces, { name });
    const earlier = { ...object, metadata: { ...object.metadata, uid: "00000000-0000-0000-0000-000000000000" } };
    await expect(applyStatus(client, namespaces, earlier, status, o)).rejects.toBeInstanceOf(Conflict);
  });

  function condition(type: string, value: "True" | "False") {
    return { type, status: value, reason: "Test", message: "x", lastTransitionTime: "2030-01-01T00:00:00Z" };
  }
});

describe("finalizers", () => {
  const finalizer = "example.com/first";

  test("are added and removed once, and the deleted object then goes", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const created = await client.create(configMaps, configMap(namespace, "a"), o);
    const held = await addFinalizer(client, configMaps, created, finalizer, o);
    expect(held.metadata?.finalizers).toEqual([finalizer]);
    expect(await addFinalizer(client, configMaps, held, finalizer, o)).toBe(held);

    await client.delete(configMaps, { namespace, name: "a" });
    const dying = await client.get(configMaps, { namespace, name: "a" });
    expect(await addFinalizer(client, configMaps, dying, "example.com/late", o)).toBe(dying);
    const freed = await removeFinalizer(client, configMaps, dying, finalizer, o);
    await expect(client.get(configMaps, { namespace, name: "a" })).rejects.toBeInstanceOf(NotFound);
    expect(await removeFinalizer(client, configMaps, freed, finalizer, o)).toBe(freed);
  });

  test("of others survive: a stale read is a Conflict, not an overwrite", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const stale: IConfigMap = await client.create(configMaps, configMap(namespace, "a"), o);
    await addFinalizer(client, configMaps, stale, "example.com/other", o);
    await expect(addFinalizer(client, configMaps, stale, finalizer, o)).rejects.toBeInstanceOf(Conflict);
    const fresh = await client.get(configMaps, { namespace, name: "a" });
    const both = await addFinalizer(client, configMaps, fresh, finalizer, o);
    expect(both.metadata?.finalizers).toEqual(["example.com/other", finalizer]);
    const left = await removeFinalizer(client, configMaps, both, finalizer, o);
    expect(left.metadata?.finalizers).toEqual(["example.com/other"]);
    await removeFinalizer(client, configMaps, left, "example.com/other", o);
  });
});
