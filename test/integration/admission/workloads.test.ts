import { describe, expect, it } from "vitest";
import { useGround } from "./fixture.ts";

const fixture = useGround();

const labels = { "berthage.dev/network": "market", "berthage.dev/lease": "7" };
const template = {
  metadata: { labels: { app: "mine" } },
  spec: { restartPolicy: "Always", containers: [{ name: "main", image: "mine:1" }] },
};
const selector = { matchLabels: { app: "mine" } };
const once = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };

/** Objects that a namespace admin may make anywhere else, by kind. */
const workloads: Readonly<Record<string, object>> = {
  ReplicationController: { apiVersion: "v1", spec: { selector: { app: "mine" }, template } },
  Deployment: { apiVersion: "apps/v1", spec: { selector, template } },
  ReplicaSet: { apiVersion: "apps/v1", spec: { selector, template } },
  StatefulSet: { apiVersion: "apps/v1", spec: { serviceName: "mine", selector, template } },
  DaemonSet: { apiVersion: "apps/v1", spec: { selector, template } },
  Job: { apiVersion: "batch/v1", spec: { template: once } },
  CronJob: { apiVersion: "batch/v1", spec: { schedule: "* * * * *", jobTemplate: { spec: { template: once } } } },
  HorizontalPodAutoscaler: {
    apiVersion: "autoscaling/v2",
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 9 },
  },
  NetworkPolicy: { apiVersion: "networking.k8s.io/v1", spec: { podSelector: {}, ingress: [{}], egress: [{}] } },
};

const labelled: Readonly<Record<string, object>> = {
  Service: { apiVersion: "v1", spec: { ports: [{ port: 80 }] } },
  Secret: { apiVersion: "v1", stringData: { TOKEN: "mine" } },
  Ingress: {
    apiVersion: "networking.k8s.io/v1",
    spec: { defaultBackend: { service: { name: "web", port: { number: 1 } } } },
  },
  RoleBinding: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  },
  PersistentVolumeClaim: {
    apiVersion: "v1",
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
};

function object(kind: string, of: Readonly<Record<string, object>>, metadata: object = {}): object {
  return { kind, ...of[kind], metadata: { name: "mine", namespace: fixture.ground.namespace, ...metadata } };
}

const tried = ["--dry-run=server"];
const asLandlord = (args: readonly string[], ...objects: readonly object[]): Promise<string> =>
  fixture.ground.as("landlord", ["-n", fixture.ground.namespace, ...args], ...objects);

describe("what the operator writes", () => {
  it("passes, and the control plane makes pods of it", async () => {
    const { metadata, spec } = await fixture.ground.pod();
    expect(metadata?.labels).toMatchObject(labels);
    expect(spec?.containers[0]?.image).toBe("registry.example/team/app:1.2");
  });
});

