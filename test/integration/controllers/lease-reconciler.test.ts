import { describe, expect, test } from "vitest";
import { manifestObjectName } from "../../../src/controllers/lease/manifests.ts";
import { computeLeases, computeOffers } from "../../../src/controllers/resources.ts";
import * as core from "../../../src/kube/core.ts";
import { Conflict, ForbiddenQuota } from "../../../src/kube/errors.ts";
import type { KubeObject } from "../../../src/kube/resource.ts";
import { manifestHash } from "../../../src/sealing/manifest.ts";
import { eventually } from "../../harness/wait.ts";
import { type Lab, operatorNamespace, type Process, useLab } from "./lab.ts";
import { Killed } from "./recording-client.ts";

const by = { fieldManager: "test" };
const context = useLab();
const manifest = `version: 1
services:
  - name: web
    image: nginx
    env: { A: b }
    secretEnv: { TOKEN: s3cr3t }
    ports: [{ name: http, port: 8080 }]
    resources: { cpu: 500m, memory: 512Mi }
`;
const signal = (): AbortSignal => new AbortController().signal;

/** What stands for a lease, without what differs from lease to lease or by time. */
async function endState(lab: Lab, id: string): Promise<unknown> {
  const lists = await Promise.all(
    [...lab.informers.owned.map(({ resource }) => resource), core.secrets].map(async (resource) => {
      const { items } = await lab.client.list<KubeObject>(resource, { namespace: `lease-market-${id}` });
      return items.map((item) => `${resource.kind} ${item.metadata?.name}`);
    }),
  );
  const { status, metadata } = await lab.leaseObject(id);
  return {
    objects: lists.flat().sort(),
    finalizers: metadata.finalizers,
    allocation: { node: status?.allocation?.node, units: status?.allocation?.units },
    manifest: status?.manifest,
    money: status?.money,
    endpoints: status?.endpoints?.map(({ service, port }) => [service, port]),
    conditions: Object.fromEntries(status?.conditions?.map(({ type, reason }) => [type, reason]) ?? []),
  };
}

async function servedLease(lab: Lab, text = manifest): Promise<{ id: string; process: Process }> {
  const id = await lab.lease({ manifestHash: await lab.upload(text) });
  const process = await lab.start();
  await lab.converge(process, id);
  return { id, process };
}

/** A lease whose ComputeLease names a manifest, as intake writes it, and that runs it. */
async function named(lab: Lab, process: Process, hash: string): Promise<string> {
  const id = await lab.lease({ manifestHash: hash });
  const { spec } = await lab.leaseObject(id);
  await lab.cluster.kubectl([
    "patch",
    "clease",
    `market-${id}`,
    "--type=merge",
    `--patch=${JSON.stringify({ spec: { ...spec, manifestHash: hash } })}`,
  ]);
  await lab.converge(process, id);
  return id;
}

async function isUploaded(lab: Lab, hash: string): Promise<boolean> {
  const ref = { namespace: operatorNamespace, name: manifestObjectName(hash) };
  return (await lab.get(core.configMaps, ref)) !== undefined;
}

