import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ComputeOfferSpec } from "../../../src/api/types.gen.ts";
import { hardeningFaults, podSpecOf } from "../../../test/support/workload/hardening.ts";
import { fullManifest, manifestDocument } from "../../../test/support/workload/manifests.ts";
import { cpuOffer, gpuOffer, h100, isolation, richOffer } from "../../../test/support/workload/offers.ts";
import { acceptManifest } from "../manifest/fit.ts";
import { buildLeaseObjects, type LeaseObjects } from "./build.ts";
import type { LeaseObjectsInput } from "./context.ts";
import type { LeaseObject, WorkloadObject } from "./lease-object.ts";

interface Case extends Partial<Omit<LeaseObjectsInput, "manifest" | "lease">> {
  readonly text?: string;
  readonly units?: number;
  readonly manifestHash?: string;
}

const manifestHash = `0x${"5e".repeat(32)}`;

function build({
  text,
  units = 2,
  manifestHash: hash = manifestHash,
  offer = richOffer(),
  ...rest
}: Case = {}): LeaseObjects {
  const accepted = text === undefined ? undefined : acceptManifest(text, { offer, units });
  if (accepted?.ok === false) throw new Error(JSON.stringify(accepted.problems));
  return buildLeaseObjects({
    lease: {
      network: "market",
      leaseId: "42",
      offer: "h100",
      tenant: `0x${"Ab".repeat(20)}`,
      units,
      manifestHash: hash,
    },
    leaseUid: "uid-1",
    offer,
    ...(accepted && { manifest: accepted.manifest }),
    node: "node-a",
    suspended: false,
    isolation,
    ...rest,
  });
}

const all = ({ namespace, isolation, workload }: LeaseObjects): LeaseObject[] => [namespace, ...isolation, ...workload];

/** The only object of a kind, or the one with that name. */
function only<K extends LeaseObject["kind"]>(
  objects: LeaseObjects,
  kind: K,
  name?: string,
): Extract<LeaseObject, { kind: K }> {
  const isWanted = (object: LeaseObject): object is Extract<LeaseObject, { kind: K }> =>
    object.kind === kind && (name === undefined || object.metadata?.name === name);
  const [found, second] = all(objects).filter(isWanted);
  if (!found || second) throw new Error(`not exactly one ${kind} ${name ?? ""}`);
  return found;
}

