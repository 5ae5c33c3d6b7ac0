import { describe, expect, test } from "vitest";
import type { Permission } from "../permissions.ts";
import { inRelease, questionsOf } from "./access.ts";

describe("permissions", () => {
  const permissions: readonly Permission[] = [
    { scope: "cluster", group: "", resource: "nodes", verbs: ["list", "watch"] },
    { scope: "operator", group: "", resource: "secrets", verbs: ["get"] },
    { scope: "lease", group: "apps", resource: "deployments", verbs: ["create"] },
    { scope: "default", group: "events.k8s.io", resource: "events", verbs: ["create"] },
    { scope: "cluster", group: "rbac", resource: "clusterroles", name: "berthage-lease", verbs: ["bind"] },
  ];

  test("are asked call by call, each where it is done", () => {
    expect(questionsOf(permissions, "berthage-system", "lease-market-7")).toEqual([
      { verb: "list", namespace: undefined, group: "", resource: "nodes" },
      { verb: "watch", namespace: undefined, group: "", resource: "nodes" },
      { verb: "get", namespace: "berthage-system", group: "", resource: "secrets" },
      { verb: "create", namespace: "lease-market-7", group: "apps", resource: "deployments" },
      { verb: "create", namespace: "default", group: "events.k8s.io", resource: "events" },
      { verb: "bind", namespace: undefined, group: "rbac", resource: "clusterroles", name: "berthage-lease" },
    ]);
  });

  test("of lease namespaces are not asked where there is none", () => {
    const asked = questionsOf(permissions, "berthage-system", undefined);
    expect(asked.map(({ resource }) => resource)).not.toContain("deployments");
    expect(asked).toHaveLength(5);
  });

  test("name the ClusterRole of the release that there is", () => {
    const named = (role: string | undefined) => inRelease(permissions, role).flatMap(({ name }) => name ?? []);
    expect(named("sell-lease")).toEqual(["sell-lease"]);
    expect(named(undefined)).toEqual(["berthage-lease"]);
  });
});