describe("a pass", () => {
  test("writes the status first, then the fence, then what runs within it", async () => {
    const { lab } = context;
    const id = await lab.lease({ manifestHash: await lab.upload(manifest) });
    const process = await lab.start();
    await lab.pass(process, id);
    const order = process.client.writes.map(({ what }) => what.replace(/ lease-market-.*| market-.*/, ""));
    expect(order[0]).toBe("apply computeleases/status");
    expect(order[1]).toBe("create namespaces");
    const fences = order.slice(2).findIndex((what) => /deployments|secrets|services|jobs/.test(what));
    expect(order.slice(2, 2 + fences).every((what) => /networkpolicies|resourcequotas|limitranges/.test(what))).toBe(
      true,
    );
    expect(order.slice(2 + fences).some((what) => /networkpolicies|resourcequotas|limitranges/.test(what))).toBe(false);
    expect(process.client.writes[0]?.body).toMatchObject({ status: { allocation: { node: "gpu-a", units: 1 } } });
    expect(process.supply.inventory.reservation(`market-${id}`)).toMatchObject({ node: "gpu-a", units: 1 });
  });

  test("tells of what changed, once, and of nothing on the way there", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    expect(process.events).toEqual([]);
    const paused = { metadata: { annotations: { "berthage.dev/paused": "true" } } };
    await lab.client.mergePatch(computeLeases, { name: `market-${id}` }, paused, by);
    await lab.pass(process, id);
    expect(process.events.map(({ reason }) => reason)).toEqual(["PausedByAdmin"]);
    await lab.pass(process, id);
    expect(process.events).toHaveLength(1);
  });

  test("writes nothing when converged, not even in a new process, though time goes on", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    const before = JSON.stringify(await lab.leaseObject(id));
    process.client.writes.length = 0;
    const next = await lab.start();
    for (let i = 0; i < 5; i++) {
      lab.ledger.seconds += 1;
      lab.show(id);
      for (const one of [process, next]) await lab.pass(one, id);
    }
    expect([...process.client.writes, ...next.client.writes]).toEqual([]);
    expect(JSON.stringify(await lab.leaseObject(id))).toBe(before);
  });

  test("does not decide on a cache that has not seen its own last status", async () => {
    const { lab } = context;
    const id = await lab.lease();
    const process = await lab.start(await lab.frozenInformers());
    await process.leases.reconcile(`market-${id}`, signal());
    expect(process.client.writes.length).toBeGreaterThan(1);
    process.client.writes.length = 0;
    await process.leases.reconcile(`market-${id}`, signal());
    expect(process.client.writes).toEqual([]);
  });
});

describe("a manifest that the cache has not seen yet", () => {
  test("runs, and the lease does not wait for it at its tenant's cost", async () => {
    const { lab } = context;
    const late = `${manifest}# late`;
    const id = await lab.lease({ manifestHash: manifestHash(Buffer.from(late)) });
    const process = await lab.start(await lab.frozenInformers());
    await lab.upload(late);
    await process.leases.reconcile(`market-${id}`, signal());
    expect(await lab.reasonOf(id, "ManifestReady")).toBe("ManifestAccepted");
    expect((await lab.leaseObject(id)).status?.metering?.accruing).toBe(false);
  });
});

describe("a process that dies between any two calls", () => {
  test("leaves what the next one completes to the same end", async () => {
    const { lab } = context;
    const hash = await lab.upload(manifest);
    const whole = await lab.lease({ manifestHash: hash });
    const reference = await lab.start();
    await lab.pass(reference, whole);
    const calls = reference.client.writes.length;
    expect(calls).toBeGreaterThan(8);
    await lab.converge(reference, whole);
    const expected = await endState(lab, whole);
    for (let at = 0; at < calls; at++) {
      const moment = at % 2 === 0 ? "before" : "after";
      const id = await lab.lease({ manifestHash: hash });
      const dying = await lab.start();
      dying.client.dieAt(at, moment);
      await expect(dying.leases.reconcile(`market-${id}`, signal())).rejects.toBeInstanceOf(Killed);
      await lab.converge(await lab.start(), id);
      expect(await endState(lab, id), `died ${moment} write ${at}`).toEqual(expected);
    }
  }, 170_000);

  test("at the end of a lease leaves nothing behind either", async () => {
    const { lab } = context;
    for (const [at, moment] of [
      [0, "after"],
      [1, "before"],
      [1, "after"],
    ] as const) {
      const { id } = await servedLease(lab);
      lab.show(id, { state: "Closed", closeReason: "TenantClosed" });
      const dying = await lab.start();
      dying.client.dieAt(at, moment);
      await lab.caughtUp();
      await dying.leases.reconcile(`market-${id}`, signal()).catch((error: unknown) => {
        expect(error).toBeInstanceOf(Killed);
      });
      await gone(lab, id);
    }
  });
});

/** A fresh process carries the end through; conflicts with other writers are another pass. */
async function gone(lab: Lab, id: string): Promise<void> {
  const process = await lab.start();
  await eventually(`lease ${id} is gone`, async () => {
    await lab.pass(process, id);
    const lease = await lab.get(computeLeases, { name: `market-${id}` });
    const namespace = await lab.get(core.namespaces, { name: `lease-market-${id}` });
    return lease === undefined && namespace === undefined ? true : undefined;
  });
  expect(process.supply.inventory.reservation(`market-${id}`)).toBeUndefined();
}

