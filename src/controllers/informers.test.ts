import { describe, expect, it } from "vitest";
import { leaseLabels } from "../api/names.ts";
import type { ObjectMeta } from "../kube/resource.ts";
import { leaseNameOf } from "./informers.ts";

const labels = leaseLabels({ network: "market", leaseId: "7", offer: "h100", tenant: "0xAb" });

describe("leaseNameOf", () => {
  it.each<[string, ObjectMeta]>([
    ["its namespace", { name: "lease-market-7", labels }],
    ["what stands in it", { name: "web", namespace: "lease-market-7", labels }],
  ])("knows %s", (_, metadata) => {
    expect(leaseNameOf({ metadata })).toBe("market-7");
  });

  it.each<[string, ObjectMeta]>([
    ["an object of somebody else who copied the labels", { name: "web", namespace: "office", labels }],
    ["an object of another lease", { name: "web", namespace: "lease-market-8", labels }],
    ["a namespace of another name", { name: "office", labels }],
    ["what has no labels", { name: "web", namespace: "lease-market-7" }],
    ["labels that are no lease's", { name: "lease-a-b", labels: { ...labels, "berthage.dev/lease": "b" } }],
  ])("does not take %s for a lease's", (_, metadata) => {
    expect(leaseNameOf({ metadata })).toBeUndefined();
  });
});
