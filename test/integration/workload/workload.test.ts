import type { IPod } from "kubernetes-models/v1/Pod";
import type { IService } from "kubernetes-models/v1/Service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComputeOfferSpec } from "../../../src/api/types.gen.ts";
import { computeLeases } from "../../../src/controllers/resources.ts";
import * as core from "../../../src/kube/core.ts";
import { NotFound } from "../../../src/kube/errors.ts";
import { programs } from "../../../src/workload/manifest/manifest.ts";
import { programLabel } from "../../../src/workload/objects/context.ts";
import { workloadReadiness } from "../../../src/workload/readiness/readiness.ts";
import { eventually } from "../../harness/wait.ts";
import { fullManifest } from "../../support/workload/manifests.ts";
import { cpuOffer, gpuOffer, richOffer } from "../../support/workload/offers.ts";
import { accept, Lab, type LeaseCase, type PlacedLease } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab.close());

/** All programs ready, as `workloadReadiness` reads it from what the real controllers wrote. */
async function untilReady({ namespace }: PlacedLease, { manifest }: LeaseCase): Promise<void> {
  if (!manifest) return;
  await eventually(`the workload of ${namespace}`, async () => {
    const [deployments, jobs, pods] = await Promise.all([
      lab.list(core.deployments, namespace),
      lab.list(core.jobs, namespace),
      lab.pods(namespace),
    ]);
    const states = workloadReadiness(manifest, deployments, jobs, pods);
    const waiting = states.filter(({ cause }) => cause !== "none");
    if (waiting.length > 0) throw new Error(JSON.stringify(waiting));
    return states;
  });
}

const live = (pods: readonly IPod[]): IPod[] => pods.filter(({ status }) => status?.phase === "Running");

interface Example {
  readonly what: string;
  readonly text: string;
  readonly offer: ComputeOfferSpec;
  readonly units: number;
  readonly suspended?: boolean;
  /** Of the namespace's ResourceQuota, once the workload runs. */
  readonly used: Readonly<Record<string, string>>;
}

const sole = "version: 1\nservices: [{name: web, image: app:1}]";
const examples: readonly Example[] = [
  {
    what: "one service with every leased GPU",
    text: sole,
    offer: gpuOffer(),
    units: 2,
    used: { "requests.cpu": "16", "limits.memory": "128Gi", "requests.nvidia.com/gpu": "2", pods: "1" },
  },
  {
    what: "several services with ports and probes, sized in decimal units",
    text: `version: 1
services:
  - name: api
    image: app:1
    replicas: 2
    resources: { cpu: 1500m, memory: 1G, ephemeralStorage: 1500M }
    ports: [{ name: http, port: 8080 }]
    probes: { readiness: { http: { port: 8080 } } }
  - name: worker
    image: app:1
    resources: { cpu: 4, memory: 16Gi, ephemeralStorage: 10Gi, accelerators: 1 }`,
    offer: gpuOffer(),
    units: 1,
    used: { "requests.cpu": "7", "requests.nvidia.com/gpu": "1", pods: "3", services: "1" },
  },
  {
    what: "a service of an offer without devices",
    text: sole,
    offer: cpuOffer({ placement: { tolerations: [{ operator: "Exists" }] } }),
    units: 1,
    used: { "requests.cpu": "8", "limits.ephemeral-storage": "100Gi", pods: "1" },
  },
  {
    what: "volumes and secrets",
    text: `version: 1
services:
  - name: db
    image: db:1
    secretEnv: { PASSWORD: hunter2 }
    volumes:
      - { name: data, mount: /data, size: 10Gi, storage: fast }
      - { name: shm, mount: /dev/shm, size: 1Gi, storage: memory }
      - { name: scratch, mount: /scratch, size: 5Gi }`,
    offer: richOffer(),
    units: 1,
    used: { "requests.storage": "10Gi", persistentvolumeclaims: "1", "count/secrets": "1", pods: "1" },
  },
  {
    what: "an exposed service",
    text: "version: 1\nservices: [{name: web, image: app:1, ports: [{name: http, port: 8080, expose: true}]}]",
    offer: richOffer(),
    units: 1,
    used: { "count/ingresses.networking.k8s.io": "1", services: "1", pods: "1" },
  },
  {
    what: "user namespaces",
    text: sole,
    offer: gpuOffer({ isolation: { userNamespaces: true } }),
    units: 1,
    used: { "requests.nvidia.com/gpu": "1", pods: "1" },
  },
  {
    what: "a suspended lease",
    text: `${sole}\njobs: [{name: train, image: app:1, resources: {cpu: 1, memory: 1Gi}}]`.replace(
      "app:1}",
      "app:1, resources: {cpu: 1, memory: 1Gi}}",
    ),
    offer: gpuOffer(),
    units: 1,
    suspended: true,
    used: { "requests.cpu": "0", pods: "0", "count/deployments.apps": "1", "count/jobs.batch": "1" },
  },
  { what: "nothing yet", text: "", offer: gpuOffer(), units: 1, used: { pods: "0", "count/secrets": "0" } },
];