describe("the admin of a lease's namespace", () => {
  it.each(Object.keys(workloads))("makes no %s", async (kind) => {
    await expect(asLandlord(["create", "-f", "-", ...tried], object(kind, workloads))).rejects.toThrow(
      /lease-workloads.*only Berthage's operator writes workloads.*the tenant changes the lease's manifest/s,
    );
  });

  it("makes no pod, not even one as the operator would have it", async () => {
    const { metadata, spec } = await fixture.ground.pod();
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "mine", labels: metadata?.labels }, spec };
    await expect(asLandlord(["create", "-f", "-", ...tried], pod)).rejects.toThrow(
      /lease-workloads.*only Berthage's operator writes workloads/s,
    );
  });

  it.each([
    ["another image", ["set", "image", "deployment/web", "web=mine:1"]],
    ["another scale", ["scale", "deployment/web", "--replicas=9"]],
    ["no Deployment", ["delete", "deployment", "web"]],
    ["no Job", ["delete", "job", "--all"]],
    ["no pods", ["delete", "pod", "--all"]],
    ["no fence", ["delete", "networkpolicy", "default-deny"]],
    [
      "a hole in the fence",
      ["patch", "networkpolicy", "default-deny", "--type=merge", "-p", '{"spec":{"ingress":[{}]}}'],
    ],
  ])("brings about %s", async (_, args) => {
    await fixture.ground.pod();
    await expect(asLandlord([...args, ...tried])).rejects.toThrow(/only Berthage's operator writes workloads/);
  });

  it.each([
    ["a Service that leads elsewhere", ["patch", "service", "web", "-p", '{"spec":{"selector":{"app":"mine"}}}']],
    ["another Secret", ["patch", "secret", "web-env", "-p", '{"stringData":{"TOKEN":"mine"}}']],
    ["no Ingress", ["delete", "ingress", "web"]],
    ["no volume", ["delete", "pvc", "--all"]],
    ["no rights of the operator", ["delete", "rolebinding", "operator"]],
  ])("brings about %s", async (_, args) => {
    await expect(asLandlord([...args, ...tried])).rejects.toThrow(
      /lease-objects.*written by Berthage's operator alone/s,
    );
  });

  it.each(Object.keys(labelled))("passes no %s off as the lease's, but may have one of their own", async (kind) => {
    const create = ["create", "-f", "-", ...tried];
    await expect(asLandlord(create, object(kind, labelled, { labels }))).rejects.toThrow(
      /berthage.dev\/lease .* operator alone: leave the label away/,
    );
    expect(await asLandlord(create, object(kind, labelled))).toContain("created");
  });

  it("enters no pod", async () => {
    const { metadata } = await fixture.ground.pod();
    const pod = metadata?.name ?? "";
    const path = `/api/v1/namespaces/${fixture.ground.namespace}`;
    const ways = [
      ["exec", pod, "--", "true"],
      ["attach", pod],
      ["get", "--raw", `${path}/pods/${pod}/portforward?ports=8080`],
      ["get", "--raw", `${path}/pods/${pod}/proxy/`],
      ["get", "--raw", `${path}/services/web:http/proxy/`],
    ];
    for (const way of ways)
      await expect(asLandlord(way)).rejects.toThrow(/lease-access|only Berthage's gateway enters/);
  });

  it("reads what is there, its events and its logs", async () => {
    const { metadata } = await fixture.ground.pod();
    expect(await asLandlord(["get", "deployment,pod,networkpolicy,events", "-o", "name"])).toContain(
      "deployment.apps/web",
    );
    await expect(asLandlord(["logs", metadata?.name ?? ""])).resolves.toBe("");
  });
});

describe("nobody, not even whom the release allows to write,", () => {
  it("adds a container to a tenant's pod", async () => {
    const { ground } = fixture;
    const { metadata } = await ground.pod();
    const debug = ["debug", metadata?.name ?? "", "-n", ground.namespace, "--image=mine:1", "--profile=restricted"];
    for (const person of ["helper", "admin"] as const) {
      await expect(ground.as(person, debug)).rejects.toThrow(/nobody adds containers to a tenant's pod/);
    }
  });
});

describe("a user whom the release allows to write", () => {
  it("may, and others outside of lease namespaces may as ever", async () => {
    const { ground } = fixture;
    const scale = ["scale", "deployment/web", "--replicas=0", "-n", ground.namespace, ...tried];
    expect(await ground.as("helper", scale)).toContain("scaled");
    const where = ["-n", ground.namespace, ...tried];
    const wider = ["patch", "resourcequota", "lease", "-p", '{"spec":{"hard":{"pods":"999"}}}', ...where];
    for (const harm of [scale, wider, ["delete", "limitrange", "lease", ...where]]) {
      await expect(ground.as("admin", harm)).rejects.toThrow(/only Berthage's operator/);
    }
    const elsewhere = object("Deployment", workloads, { namespace: "default" });
    expect(await ground.as("admin", ["create", "-f", "-", ...tried], elsewhere)).toContain("created");
  });
});