const named = (objects: readonly LeaseObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`);

const sole = "version: 1\nservices: [{name: web, image: app:1}]";

describe("buildLeaseObjects", () => {
  it("puts everything into the lease's namespace, with its labels", () => {
    const objects = build({ text: fullManifest });
    const labels = {
      "berthage.dev/network": "market",
      "berthage.dev/lease": "42",
      "berthage.dev/offer": "h100",
      "berthage.dev/tenant": `0x${"ab".repeat(20)}`,
      "app.kubernetes.io/managed-by": "berthage",
    };
    for (const { metadata, kind } of all(objects)) {
      expect(metadata?.labels).toMatchObject(labels);
      if (kind !== "Namespace") expect(metadata?.namespace).toBe("lease-market-42");
    }
    for (const object of objects.workload) {
      if (object.kind === "Deployment" || object.kind === "Job")
        expect(object.spec?.template.metadata?.labels).toMatchObject(labels);
    }
  });

  it("gives the same objects for the same input, each with its own name", () => {
    expect(build({ text: fullManifest })).toEqual(build({ text: fullManifest }));
    const names = named(all(build({ text: fullManifest })));
    expect(new Set(names).size).toBe(names.length);
  });

  it("never gives two programs one volume", () => {
    const volume = (name: string): string => `volumes: [{name: ${name}, mount: /v, size: 1Gi, storage: fast}]`;
    const small = "image: b, resources: {cpu: 1, memory: 1Gi}";
    const text = `version: 1\nservices: [{name: a, ${small}, ${volume("b-c")}}, {name: a-b, ${small}, ${volume("c")}}]`;
    const names = named(build({ text }).workload);
    expect(new Set(names).size).toBe(names.length);
  });

  it("orders what a manifest needs before what uses it", () => {
    const kinds = build({ text: fullManifest }).workload.map(({ kind }) => kind);
    expect(kinds).toEqual([
      "PersistentVolumeClaim",
      "Secret",
      "Service",
      "Deployment",
      "Job",
      "Ingress",
      "NetworkPolicy",
    ]);
  });

  it("binds the lease's ClusterRole to the operator before all else, where it needs that", () => {
    const serviceAccount = { name: "berthage", namespace: "berthage-system" };
    const operator = { clusterRole: "berthage-lease", serviceAccount };
    const [binding, ...rest] = build({ isolation: { ...isolation, operator } }).isolation;
    expect(binding).toMatchObject({
      kind: "RoleBinding",
      metadata: { name: "operator", namespace: "lease-market-42" },
      roleRef: { kind: "ClusterRole", name: "berthage-lease" },
      subjects: [{ kind: "ServiceAccount", ...serviceAccount }],
    });
    expect(rest).toEqual(build().isolation);
    expect(named(build().isolation).filter((name) => name.startsWith("RoleBinding"))).toEqual([]);
  });

  it("fences the namespace before there is a manifest", () => {
    const objects = build();
    expect(objects.workload).toEqual([]);
    expect(named(objects.isolation)).toEqual([
      "ResourceQuota/lease",
      "LimitRange/lease",
      "NetworkPolicy/default-deny",
      "NetworkPolicy/allow-lease",
      "NetworkPolicy/allow-dns",
      "NetworkPolicy/allow-internet",
    ]);
  });
});

describe("the namespace", () => {
  it("is owned by the lease, so that deleting the lease is the teardown", () => {
    expect(build().namespace.metadata?.ownerReferences).toEqual([
      {
        apiVersion: "berthage.dev/v1alpha1",
        kind: "ComputeLease",
        name: "market-42",
        uid: "uid-1",
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  it("enforces Pod Security restricted at a pinned version", () => {
    expect(build().namespace.metadata?.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "v1.36",
      "pod-security.kubernetes.io/audit": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    });
  });
});

describe("the quota", () => {
  const hard = (objects: LeaseObjects) => only(objects, "ResourceQuota").spec?.hard;

  it("is exactly the leased units", () => {
    expect(hard(build({ units: 3 }))).toMatchObject({
      "requests.cpu": "24",
      "limits.cpu": "24",
      "requests.memory": "192Gi",
      "limits.memory": "192Gi",
      "requests.ephemeral-storage": "300Gi",
      "limits.ephemeral-storage": "300Gi",
      "requests.nvidia.com/gpu": "3",
      "requests.storage": "300Gi",
      pods: "48",
      "services.nodeports": "0",
      "services.loadbalancers": "0",
    });
  });

  it("counts the sandbox's overhead, which the inventory reserves too", () => {
    const sandbox = { overhead: { podFixed: { cpu: "250m", memory: "1Gi" } } };
    expect(hard(build({ sandbox }))).toMatchObject({ "requests.cpu": "16500m", "requests.memory": "130Gi" });
  });

  it("has no room for what is not sold", () => {
    expect(hard(build({ offer: gpuOffer() }))).toMatchObject({
      "requests.storage": "0",
      persistentvolumeclaims: "0",
      "count/ingresses.networking.k8s.io": "0",
    });
    expect(hard(build({ offer: cpuOffer() }))).not.toHaveProperty("requests.nvidia.com/gpu");
  });
});

describe("the network policies", () => {
  const egress = (name: string) => only(build(), "NetworkPolicy", name).spec?.egress ?? [];

  it("deny everything both ways but what the others allow", () => {
    expect(only(build(), "NetworkPolicy", "default-deny").spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
  });

  it("let the lease's pods see each other, and only them", () => {
    expect(only(build(), "NetworkPolicy", "allow-lease").spec).toMatchObject({
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    });
  });

  it("let them ask cluster DNS, on its port", () => {
    expect(egress("allow-dns")).toEqual([
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ]);
  });

  it("let them out to the internet, without any range that is not the internet", () => {
    const blocks = egress("allow-internet").flatMap(({ to }) => to?.flatMap(({ ipBlock }) => ipBlock ?? []) ?? []);
    const [ipv4, ipv6] = blocks;
    expect([ipv4?.cidr, ipv6?.cidr]).toEqual(["0.0.0.0/0", "::/0"]);
    expect(ipv4?.except).toEqual(
      expect.arrayContaining([
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "224.0.0.0/4",
        "203.0.113.0/24",
        "198.51.100.7/32",
      ]),
    );
    expect(ipv6?.except).toEqual(
      expect.arrayContaining([
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
        "64:ff9b::/96",
        "2002::/16",
        "2001:db8:1::/48",
        "2001:db8::7/128",
      ]),
    );
  });

  it("never name a range twice", () => {
    const clusterCidrs = ["10.0.0.0/8", "10.0.0.0/8", "fc00::/7"];
    const objects = build({ isolation: { ...isolation, clusterCidrs } });
    for (const { to } of only(objects, "NetworkPolicy", "allow-internet").spec?.egress ?? []) {
      for (const { ipBlock } of to ?? []) expect(new Set(ipBlock?.except).size).toBe(ipBlock?.except?.length);
    }
  });

  it("let the ingress controller reach an exposed port, and nothing else", () => {
    expect(only(build({ text: fullManifest }), "NetworkPolicy", "expose-web").spec).toEqual({
      podSelector: { matchLabels: { "app.kubernetes.io/name": "web" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } }],
          ports: [{ protocol: "TCP", port: 8080 }],
        },
      ],
    });
  });
});

describe("a service's Deployment", () => {
  const web = (input: Case = {}) => only(build({ text: fullManifest, ...input }), "Deployment", "web").spec;
  const pod = (input: Case = {}) => web(input)?.template.spec;

  it("runs what the manifest says", () => {
    expect(web()?.replicas).toBe(2);
    expect(pod()?.containers[0]).toMatchObject({
      name: "web",
      image: "registry.example/team/app:1.2",
      command: ["/bin/server"],
      ports: [
        { name: "http", containerPort: 8080, protocol: "TCP" },
        { name: "gossip", containerPort: 7946, protocol: "UDP" },
      ],
      readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 5 },
      livenessProbe: { tcpSocket: { port: 8080 }, failureThreshold: 6 },
      resources: {
        limits: { cpu: "4", memory: "8Gi", "ephemeral-storage": "20Gi", "nvidia.com/gpu": "1" },
        requests: { cpu: "4", memory: "8Gi", "ephemeral-storage": "20Gi", "nvidia.com/gpu": "1" },
      },
    });
    expect(pod()?.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000 });
  });

  it("hands text on as it is, though Kubernetes would expand it", () => {
    expect(pod()?.containers[0]?.args).toEqual(["--listen=:8080", "--price=$$(PRICE)"]);
    expect(pod()?.containers[0]?.env?.find(({ name }) => name === "PRICE")?.value).toBe("5$$");
  });

  it("keeps secret values in a Secret only", () => {
    const objects = build({ text: fullManifest });
    expect(only(objects, "Secret")).toMatchObject({ metadata: { name: "web-env" }, data: { TOKEN: "czNjcjN0" } });
    const others = all(objects).filter(({ kind }) => kind !== "Secret");
    expect(JSON.stringify(others)).not.toMatch(/s3cr3t|czNjcjN0/);
    expect(pod()?.containers[0]?.env).toContainEqual({
      name: "TOKEN",
      valueFrom: { secretKeyRef: { name: "web-env", key: "TOKEN" } },
    });
  });

  it("restarts with another manifest when it has secrets, and only then", () => {
    const other = `0x${"6f".repeat(32)}`;
    expect(web({ manifestHash: other })?.template).not.toEqual(web()?.template);
    const plain = (hash: string) => only(build({ text: sole, manifestHash: hash }), "Deployment").spec?.template;
    expect(plain(other)).toEqual(plain(manifestHash));
  });

  it("mounts bounded volumes", () => {
    expect(pod()?.volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: "web.data" } },
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } },
      { name: "scratch", emptyDir: { sizeLimit: "5Gi" } },
    ]);
    expect(only(build({ text: fullManifest }), "PersistentVolumeClaim").spec).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "local-nvme",
      resources: { requests: { storage: "10Gi" } },
    });
  });

  it("never needs more than the lease to update", () => {
    expect(web()?.strategy).toEqual({ type: "Recreate" });
    expect(only(build({ text: sole }), "Deployment").spec?.strategy).toEqual({ type: "Recreate" });
    const replicas = "version: 1\nservices: [{name: a, image: b, replicas: 2, resources: {cpu: 1, memory: 1Gi}}]";
    expect(only(build({ text: replicas }), "Deployment").spec?.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
  });

  it("scales to zero when suspended; volumes, secrets and services stay", () => {
    const running = build({ text: fullManifest });
    const suspended = build({ text: fullManifest, suspended: true });
    expect(only(suspended, "Deployment").spec?.replicas).toBe(0);
    expect(named(suspended.workload)).toEqual(named(running.workload));
    expect(only(suspended, "Deployment").spec?.template).toEqual(only(running, "Deployment").spec?.template);
  });
});

describe("placement", () => {
  const pod = (offer: ComputeOfferSpec) => only(build({ text: sole, offer }), "Deployment").spec?.template.spec;
  const terms = (offer: ComputeOfferSpec) =>
    pod(offer)?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

  it("pins node and device class", () => {
    expect(terms(gpuOffer())).toEqual([
      {
        matchFields: [{ key: "metadata.name", operator: "In", values: ["node-a"] }],
        matchExpressions: expect.arrayContaining([
          { key: "nvidia.com/gpu.product", operator: "In", values: [h100] },
          { key: "nvidia.com/gpu.memory", operator: "In", values: ["81559"] },
        ]),
      },
    ]);
    expect(pod(gpuOffer())?.tolerations).toEqual([{ key: "nvidia.com/gpu", operator: "Exists" }]);
  });

  it("pins them in every term of the offer's affinity", () => {
    const zones = ["a", "b"].map((zone) => ({
      matchExpressions: [{ key: "zone", operator: "In" as const, values: [zone] }],
    }));
    const found = terms(gpuOffer({ placement: { nodeAffinity: { required: zones } } }));
    expect(found).toHaveLength(2);
    for (const [i, term] of (found ?? []).entries()) {
      expect(term.matchFields).toEqual([{ key: "metadata.name", operator: "In", values: ["node-a"] }]);
      expect(term.matchExpressions?.map(({ key }) => key)).toContain("nvidia.com/gpu.product");
      expect(term.matchExpressions).toContainEqual({ key: "zone", operator: "In", values: [["a", "b"][i]] });
    }
  });

  it("pins the node of an offer without devices", () => {
    expect(terms(cpuOffer())).toEqual([
      { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-a"] }] },
    ]);
  });

  it("takes sandbox and scheduler from the offer", () => {
    const offer = gpuOffer({
      placement: { nodeSelector: { pool: "rentable" } },
      isolation: { tier: "GVisor", runtimeClassName: "gvisor", userNamespaces: true },
      scheduling: { schedulerName: "kai-scheduler", priorityClassName: "tenants" },
    });
    expect(pod(offer)).toMatchObject({
      nodeSelector: { pool: "rentable" },
      runtimeClassName: "gvisor",
      hostUsers: false,
      schedulerName: "kai-scheduler",
      priorityClassName: "tenants",
    });
    expect(pod(gpuOffer())).not.toHaveProperty("hostUsers");
  });
});

describe("a job", () => {
  const job = (input: Case = {}) => only(build({ text: fullManifest, ...input }), "Job");

  it("runs each index with its own retries", () => {
    expect(job().spec).toMatchObject({
      completionMode: "Indexed",
      completions: 4,
      parallelism: 2,
      backoffLimitPerIndex: 1,
      suspend: false,
      template: { spec: { restartPolicy: "Never" } },
    });
  });

  it("is another object when what it runs changes, because a Job's template cannot", () => {
    const name = job().metadata?.name;
    expect(name).toMatch(/^train-[0-9a-f]{8}$/);
    expect(job({ text: fullManifest.replace("train@", "train-2@") }).metadata?.name).not.toBe(name);
    expect(job({ node: "node-b" }).metadata?.name).not.toBe(name);
  });

  it("is the same object when it is suspended or runs more at a time", () => {
    const name = job().metadata?.name;
    expect(job({ suspended: true })).toMatchObject({ metadata: { name }, spec: { suspend: true } });
    expect(job({ text: fullManifest.replace("parallelism: 2", "parallelism: 1") }).metadata?.name).toBe(name);
  });
});

describe("endpoints", () => {
  it("tell cluster name or host of every port", () => {
    const { endpoints } = build({ text: fullManifest });
    expect(endpoints).toEqual([
      {
        service: "web",
        port: 8080,
        protocol: "TCP",
        address: expect.stringMatching(/^web-[0-9a-f]{16}\.gpu\.example$/),
        url: expect.any(String),
      },
      { service: "web", port: 7946, protocol: "UDP", address: "web.lease-market-42.svc" },
    ]);
    const rule = only(build({ text: fullManifest }), "Ingress").spec?.rules?.[0];
    expect(rule?.host).toBe(endpoints[0]?.address);
  });

  it("keep a host below 64 characters a label for the longest name", () => {
    const text = `version: 1\nservices: [{name: ${"a".repeat(40)}, image: b, ports: [{name: http, port: 80, expose: true}]}]`;
    for (const label of build({ text }).endpoints[0]?.address.split(".") ?? []) expect(label.length).toBeLessThan(64);
  });

  it("are none without a manifest", () => {
    expect(build().endpoints).toEqual([]);
  });
});

describe("hardening", () => {
  const faults = (objects: readonly WorkloadObject[]): string[] =>
    objects.flatMap((object) => {
      const pod = podSpecOf(object);
      return pod ? hardeningFaults(pod, "node-a") : [];
    });

  it("holds for every manifest that is accepted, on every kind of offer", () => {
    const offers = fc.constantFrom(
      richOffer(),
      richOffer({ isolation: { userNamespaces: true } }),
      cpuOffer({ storage: { classes: [{ name: "fast", storageClassName: "x" }] } }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(manifestDocument, offers, fc.boolean(), (document, offer, suspended) => {
        const text = JSON.stringify(document);
        if (!acceptManifest(text, { offer, units: 16 }).ok) return;
        accepted += 1;
        expect(faults(build({ text, offer, units: 16, suspended }).workload)).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(30);
  });

  it("is checked by rules that can fail", () => {
    const pod = podSpecOf(only(build({ text: sole }), "Deployment"));
    if (!pod) throw new Error("no pod");
    expect(hardeningFaults({ ...pod, hostNetwork: true }, "node-a")).toEqual(["shares a namespace of the host"]);
    expect(hardeningFaults(pod, "node-b")).toEqual(["may leave its node"]);
  });
});
