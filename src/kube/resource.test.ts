import { describe, expect, test } from "vitest";
import { deployments, events, namespaces, nodes, pods } from "./core.ts";
import { apiVersionOf, controllerOf, keyOf, pathOf, refOf } from "./resource.ts";

describe("paths", () => {
  test.each([
    [pathOf(nodes), "/api/v1/nodes"],
    [pathOf(nodes, undefined, "a"), "/api/v1/nodes/a"],
    [pathOf(pods), "/api/v1/pods"],
    [pathOf(pods, "ns", "a", "status"), "/api/v1/namespaces/ns/pods/a/status"],
    [pathOf(deployments, "ns"), "/apis/apps/v1/namespaces/ns/deployments"],
    [pathOf(events, "ns", "a"), "/apis/events.k8s.io/v1/namespaces/ns/events/a"],
    [pathOf(namespaces, "ignored", "a"), "/api/v1/namespaces/a"],
    [pathOf(nodes, undefined, "../secrets?x"), "/api/v1/nodes/..%2Fsecrets%3Fx"],
  ])("%s", (path, wanted) => {
    expect(path).toBe(wanted);
  });
});

test("keys name objects, and refs are their reverse", () => {
  expect(keyOf({ metadata: { name: "a", namespace: "ns" } })).toBe("ns/a");
  expect(keyOf({ metadata: { name: "a" } })).toBe("a");
  expect(keyOf({})).toBe("");
  expect(refOf("ns/a")).toEqual({ namespace: "ns", name: "a" });
  expect(refOf("a")).toEqual({ name: "a" });
});

test("the core group has no name", () => {
  expect([apiVersionOf(pods), apiVersionOf(deployments)]).toEqual(["v1", "apps/v1"]);
});

test("an owner needs a UID", () => {
  const owner = { metadata: { name: "a", uid: "u" } };
  const reference = { apiVersion: "v1", kind: "Namespace", name: "a", uid: "u" };
  expect(controllerOf(namespaces, owner)).toEqual({ ...reference, controller: true, blockOwnerDeletion: true });
  expect(() => controllerOf(namespaces, { metadata: { name: "a" } })).toThrow("Namespace a cannot own objects");
});
