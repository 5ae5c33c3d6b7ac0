import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crdFolder } from "../../../tools/crds/schema.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { namespace } from "./chart.ts";
import { networkSpec, offerSpec, rawKey } from "./matrix.ts";
import { type Release, releaseIn } from "./release.ts";

let cluster: Cluster;
let release: Release;

beforeAll(async () => {
  cluster = await startCluster();
  release = releaseIn(cluster);
});

afterAll(() => cluster.stop());

/** Names of what there is, such as `deployment.apps/berthage`. */
async function names(kinds: string, ...args: readonly string[]): Promise<readonly string[]> {
  const answer = await cluster.kubectl(["get", kinds, "-o", "name", ...args]);
  return answer.split("\n").filter((name) => name !== "");
}

async function field(object: string, path: string): Promise<string> {
  return cluster.kubectl(["get", object, `-n=${namespace}`, "-o", `jsonpath={${path}}`]);
}

const namespaced = "deployment,service,serviceaccount,poddisruptionbudget,networkpolicy,role,rolebinding";
const clusterWide = "clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding";
const ours = "-l=app.kubernetes.io/part-of=berthage";
const definitions = ["computeleases", "computenetworks", "computeoffers"].map(
  (plural) => `customresourcedefinition.apiextensions.k8s.io/${plural}.berthage.dev`,
);

const dearer = { ...offerSpec, price: { token: `0x${"0".repeat(39)}1`, perUnitHour: "2600000" } };
const selling = { networks: { market: networkSpec(rawKey) }, offers: { h100: offerSpec } };

/** The steps follow each other, as in a cluster's life. */
describe("one release", () => {
  let networkUid: string;

  it("is installed whole by one command, with kinds, network and offer", async () => {
    const notes = await release.install(selling);
    expect(notes).toContain("computenetwork/market computeoffer/h100");
    expect(await names("crd")).toEqual(definitions);
    expect(await names("computenetwork,computeoffer")).toEqual([
      "computenetwork.berthage.dev/market",
      "computeoffer.berthage.dev/h100",
    ]);
    expect(await names("deployment", `-n=${namespace}`)).toEqual(["deployment.apps/berthage"]);
    networkUid = await field("computenetwork/market", ".metadata.uid");
  });

  it("is upgraded in place: what is sold stays the same object", async () => {
    await release.upgrade({ ...selling, offers: { h100: dearer }, replicas: 3, operator: { logLevel: "debug" } });
    expect(await field("deployment/berthage", ".spec.replicas")).toBe("3");
    expect(await field("computeoffer/h100", ".spec.price.perUnitHour")).toBe("2600000");
    expect(await field("computenetwork/market", ".metadata.uid")).toBe(networkUid);
  });

  it("goes back to an earlier revision, price and all", async () => {
    await release.rollback(1);
    expect(await field("deployment/berthage", ".spec.replicas")).toBe("2");
    expect(await field("computeoffer/h100", ".spec.price.perUnitHour")).toBe("2500000");
  });

  it("leaves an offer that the values no longer name: it ends when its owner deletes it", async () => {
    await release.upgrade({ networks: selling.networks });
    expect(await names("computeoffer")).toEqual(["computeoffer.berthage.dev/h100"]);
  });

  it("says which field another tool changed, instead of undoing it, until told that it is helm's", async () => {
    const patch = '{"spec":{"capacity":{"maxUnits":4}}}';
    await cluster.kubectl(["patch", "computeoffer/h100", "--type=merge", "--field-manager=someone", `-p=${patch}`]);
    await expect(release.upgrade(selling)).rejects.toThrow(/conflict.*\.spec\.capacity\.maxUnits/s);
    expect(await field("computeoffer/h100", ".spec.capacity.maxUnits")).toBe("4");
    const takeOver = ["apply", "--server-side", "--force-conflicts", "--field-manager=helm", "-f", "-"];
    await cluster.kubectl(takeOver, await release.hooks());
    await release.upgrade({ ...selling, offers: { h100: { ...offerSpec, capacity: { maxUnits: 6 } } } });
    expect(await field("computeoffer/h100", ".spec.capacity.maxUnits")).toBe("6");
  });

  it("tells in the API server's words why an offer is wrong", async () => {
    const wrong = { ...offerSpec, unit: { cpu: 4, memory: "8Gi", ephemeralStorage: "9Gi" } };
    await expect(release.upgrade({ ...selling, offers: { h100: wrong } })).rejects.toThrow(
      "the unit cannot change under tenants who lease it",
    );
  });

  it("is uninstalled without a trace of the operator, and keeps what is sold", async () => {
    expect(await names(namespaced, `-n=${namespace}`, ours)).not.toEqual([]);
    await release.uninstall();
    expect(await names(namespaced, `-n=${namespace}`, ours)).toEqual([]);
    expect(await names(clusterWide, ours)).toEqual([]);
    expect(await names("crd")).toEqual(definitions);
    expect(await field("computenetwork/market", ".metadata.uid")).toBe(networkUid);
  });

  it("adopts everything when it is installed again", async () => {
    await release.install({ ...selling, offers: { h100: dearer } });
    expect(await field("computenetwork/market", ".metadata.uid")).toBe(networkUid);
    expect(await field("computeoffer/h100", ".spec.price.perUnitHour")).toBe("2600000");
  });

  it("takes the definitions with it only where crds.keep is false", async () => {
    await release.upgrade({ crds: { keep: false } });
    await release.uninstall();
    await cluster.kubectl(["wait", "--for=delete", "crd", "--all", "--timeout=30s"]);
    expect(await names("crd")).toEqual([]);
  });

  it("takes definitions over that were applied by hand, when told to", async () => {
    await cluster.kubectl(["apply", "--server-side", "-f", crdFolder]);
    await expect(release.install(selling)).rejects.toThrow("cannot be imported into the current release");
    await release.install(selling, "--take-ownership");
    expect(await names("crd", ours)).toEqual(definitions);
    expect(await names("computeoffer")).toEqual(["computeoffer.berthage.dev/h100"]);
  });
});
