import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSubset } from "./drift.ts";

const pod = (container: object, rest: object = {}): object => ({
  spec: { containers: [{ name: "c", ...container }], ...rest },
});

describe("no drift", () => {
  test.each<[string, object, object]>([
    ["defaults that the server adds", { spec: { a: 1 } }, { spec: { a: 1, b: 2 }, status: {} }],
    ["undefined in what is desired", { a: undefined }, { a: 1 }],
    ["empty values that the server omits", { labels: {}, list: [], text: "", nothing: null }, {}],
    ["false and zero that Go omits", { hostNetwork: false, initialDelaySeconds: 0 }, {}],
    [
      "quantities of the same amount",
      pod({ resources: { limits: { cpu: "1500m" } } }),
      pod({ resources: { limits: { cpu: "1.5" } } }),
    ],
    ["a size limit of the same amount", { emptyDir: { sizeLimit: "1024Mi" } }, { emptyDir: { sizeLimit: "1Gi" } }],
    ["another manager's container", pod({}), { spec: { containers: [{ name: "sidecar" }, { name: "c" }] } }],
    ["another manager's condition", { conditions: [{ type: "A" }] }, { conditions: [{ type: "B" }, { type: "A" }] }],
    ["another's finalizer", { finalizers: ["a"] }, { finalizers: ["b", "a"] }],
    ["write-only stringData", { stringData: { a: "x" } }, { data: { a: "eA==" } }],
    ["defaults inside an atomic list", { ports: [{ port: 53 }] }, { ports: [{ port: 53, protocol: "TCP" }] }],
  ])("%s", (_, desired, observed) => {
    expect(isSubset(desired, observed)).toBe(true);
  });
});

describe("drift", () => {
  test.each<[string, object, object]>([
    ["another value", { a: 1 }, { a: 2 }],
    ["another type", { a: "1" }, { a: 1 }],
    ["a missing field", { a: 1 }, {}],
    ["a false that is no default", { automountServiceAccountToken: false }, {}],
    ["an emptied list", { list: [] }, { list: [1] }],
    ["a longer atomic list", { command: ["a"] }, { command: ["a", "b"] }],
    ["another order of an atomic list", { command: ["a", "b"] }, { command: ["b", "a"] }],
    ["a missing container", pod({}), { spec: { containers: [{ name: "other" }] } }],
    ["a changed container", pod({ image: "a" }), pod({ image: "b" })],
    ["a missing finalizer", { finalizers: ["a"] }, { finalizers: [] }],
    ["more of a quantity", { limits: { memory: "1Gi" } }, { limits: { memory: "1G" } }],
    [
      "text that looks like the same quantity",
      { env: [{ name: "a", value: "1000m" }] },
      { env: [{ name: "a", value: "1" }] },
    ],
    ["other secret data", { stringData: { a: "x" } }, { data: { a: "eQ==" } }],
    ["a list where a map was", { a: {} }, { a: [] }],
  ])("%s", (_, desired, observed) => {
    expect(isSubset(desired, observed)).toBe(false);
  });
});

test("everything contains itself, and itself with more beside it", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue()), (object) => {
      expect(isSubset(object, object)).toBe(true);
      expect(isSubset(object, { ...object, ZZZ: 1 })).toBe(true);
    }),
  );
});
