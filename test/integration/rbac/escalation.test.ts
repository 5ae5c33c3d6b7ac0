import { beforeAll, describe, expect, it } from "vitest";
import { operatorNamespace } from "../../harness/world-objects.ts";
import { useGround } from "../admission/fixture.ts";

const fixture = useGround();

const tried = "--dry-run=server";
/** The operator's own token in the wrong hands. */
const stolen = (args: readonly string[], ...objects: readonly object[]): Promise<string> =>
  fixture.ground.as("operator", args, ...objects);

const lease = { name: "lease-market-9", labels: { "berthage.dev/lease": "9" } };
const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
const account = { kind: "ServiceAccount", name: "berthage", namespace: operatorNamespace };

function namespace(name: string, labels: object): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function binding(where: string, clusterRole: string, ...subjects: readonly object[]): object {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "mine", namespace: where },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRole },
    subjects,
  };
}

const create = ["create", "-f", "-", tried];
const rule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };

// Somebody's, which was there before and only sounds like a lease's.
beforeAll(() => fixture.ground.as("admin", ["create", "namespace", "lease-office"]));

describe("the operator's token", () => {
  it("does what a lease needs", async () => {
    const { ground } = fixture;
    expect(await stolen(create, namespace(lease.name, { ...lease.labels, ...restricted }))).toContain("created");
    expect(await stolen(create, binding(ground.namespace, "berthage-lease", account))).toContain("created");
    const wide = ["get", "deployment,networkpolicy,node,pod", "-A", "-o", "name"];
    await expect(stolen(wide)).resolves.toContain("deployment.apps/web");
    expect(await stolen(["get", "secret", "web-env", "-n", ground.namespace, "-o", "name"])).toBe("secret/web-env\n");
  });

  describe("reads no", () => {
    it.each([
      ["Secret of the cluster", ["get", "secret", "any", "-n", "kube-system"]],
      ["Secret of another namespace", ["get", "secret", "any", "-n", "default"]],
      ["list of all Secrets", ["get", "secret", "-A"]],
      ["list of its own namespace's Secrets", ["get", "secret", "-n", operatorNamespace]],
      ["list of a lease's Secrets", ["get", "secret", "-n", "lease-market-7"]],
      ["ConfigMap of another namespace", ["get", "configmap", "kube-root-ca.crt", "-n", "default"]],
      ["log", ["get", "--raw", "/api/v1/namespaces/lease-market-7/pods/any/log"]],
      ["node by its kubelet", ["get", "--raw", "/api/v1/nodes/any/proxy/pods"]],
    ])("%s", async (_, args) => {
      await expect(stolen(args)).rejects.toThrow(/forbidden/i);
    });
  });

  describe("makes no", () => {
    const pod = { spec: { containers: [{ name: "main", image: "mine:1" }] } };
    const template = { metadata: { labels: { app: "mine" } }, ...pod };
    const spec = { selector: { matchLabels: { app: "mine" } }, template };
    it.each(["default", "kube-system", operatorNamespace, "lease-market-7"])("pod in %s", async (where) => {
      const metadata = { name: "mine", namespace: where };
      await expect(stolen(create, { apiVersion: "v1", kind: "Pod", metadata, ...pod })).rejects.toThrow(/forbidden/i);
    });
    it.each(["default", "kube-system", operatorNamespace])("Deployment in %s", async (where) => {
      const deployment = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "mine", namespace: where },
        spec,
      };
      await expect(stolen(create, deployment)).rejects.toThrow(/forbidden/i);
    });
    it.each<[string, () => object]>([
      ["namespace of another name", () => namespace("mine", { ...lease.labels, ...restricted })],
      ["namespace that is no lease's", () => namespace(lease.name, restricted)],
      ["namespace without a fence", () => namespace(lease.name, lease.labels)],
      ["binding in a namespace of somebody else", () => binding("default", "berthage-lease", account)],
      ["binding in kube-system", () => binding("kube-system", "berthage-lease", account)],
      ["binding of another role", () => binding("lease-market-7", "admin", account)],
      ["binding of cluster-admin", () => binding("lease-market-7", "cluster-admin", account)],
      ["binding to somebody else", () => binding("lease-market-7", "berthage-lease", { ...account, name: "default" })],
      ["binding to itself and somebody else", () => binding("lease-market-7", "berthage-lease", account, user("me"))],
      ["ClusterRoleBinding", () => clusterBinding("cluster-admin")],
      ["ClusterRoleBinding of the lease's role", () => clusterBinding("berthage-lease")],
      ["ClusterRole", () => ({ apiVersion: rbac, kind: "ClusterRole", metadata: { name: "mine" }, rules: [rule] })],
      ["Role", () => ({ apiVersion: rbac, kind: "Role", metadata: mine("lease-market-7"), rules: [rule] })],
      [
        "offer of its own",
        () => ({ apiVersion: "berthage.dev/v1alpha1", kind: "ComputeOffer", metadata: { name: "mine" } }),
      ],
      ["ServiceAccount", () => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: mine("lease-market-7") })],
    ])("%s", async (_, object) => {
      await expect(stolen(create, object())).rejects.toThrow(/forbidden|Forbidden/);
    });
    const rbac = "rbac.authorization.k8s.io/v1";
    const user = (name: string): object => ({ kind: "User", name, apiGroup: "rbac.authorization.k8s.io" });
    const mine = (where: string): object => ({ name: "mine", namespace: where });
    const clusterBinding = (name: string): object => ({
      apiVersion: rbac,
      kind: "ClusterRoleBinding",
      metadata: { name: "mine" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [account],
    });
  });

  describe("changes nothing", () => {
    const json = (patch: unknown): string[] => ["--type=merge", "-p", JSON.stringify(patch)];
    it.each<[string, string[]]>([
      ["of kube-system's labels", ["label", "namespace", "kube-system", "berthage.dev/lease=1"]],
      ["of a namespace that only looks like a lease's", ["label", "namespace", "lease-office", "berthage.dev/lease=1"]],
      ["of default's labels", ["label", "namespace", "default", "a=b"]],
      ["by removing kube-system", ["delete", "namespace", "kube-system"]],
      ["by removing its own namespace", ["delete", "namespace", operatorNamespace]],
      [
        "of a fence",
        ["label", "--overwrite", "namespace", "lease-market-7", "pod-security.kubernetes.io/enforce=privileged"],
      ],
      ["of its own role", ["patch", "clusterrole", "berthage-operator", ...json({ rules: [rule] })]],
      ["of its role for leases", ["patch", "clusterrole", "berthage-lease", ...json({ rules: [rule] })]],
      [
        "of a lease's binding",
        [
          "patch",
          "rolebinding",
          "operator",
          "-n",
          "lease-market-7",
          ...json({ subjects: [{ ...account, name: "default" }] }),
        ],
      ],
      ["of other people's bindings", ["delete", "rolebinding", "--all", "-n", "kube-system"]],
      ["of what bounds it", ["delete", "validatingadmissionpolicybinding", "berthage-operator-namespaces"]],
      ["of a node", ["cordon", "node-a"]],
      ["of pods", ["delete", "pod", "--all", "-n", "lease-market-7"]],
      ["of a network", ["patch", "cnet", "market", ...json({ spec: { payout: "0x0" } })]],
      ["of the definitions", ["delete", "crd", "computeleases.berthage.dev"]],
    ])("%s", async (_, args) => {
      await expect(stolen([...args, tried])).rejects.toThrow(/forbidden|Forbidden/);
    });
  });

  describe("becomes nobody else", () => {
    it.each<[string, string[]]>([
      ["as the administrator", ["get", "secret", "-A", "--as=admin"]],
      ["as a group", ["get", "secret", "-A", "--as=me", "--as-group=system:masters"]],
      ["as a controller", ["get", "secret", "-A", "--as=system:serviceaccount:kube-system:namespace-controller"]],
      ["by a controller's token", ["create", "token", "namespace-controller", "-n", "kube-system"]],
      ["by a token of a tenant's account", ["create", "token", "default", "-n", "lease-market-7"]],
      ["for longer than its token", ["create", "token", "berthage", "-n", operatorNamespace]],
      ["by a certificate", ["certificate", "approve", "any"]],
    ])("%s", async (_, args) => {
      await expect(stolen(args)).rejects.toThrow(/forbidden|Forbidden/);
    });
  });

  it("enters no pod, and adds nothing to one", async () => {
    const { ground } = fixture;
    const { metadata } = await ground.pod();
    const pod = metadata?.name ?? "";
    const path = `/api/v1/namespaces/${ground.namespace}/pods/${pod}`;
    const ways = [
      ["exec", pod, "-n", ground.namespace, "--", "true"],
      ["attach", pod, "-n", ground.namespace],
      ["debug", pod, "-n", ground.namespace, "--image=mine:1"],
      ["get", "--raw", `${path}/portforward?ports=8080`],
      ["get", "--raw", `${path}/proxy/`],
    ];
    for (const way of ways) await expect(stolen(way)).rejects.toThrow(/forbidden/i);
  });
});