describe("what is not known", () => {
  test("an unsynced ledger writes and wishes nothing", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    lab.show(id, { state: "Closed", closeReason: "TenantClosed" });
    lab.ledger.isSynced = false;
    process.client.writes.length = 0;
    await lab.pass(process, id);
    expect(process.client.writes).toEqual([]);
    expect([...lab.ledger.wishes.keys()].filter((key) => key.startsWith(`lease/${id}/`))).toEqual([]);
  });

  test("a lease that vanished is suspect: all stands, nothing accrues or is wished, and it comes back", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    const { head } = lab.ledger;
    const before = await endState(lab, id);
    lab.hide(id);
    lab.ledger.final = undefined;
    process.client.writes.length = 0;
    await lab.converge(process, id);
    expect(process.client.writes.map(({ what }) => what)).toEqual([`apply computeleases/status market-${id}`]);
    expect(await lab.reasonOf(id, "Closed")).toBe("Suspect");
    expect((await lab.leaseObject(id)).status?.metering?.accruing).toBe(false);
    const entry = head?.leases.get(id);
    if (entry === undefined) throw new Error("the ledger had no such lease");
    lab.show(id, entry);
    await lab.converge(process, id);
    expect(await endState(lab, id)).toEqual(before);
  });

  test("a lease that finds no room is not given up while one that vanished keeps some: finality gives it that", async () => {
    const { lab } = context;
    const patience = (seconds: number): Promise<unknown> =>
      lab.client.mergePatch(
        computeOffers,
        { name: "h100" },
        { spec: { terms: { provisioningTimeoutSeconds: seconds } } },
        by,
      );
    context.cleanup(async () => void (await patience(900)));
    await patience(1);
    const { id: vanished, process } = await servedLease(lab);
    const { inventory } = process.supply;
    const shape = inventory.reservation(`market-${vanished}`)?.shape;
    if (shape === undefined) throw new Error("the lease holds nothing");
    inventory.reserve({ lease: "market-others", node: "gpu-a", units: inventory.capacity(shape).freeUnits, shape });
    const close = (id: string): unknown => lab.ledger.wishes.get(`lease/${id}/Close`);
    const refused = await lab.lease();
    await eventually("a lease without room is given up", async () => {
      await lab.pass(process, refused);
      return close(refused);
    });

    lab.hide(vanished);
    lab.ledger.final = undefined;
    await lab.pass(process, vanished);
    expect(await lab.reasonOf(vanished, "Closed")).toBe("Suspect");
    await lab.pass(process, refused);
    expect(close(refused)).toBeUndefined();

    lab.ledger.final = lab.ledger.head;
    await eventually("the room is given to the one that exists", async () => {
      await process.leases.reconcile(`market-${vanished}`, signal());
      await lab.pass(process, refused);
      return (await lab.reasonOf(refused, "CapacityReserved")) === "Reserved" ? true : undefined;
    });
    expect(close(refused)).toBeUndefined();
  });

  test("a lease that final history never had is removed", async () => {
    const { lab } = context;
    const { id } = await servedLease(lab);
    lab.hide(id);
    await gone(lab, id);
  });
});

