import type { IPod } from "kubernetes-models/v1/Pod";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import { describe, expect, test } from "vitest";
import { configMaps, namespaces, pods, resourceQuotas } from "../../../src/kube/core.ts";
import {
  AlreadyExists,
  BadRequest,
  Conflict,
  Forbidden,
  ForbiddenQuota,
  Invalid,
  NetworkUnknown,
  NotFound,
} from "../../../src/kube/errors.ts";
import { type KubeObject, resource } from "../../../src/kube/resource.ts";
import { eventually } from "../../harness/wait.ts";
import { configMap, useCluster } from "./fixture.ts";

const fieldManager = "test";
const fixture = useCluster();

describe("objects", () => {
  test("are created, read, listed, replaced, patched and deleted", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const created = await client.create(configMaps, configMap(namespace, "a", { x: "1" }), { fieldManager });
    expect(created.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);

    const read = await client.get(configMaps, { namespace, name: "a" });
    expect(read).toEqual(created);
    const replaced = await client.update(configMaps, { ...read, data: { x: "2" } }, { fieldManager });
    expect(replaced.data).toEqual({ x: "2" });
    const patched = await client.mergePatch(
      configMaps,
      { namespace, name: "a" },
      { data: { y: "3" } },
      { fieldManager },
    );
    expect(patched.data).toEqual({ x: "2", y: "3" });

    const list = await client.list(configMaps, { namespace });
    expect(list.items.map((item) => [item.apiVersion, item.kind, item.metadata?.name])).toEqual([
      ["v1", "ConfigMap", "a"],
    ]);
    expect(Number(list.resourceVersion)).toBeGreaterThanOrEqual(Number(patched.metadata?.resourceVersion));

    await client.delete(configMaps, { namespace, name: "a" });
    await expect(client.get(configMaps, { namespace, name: "a" })).rejects.toBeInstanceOf(NotFound);
    expect(await client.find(configMaps, { namespace, name: "a" })).toBeUndefined();
    await client.delete(configMaps, { namespace, name: "a" }); // gone already is success
  });

  test("are listed in pages and by selector", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    for (const name of ["a", "b", "c"]) {
      const object = configMap(namespace, name);
      const labelled = { ...object, metadata: { ...object.metadata, labels: { odd: String(name !== "b") } } };
      await client.create(configMaps, labelled, { fieldManager });
    }
    const first = await client.list(configMaps, { namespace, limit: 2 });
    expect(first.items).toHaveLength(2);
    const token = first.continue ?? "";
    const second = await client.list(configMaps, { namespace, limit: 2, continue: token });
    expect(second.items.map((item) => item.metadata?.name)).toEqual(["c"]);
    expect(second.continue).toBeUndefined();

    const odd = await client.list(configMaps, { namespace, labelSelector: "odd=true" });
    expect(odd.items.map((item) => item.metadata?.name)).toEqual(["a", "c"]);
    const byField = await client.list(configMaps, { namespace, fieldSelector: "metadata.name=b" });
    expect(byField.items.map((item) => item.metadata?.name)).toEqual(["b"]);
  });

  test("keep fields that our types do not know", async () => {
    const { client } = fixture;
    const anything = resource<KubeObject & { data?: Record<string, string>; immutable?: boolean }>(configMaps);
    const namespace = await fixture.namespace();
    await client.create(anything, { ...configMap(namespace, "a"), immutable: false }, { fieldManager });
    const read = await client.get(configMaps, { namespace, name: "a" });
    await client.update(configMaps, read, { fieldManager });
    expect((await client.get(anything, { namespace, name: "a" })).immutable).toBe(false);
  });

  test("are not written by a dry run", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    await client.create(configMaps, configMap(namespace, "a"), { fieldManager, dryRun: true });
    expect((await client.list(configMaps, { namespace })).items).toEqual([]);
  });
});

describe("server-side apply", () => {
  test("creates, changes only what it names, and drops what it no longer names", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    await client.apply(configMaps, configMap(namespace, "a", { mine: "1", old: "1" }), { fieldManager });
    await client.apply(configMaps, configMap(namespace, "a", { theirs: "1" }), { fieldManager: "other" });
    const applied = await client.apply(configMaps, configMap(namespace, "a", { mine: "2" }), { fieldManager });
    expect(applied.data).toEqual({ mine: "2", theirs: "1" });
  });

  test("takes fields over by force, and without force reports the conflict", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    await client.apply(configMaps, configMap(namespace, "a", { x: "1" }), { fieldManager: "other" });
    const polite = client.apply(configMaps, configMap(namespace, "a", { x: "2" }), { fieldManager, force: false });
    await expect(polite).rejects.toMatchObject({
      kind: "Conflict",
      causes: [{ reason: "FieldManagerConflict", field: ".data.x" }],
    });
    const forced = await client.apply(configMaps, configMap(namespace, "a", { x: "2" }), { fieldManager });
    expect(forced.data).toEqual({ x: "2" });
  });

  test("refuses a misspelt field instead of dropping it", async () => {
    const namespace = await fixture.namespace();
    const typo = { ...configMap(namespace, "a"), dat: { x: "1" } };
    const refused = await fixture.client.apply(configMaps, typo, { fieldManager }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BadRequest);
    expect(String(refused)).toContain(".dat: field not declared in schema");
  });
});

