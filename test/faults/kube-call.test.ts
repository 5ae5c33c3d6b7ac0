import { describe, expect, test } from "vitest";
import { kubeCall } from "./kube-call.ts";

const none = { subresource: "", namespace: "", name: "" };

describe("kubeCall", () => {
  test.each([
    ["GET", "/api/v1/nodes?limit=500", { verb: "list", resource: "nodes" }],
    ["GET", "/api/v1/pods?watch=true&resourceVersion=5", { verb: "watch", resource: "pods" }],
    ["GET", "/api/v1/namespaces/a", { verb: "get", resource: "namespaces", name: "a" }],
    ["DELETE", "/api/v1/namespaces/a", { verb: "delete", resource: "namespaces", name: "a" }],
    ["POST", "/api/v1/namespaces/a/services", { verb: "create", resource: "services", namespace: "a" }],
    [
      "PATCH",
      "/apis/apps/v1/namespaces/a/deployments/web?fieldManager=berthage",
      { verb: "patch", resource: "deployments", namespace: "a", name: "web" },
    ],
    [
      "PATCH",
      "/apis/berthage.dev/v1alpha1/computeleases/market-1/status",
      { verb: "patch", resource: "computeleases", name: "market-1", subresource: "status" },
    ],
    [
      "PUT",
      "/apis/coordination.k8s.io/v1/namespaces/s/leases/berthage",
      { verb: "update", resource: "leases", namespace: "s", name: "berthage" },
    ],
  ] as const)("%s %s", (method, path, expected) => {
    expect(kubeCall({ method, path })).toEqual({ ...none, ...expected });
  });

  test.each(["/version", "/readyz", "/apis", "/api/v1"])("%s names no resource", (path) => {
    expect(kubeCall({ method: "GET", path })).toBeUndefined();
  });
});