describe("the end", () => {
  test("leaves the manifest to a lease that is only on the ledger yet, and to one that may come back", async () => {
    const { lab } = context;
    const [reused, undone] = [await lab.upload(`${manifest}# reused`), await lab.upload(`${manifest}# undone`)];
    const process = await lab.start();
    const first = await named(lab, process, reused);
    const second = await named(lab, process, undone);
    lab.show("9001", { manifestHash: reused });
    lab.show(first, { state: "Closed", closeReason: "TenantClosed" });
    lab.hide(second); // a reorganisation took it out: its opening may be sent again
    for (const id of [first, second]) await gone(lab, id);
    lab.hide("9001");
    expect([await isUploaded(lab, reused), await isUploaded(lab, undone)]).toEqual([true, true]);
  });

  test("takes the manifest with it, which counted as unused from then on, unless another lease names it", async () => {
    const { lab } = context;
    const own = await lab.upload(`${manifest}# of one lease`);
    const shared = await lab.upload(`${manifest}# of two`);
    const process = await lab.start();
    const [first, second, third] = await Promise.all([own, shared, shared].map((hash) => named(lab, process, hash)));
    for (const id of [first, second]) lab.show(id ?? "", { state: "Closed", closeReason: "TenantClosed" });
    for (const id of [first, second]) await gone(lab, id ?? "");
    expect([await isUploaded(lab, own), await isUploaded(lab, shared)]).toEqual([false, true]);
    lab.show(third ?? "", { state: "Closed", closeReason: "TenantClosed" });
    await gone(lab, third ?? "");
    expect(await isUploaded(lab, shared)).toBe(false);
  });

  test("of the first of several that have ended takes their manifest: each would else leave it to the others", async () => {
    const { lab } = context;
    const shared = await lab.upload(`${manifest}# of two that end at once`);
    const process = await lab.start();
    const [first = "", second = ""] = [await named(lab, process, shared), await named(lab, process, shared)];
    for (const id of [first, second]) lab.show(id, { state: "Closed", closeReason: "TenantClosed" });
    await gone(lab, first);
    expect(await isUploaded(lab, shared)).toBe(false);
    await gone(lab, second);
  });

  test("of a manifest that another replaced comes when a reorganisation can't bring it back", async () => {
    const { lab } = context;
    const [old, next] = [await lab.upload(`${manifest}# old`), await lab.upload(`${manifest}# next`)];
    const process = await lab.start();
    const id = await named(lab, process, old);
    const { final } = lab.ledger;
    lab.show(id, { manifestHash: next });
    lab.ledger.final = final;
    await lab.converge(process, id);
    expect((await lab.leaseObject(id)).status).toMatchObject({ manifest: { hash: next }, replacedManifests: [old] });
    expect(await isUploaded(lab, old)).toBe(true);
    lab.ledger.final = lab.ledger.head;
    await lab.converge(process, id);
    expect([await isUploaded(lab, old), await isUploaded(lab, next)]).toEqual([false, true]);
    expect((await lab.leaseObject(id)).status?.replacedManifests).toBeUndefined();
  });

  test("scales to zero at the head and removes everything at finality", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    const { final } = lab.ledger;
    lab.show(id, { state: "Closed", closeReason: "TenantClosed" });
    lab.ledger.final = final;
    await lab.converge(process, id);
    const deployment = await lab.client.get(core.deployments, { namespace: `lease-market-${id}`, name: "web" });
    expect(deployment.spec?.replicas).toBe(0);
    expect((await lab.leaseObject(id)).status?.close).toMatchObject({ reason: "TenantClosed", tier: "Head" });
    lab.ledger.final = lab.ledger.head;
    await gone(lab, id);
  });
});

