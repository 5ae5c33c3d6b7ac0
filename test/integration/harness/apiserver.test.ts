import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";

const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "berths.harness.test" },
  spec: {
    group: "harness.test",
    names: { kind: "Berth", plural: "berths" },
    scope: "Cluster",
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

describe("two bare API servers side by side", () => {
  let first: Cluster;
  let second: Cluster;
  beforeAll(async () => {
    const started = performance.now();
    [first, second] = await Promise.all([
      startCluster({ auditLog: true, users: [{ name: "mallory" }] }),
      startCluster(),
    ]);
    console.log(`two bare API servers ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  });
  afterAll(async () => await Promise.all([first?.stop(), second?.stop()]));

  it("know nothing of each other", async () => {
    await first.kubectl(["create", "namespace", "only-here"]);
    expect(first.url).not.toBe(second.url);
    await expect(second.kubectl(["get", "namespace", "only-here"])).rejects.toThrow("NotFound");
  });

  it("let in only who has a token of theirs, and by RBAC", async () => {
    const asMallory = ["--kubeconfig", await first.kubeconfigFor("mallory")];
    await expect(first.kubectl([...asMallory, "get", "pods"])).rejects.toThrow(
      'User "mallory" cannot list resource "pods"',
    );
    // A role of its own: the built-in `view` is put together by the controller manager, which does not run here.
    await first.kubectl(["create", "clusterrole", "pod-reader", "--verb=list", "--resource=pods"]);
    await first.kubectl(["create", "clusterrolebinding", "mallory", "--clusterrole=pod-reader", "--user=mallory"]);
    await eventually("the new right", () => first.kubectl([...asMallory, "get", "pods"]));
    await expect(second.kubectl(["--token", first.token, "get", "pods"])).rejects.toThrow("Unauthorized");
    await expect(first.kubeconfigFor("nobody")).rejects.toThrow("no user nobody");
  });

  it("log every request once, when asked to", async () => {
    await first.kubectl(["create", "configmap", "logged", "--from-literal=key=not-in-the-log"]);
    const log = await readFile(first.auditLogFile ?? "", "utf8");
    const creates = log
      .split("\n")
      .filter((line) => line.includes('"verb":"create"') && line.includes('"name":"logged"'));
    expect(creates).toHaveLength(1);
    expect(log).not.toContain("not-in-the-log");
    expect(second.auditLogFile).toBeUndefined();
  });

  it("lose old continue tokens to a compaction", async () => {
    for (const name of ["one", "two", "three"]) await second.kubectl(["create", "configmap", name]);
    const list = "/api/v1/namespaces/default/configmaps?limit=1";
    const page: { metadata: { continue: string } } = JSON.parse(await second.kubectl(["get", "--raw", list]));
    await second.kubectl(["create", "configmap", "later"]);
    await second.compact();
    const { continue: token } = page.metadata;
    await eventually("the API server to hear of the compaction", async () => {
      const refusal = await second.kubectl(["get", "--raw", `${list}&continue=${token}`]).catch(String);
      return refusal.includes("Expired") ? refusal : undefined;
    });
  });

  it("lose old watches to a compaction, once restarted", async () => {
    const revision = await second.kubectl(["get", "configmap", "one", "-o=jsonpath={.metadata.resourceVersion}"]);
    await second.compact();
    await second.stopApiServer();
    await second.startApiServer();
    const watch = `/api/v1/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${revision}`;
    await expect(second.kubectl(["get", "--raw", watch])).resolves.toContain('"code":410');
  });

  it("keep their state and place over an outage", async () => {
    await second.kubectl(["create", "configmap", "kept"]);
    await second.stopApiServer();
    await expect(second.kubectl(["get", "configmap", "kept"])).rejects.toThrow("refused");
    await second.startApiServer();
    expect(await second.kubectl(["get", "configmap", "kept", "-o=name"])).toBe("configmap/kept\n");
  });
});

describe("startCluster", () => {
  it("applies manifests before it returns", async () => {
    await using disposer = new AsyncDisposableStack();
    const source = disposer.adopt(await startCluster(), (cluster) => cluster.stop());
    const file = join(source.dir, "crd.json");
    await writeFile(file, JSON.stringify(crd));
    const cluster = disposer.adopt(await startCluster({ manifests: [file] }), (started) => started.stop());
    expect(await cluster.kubectl(["get", "crd", "-o=name"])).toBe(
      "customresourcedefinition.apiextensions.k8s.io/berths.harness.test\n",
    );
  });
});