describe("refusals", () => {
  test("a second create of a name is AlreadyExists", async () => {
    const namespace = await fixture.namespace();
    await fixture.client.create(configMaps, configMap(namespace, "a"), { fieldManager });
    const again = fixture.client.create(configMaps, configMap(namespace, "a"), { fieldManager });
    await expect(again).rejects.toBeInstanceOf(AlreadyExists);
  });

  test("a replace of an older version is a Conflict, and so is a delete of another UID", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const old = await client.create(configMaps, configMap(namespace, "a"), { fieldManager });
    await client.mergePatch(configMaps, { namespace, name: "a" }, { data: { x: "1" } }, { fieldManager });
    await expect(client.update(configMaps, old, { fieldManager })).rejects.toBeInstanceOf(Conflict);

    await client.delete(configMaps, { namespace, name: "a" });
    await client.create(configMaps, configMap(namespace, "a"), { fieldManager });
    const stale = client.delete(configMaps, { namespace, name: "a" }, { uid: old.metadata?.uid ?? "" });
    await expect(stale).rejects.toBeInstanceOf(Conflict);
    await client.get(configMaps, { namespace, name: "a" });
  });

  test("an invalid object names its fields", async () => {
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "Not_A_Name" } } as const;
    const refused = await fixture.client.create(namespaces, object, { fieldManager }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Invalid);
    expect(refused).toMatchObject({ status: 422, causes: [{ field: "metadata.name", reason: "FieldValueInvalid" }] });
    expect(String(refused)).toMatch(/^Invalid: create namespaces Not_A_Name: .*RFC 1123/);
  });

  test("a quota's refusal is told from one of RBAC", async () => {
    const { client } = fixture;
    const namespace = await fixture.namespace();
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "q", namespace },
      spec: { hard: { "count/configmaps": "0" } },
    } as const;
    const stored = await client.create(resourceQuotas, quota, { fieldManager });
    // without a controller-manager the test fills in the status that admission wants to see
    const status = { hard: { "count/configmaps": "0" }, used: { "count/configmaps": "0" } };
    await client.update(resourceQuotas, { ...stored, status }, { fieldManager, subresource: "status" });
    let tries = 0;
    const refused = await eventually("admission has heard of the quota", async () => {
      const one = configMap(namespace, `a-${++tries}`);
      return client.create(configMaps, one, { fieldManager }).then(
        () => undefined,
        (error: unknown) => error,
      );
    });
    expect(refused).toBeInstanceOf(ForbiddenQuota);

    const spec: IPodSpec = { containers: [{ name: "c", image: "i" }] };
    const pod: IPod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace }, spec };
    await expect(client.create(pods, pod, { fieldManager })).rejects.toBeInstanceOf(Forbidden); // no ServiceAccount
  });

  test("a kind that is not installed is NotFound", async () => {
    const missing = resource<KubeObject>({
      group: "example.com",
      version: "v1",
      plural: "things",
      kind: "Thing",
      namespaced: false,
    });
    await expect(fixture.client.list(missing)).rejects.toBeInstanceOf(NotFound);
  });
});

test("an unreachable server is NetworkUnknown, and a write that never left was not applied", async () => {
  const client = await fixture.connect();
  const namespace = await fixture.namespace();
  await fixture.cluster.stopApiServer();
  try {
    const refused = client.create(configMaps, configMap(namespace, "a"), { fieldManager });
    await expect(refused).rejects.toMatchObject({ kind: "NetworkUnknown", maybeApplied: false });
    await expect(client.list(configMaps)).rejects.toBeInstanceOf(NetworkUnknown);
  } finally {
    await fixture.cluster.startApiServer();
  }
  await client.create(configMaps, configMap(namespace, "a"), { fieldManager });
});

test("an aborted call ends with the signal's reason", async () => {
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  await expect(fixture.client.get(namespaces, { name: "default" }, { signal: controller.signal })).rejects.toThrow(
    "enough",
  );
});