describe("what the cluster says against it", () => {
  test("a namesake that took the lease's place is a conflict, and nothing is written for it", async () => {
    const { lab } = context;
    const id = await lab.lease();
    const stale = await lab.frozenInformers();
    const lease = await lab.leaseObject(id);
    await lab.client.mergePatch(computeLeases, { name: `market-${id}` }, { metadata: { finalizers: null } }, by);
    await lab.client.delete(computeLeases, { name: `market-${id}` });
    const { name, labels, finalizers } = lease.metadata;
    const namesake = {
      ...lease,
      metadata: { ...(name && { name }), ...(labels && { labels }), ...(finalizers && { finalizers }) },
    };
    await lab.client.create(computeLeases, namesake, by);
    const process = await lab.start(stale);
    await expect(process.leases.reconcile(`market-${id}`, signal())).rejects.toBeInstanceOf(Conflict);
    expect(process.client.writes.map(({ what }) => what)).toEqual([`apply computeleases/status market-${id}`]);
  });

  test("an old namespace that is still being deleted is told of, waited for, and replaced", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    const namespace = `lease-market-${id}`;
    const stuck = { name: "stuck", namespace, finalizers: ["test.example/hold"] };
    await lab.client.create(core.configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: stuck }, by);
    await lab.client.delete(core.namespaces, { name: namespace });
    process.client.writes.length = 0;
    await eventually("the condition says so", async () => {
      await lab.pass(process, id);
      return (await lab.reasonOf(id, "Provisioned")) === "NamespaceTerminating" ? true : undefined;
    });
    const elsewhere = process.client.writes.filter(({ what }) => !what.startsWith("apply computeleases/status"));
    expect(elsewhere).toEqual([]);
    await lab.client.mergePatch(core.configMaps, { name: "stuck", namespace }, { metadata: { finalizers: null } }, by);
    await eventually("it is provisioned again", async () => {
      await lab.pass(process, id);
      return (await lab.reasonOf(id, "Provisioned")) === "Provisioned" ? true : undefined;
    });
    await lab.converge(process, id);
  });

  test("a refusal by quota is told in the cluster's words, and gone when the quota is", async () => {
    const { lab } = context;
    const id = await lab.lease();
    const process = await lab.start();
    await lab.converge(process, id);
    const namespace = `lease-market-${id}`;
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "admin", namespace } } as const;
    const hard = { "count/deployments.apps": "0" };
    await lab.client.create(core.resourceQuotas, { ...quota, spec: { hard } }, by);
    await eventually("the quota is in force", async () => {
      const { status } = await lab.client.get(core.resourceQuotas, { name: "admin", namespace });
      return status?.hard;
    });
    lab.show(id, { manifestHash: await lab.upload(manifest) });
    await expect(lab.pass(process, id)).rejects.toBeInstanceOf(ForbiddenQuota);
    await expect(lab.pass(process, id)).rejects.toBeInstanceOf(ForbiddenQuota);
    const condition = (await lab.leaseObject(id)).status?.conditions?.find(({ type }) => type === "Provisioned");
    expect(condition).toMatchObject({ status: "False", reason: "QuotaRefused" });
    expect(condition?.message).toContain("exceeded quota: admin");
    await lab.client.delete(core.resourceQuotas, { name: "admin", namespace });
    await eventually("it is provisioned", async () => {
      await lab.pass(process, id);
      return (await lab.reasonOf(id, "Provisioned")) === "Provisioned" ? true : undefined;
    });
  });

  test("a policy that somebody removed is told of and restored; another's objects are left alone", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    const namespace = `lease-market-${id}`;
    const { items } = await lab.client.list(core.networkPolicies, { namespace });
    const name = items[0]?.metadata?.name ?? "";
    await lab.client.create(
      core.configMaps,
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace } },
      by,
    );
    await lab.client.delete(core.networkPolicies, { name, namespace });
    await lab.pass(process, id);
    expect(await lab.reasonOf(id, "Isolated")).toBe("PolicyDrift");
    await lab.converge(process, id);
    expect(await lab.reasonOf(id, "Isolated")).toBe("Isolated");
    expect((await lab.client.list(core.networkPolicies, { namespace })).items).toHaveLength(items.length);
    expect(await lab.get(core.configMaps, { name: "mine", namespace })).toBeDefined();
  });
});

describe("secret environment", () => {
  test("is written with its program and then left alone, also by a new process", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    const namespace = `lease-market-${id}`;
    const secretWrites = (one: Process) => one.client.writes.filter(({ what }) => what.includes(" secrets "));
    expect(secretWrites(process)).toHaveLength(1);
    const [secret] = (await lab.client.list(core.secrets, { namespace })).items;
    const next = await lab.start();
    await lab.pass(next, id);
    lab.show(id, { fundedSeconds: 9000 });
    await lab.converge(next, id);
    expect(secretWrites(next)).toEqual([]);
    const [after] = (await lab.client.list(core.secrets, { namespace })).items;
    expect(after?.metadata?.resourceVersion).toBe(secret?.metadata?.resourceVersion);
  });

  test("changes with the manifest, and its values stand in no status", async () => {
    const { lab } = context;
    const { id, process } = await servedLease(lab);
    lab.show(id, { manifestHash: await lab.upload(manifest.replace("s3cr3t", "0ther")) });
    await lab.converge(process, id);
    const { items } = await lab.client.list(core.secrets, { namespace: `lease-market-${id}` });
    const values = items.flatMap(({ data }) => Object.values(data ?? {}));
    expect(values).toEqual([Buffer.from("0ther").toString("base64")]);
    expect(JSON.stringify([await lab.leaseObject(id), process.events])).not.toMatch(/s3cr3t|0ther/);
  });
});