describe("a lease's objects on a real API server", () => {
  it.each(examples)("are admitted and run: $what", async ({ text, offer, units, suspended = false, used }) => {
    const lease = await lab.lease(offer, units);
    const manifest = text === "" ? undefined : accept(text, offer, units);
    const given: LeaseCase = { offer, units, ...(manifest && { manifest }), suspended };
    const objects = lab.objects(lease, given);
    expect(new Set(await lab.write(objects))).toEqual(new Set(["created"]));
    if (!suspended) await untilReady(lease, given);

    const pods = live(await lab.pods(lease.namespace));
    const wanted = manifest && !suspended ? programs(manifest).reduce((sum, { pods: count }) => sum + count, 0) : 0;
    expect(pods).toHaveLength(wanted);
    for (const pod of pods) expect(pod.spec?.nodeName).toBe(lab.node);
    await eventually("the quota's status", async () => {
      const [quota] = await lab.list(core.resourceQuotas, lease.namespace);
      expect(quota?.status?.used).toMatchObject(used);
      return quota;
    });
    const again = await lab.write(lab.objects(lease, given));
    expect(again.filter((outcome) => outcome !== "unchanged")).toEqual([]);
    await lab.client.delete(computeLeases, { name: `market-${lease.id}` });
  });

  it("run a job to its end, each index once", async () => {
    const offer = gpuOffer();
    const text =
      "version: 1\njobs: [{name: train, image: app:1, completions: 3, parallelism: 3, resources: {cpu: 1, memory: 1Gi}}]";
    const lease = await lab.lease(offer, 1);
    const manifest = accept(text, offer, 1);
    await lab.write(lab.objects(lease, { offer, units: 1, manifest }));
    const job = await eventually("the job's end", async () => {
      const [found] = await lab.list(core.jobs, lease.namespace);
      return found?.status?.conditions?.some(({ type, status }) => type === "Complete" && status === "True")
        ? found
        : undefined;
    });
    expect(job.status).toMatchObject({ succeeded: 3, completedIndexes: "0-2" });
    expect(workloadReadiness(manifest, [], [job], [])).toEqual([
      { name: "train", desired: 3, ready: 3, cause: "none" },
    ]);
  });

  it("are scaled to zero and back by suspension, with their volumes", async () => {
    const [offer, units] = [richOffer(), 2];
    const lease = await lab.lease(offer, units);
    const manifest = accept(fullManifest, offer, units);
    await lab.write(lab.objects(lease, { offer, units, manifest }));
    const claims = async () =>
      (await lab.list(core.persistentVolumeClaims, lease.namespace)).map(({ metadata }) => metadata?.uid);
    const webPods = async () =>
      (await lab.pods(lease.namespace)).filter(({ metadata }) => metadata?.labels?.[programLabel] === "web");
    const until = (count: number) =>
      eventually(`${count} running pods of web`, async () => {
        const pods = await webPods();
        return pods.length === count && live(pods).length === count ? true : undefined;
      });
    await until(2);
    const before = await claims();

    await lab.write(lab.objects(lease, { offer, units, manifest, suspended: true }));
    await until(0);
    expect(await claims()).toEqual(before);

    await lab.write(lab.objects(lease, { offer, units, manifest }));
    await until(2);
    expect(await claims()).toEqual(before);
  });

  it("go with the lease that owns them", async () => {
    const offer = gpuOffer();
    const lease = await lab.lease(offer, 1);
    const { namespace } = lab.objects(lease, { offer, units: 1 });
    await lab.write(lab.objects(lease, { offer, units: 1, manifest: accept(sole, offer, 1) }));
    await lab.client.delete(computeLeases, { name: `market-${lease.id}` });
    await eventually(
      "the namespace's end",
      async () => ((await lab.observed(namespace)) === undefined ? true : undefined),
      { timeoutSeconds: 60 },
    );
  });
});

