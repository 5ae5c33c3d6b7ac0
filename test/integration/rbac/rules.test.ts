import { describe, expect, it } from "vitest";
import { operatorPermissions, type Permission } from "../../../src/cli/preflight/permissions.ts";
import { renderPolicies, renderRoles } from "../../harness/privileges.ts";
import { inWords, type Right, rightsOf } from "../../support/rbac/rights.ts";

const roles: Readonly<Record<Permission["scope"], string>> = {
  cluster: "ClusterRole berthage-operator",
  lease: "ClusterRole berthage-lease",
  operator: "Role berthage-system/berthage-operator",
  default: "Role default/berthage-events",
};

function rightsOfPermission({ scope, verbs, ...rest }: Permission): readonly Right[] {
  return verbs.map((verb) => ({ role: roles[scope], verb, ...rest }));
}

describe("the chart's roles", () => {
  it("give exactly what preflight asks about", async () => {
    const rendered = rightsOf(await renderRoles()).map(inWords);
    expect(new Set(rendered).size).toBe(rendered.length);
    expect(rendered.toSorted()).toEqual(operatorPermissions.flatMap(rightsOfPermission).map(inWords).toSorted());
  });

  it("give no power over Secrets or workloads in the whole cluster, and none to give more", async () => {
    const clusterWide = rightsOf(await renderRoles()).filter(({ role }) => role === roles.cluster);
    const writing = clusterWide.filter(({ verb }) => !["get", "list", "watch"].includes(verb));
    const written = new Set(writing.map(({ group, resource }) => `${group}/${resource.split("/")[0]}`));
    expect([...written].toSorted()).toEqual([
      "/namespaces",
      "berthage.dev/computeleases",
      "berthage.dev/computenetworks",
      "berthage.dev/computeoffers",
      "rbac.authorization.k8s.io/clusterroles",
      "rbac.authorization.k8s.io/rolebindings",
    ]);
    expect(clusterWide.filter(({ resource }) => resource === "secrets")).toEqual([]);
    const bound = clusterWide.filter(({ verb }) =>
      ["bind", "escalate", "impersonate", "approve", "sign"].includes(verb),
    );
    expect(bound).toMatchObject([{ verb: "bind", resource: "clusterroles", name: "berthage-lease" }]);
  });

  it("are left to the admin where rbac.create is false", async () => {
    await expect(renderRoles(["rbac.create=false"])).rejects.toThrow("could not find template");
    const own = await renderPolicies(["rbac.create=false", "rbac.leaseClusterRole=our-own"]);
    expect(own).toContain('object.roleRef.name == "our-own"');
  });

  it("and the policies follow the names of release, account and namespace", async () => {
    const policies = await renderPolicies(["serviceAccount.name=seller", "fullnameOverride=sales"]);
    expect(policies).toContain('"system:serviceaccount:berthage-system:seller"');
    expect(policies).toContain('object.roleRef.name == "sales-lease"');
    expect(policies).not.toContain("name: berthage-lease");
  });
});