describe("the namespace's backstops", () => {
  it("quota refuses a manifest for more than is leased, and readiness calls that no part of the tenant", async () => {
    const offer = gpuOffer();
    const lease = await lab.lease(offer, 1);
    const manifest = accept(sole, offer, 2);
    await lab.write(lab.objects(lease, { offer, units: 1, manifest }));
    const state = await eventually("the refusal", async () => {
      const [found] = workloadReadiness(
        manifest,
        await lab.list(core.deployments, lease.namespace),
        [],
        await lab.pods(lease.namespace),
      );
      return found?.message?.includes("refused") ? found : undefined;
    });
    expect(state).toMatchObject({
      cause: "provider",
      message: expect.stringMatching(/exceeded quota: lease|maximum cpu/),
    });
    expect(await lab.pods(lease.namespace)).toEqual([]);
  });

  it.each<[string, Partial<NonNullable<IPod["spec"]>>, RegExp]>([
    ["a pod of the host's network", { hostNetwork: true }, /violates PodSecurity "restricted:v1.36"/],
    ["a pod with a path of the host", { volumes: [{ name: "root", hostPath: { path: "/" } }] }, /violates PodSecurity/],
    ["a pod that may be root", { securityContext: {} }, /violates PodSecurity/],
  ])("Pod Security refuses %s", async (_what, change, message) => {
    const offer = gpuOffer();
    const lease = await lab.lease(offer, 1);
    const objects = lab.objects(lease, { offer, units: 1, manifest: accept(sole, offer, 1) });
    await lab.write({ ...objects, workload: [] });
    await eventually("the default ServiceAccount", () =>
      lab.client.get(core.serviceAccounts, { name: "default", namespace: lease.namespace }),
    );
    const [deployment] = objects.workload.flatMap((object) => (object.kind === "Deployment" ? [object] : []));
    const spec = deployment?.spec?.template.spec;
    if (!spec) throw new Error("no pod template");
    const pod = (changed: typeof spec): IPod => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: lease.namespace },
      spec: changed,
    });
    const options = { fieldManager: "test", dryRun: true };
    await eventually("admission of the unchanged pod", () => lab.client.create(core.pods, pod(spec), options));
    await expect(lab.client.create(core.pods, pod({ ...spec, ...change }), options)).rejects.toThrow(message);
  });

  it.each(["NodePort", "LoadBalancer"] as const)("quota refuses a Service of type %s", async (type) => {
    const offer = gpuOffer();
    const lease = await lab.lease(offer, 1);
    await lab.write(lab.objects(lease, { offer, units: 1 }));
    const metadata = { name: "open", namespace: lease.namespace };
    const service: IService = { apiVersion: "v1", kind: "Service", metadata, spec: { type, ports: [{ port: 80 }] } };
    const refused = await eventually("the refusal", async () => {
      const error: unknown = await lab.client
        .create(core.services, service, { fieldManager: "test", dryRun: true })
        .catch((thrown: unknown) => thrown);
      return error instanceof Error && !(error instanceof NotFound) && error.message.includes("exceeded quota")
        ? error
        : undefined;
    });
    expect(refused.message).toMatch(/exceeded quota: lease/);
  });
});
