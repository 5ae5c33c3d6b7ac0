import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "./resource.ts";
import { type Change, IndexedStore } from "./store.ts";

const object = (name: string, uid: string, resourceVersion: number | string, node = ""): KubeObject => ({
  metadata: { name, uid, resourceVersion: String(resourceVersion), labels: { node } },
});
const indexers = {
  node: (o: KubeObject): string[] => (o.metadata?.labels?.["node"] ? [o.metadata.labels["node"]] : []),
};
const told = (changes: readonly Change<KubeObject>[]): string[] =>
  changes.map(
    ({ type, object: { metadata } }) => `${type} ${metadata?.name}/${metadata?.uid}@${metadata?.resourceVersion}`,
  );

describe("put", () => {
  test("adds, updates and knows a recreated object by its UID", () => {
    const store = new IndexedStore();
    expect(told(store.put(object("a", "u1", 1)))).toEqual(["added a/u1@1"]);
    expect(store.put(object("a", "u1", 2))).toMatchObject([
      { type: "updated", old: { metadata: { resourceVersion: "1" } } },
    ]);
    expect(told(store.put(object("a", "u2", 3)))).toEqual(["deleted a/u1@2", "added a/u2@3"]);
    expect(store.size).toBe(1);
  });

  test("ignores what it has and what is older, comparing versions as numbers", () => {
    const store = new IndexedStore();
    store.put(object("a", "u", 10));
    expect(store.put(object("a", "u", 10))).toEqual([]);
    expect(store.put(object("a", "u", 9))).toEqual([]);
    expect(told(store.put(object("a", "u", 100)))).toEqual(["updated a/u@100"]);
  });

  test("takes any other version where versions are no numbers", () => {
    const store = new IndexedStore();
    store.put(object("a", "u", "x9"));
    expect(store.put(object("a", "u", "x9"))).toEqual([]);
    expect(told(store.put(object("a", "u", "x1")))).toEqual(["updated a/u@x1"]);
  });
});

test("a deletion gives the last state, and one of an earlier namesake changes nothing", () => {
  const store = new IndexedStore();
  store.put(object("a", "u2", 5));
  expect(store.remove(object("a", "u1", 9))).toEqual([]);
  expect(told(store.remove(object("a", "u2", 9)))).toEqual(["deleted a/u2@9"]);
  expect(store.remove(object("a", "u2", 9))).toEqual([]);
});

test("a whole list tells what was missed, and is believed even when versions went back", () => {
  const store = new IndexedStore();
  for (const name of ["same", "changed", "gone", "recreated", "restored"]) store.put(object(name, "u", 50));
  const list = [
    object("same", "u", 50),
    object("changed", "u", 60),
    object("recreated", "v", 61),
    object("restored", "u", 3),
  ];
  expect(told(store.replace([...list, object("new", "u", 62)])).sort()).toEqual([
    "added new/u@62",
    "added recreated/v@61",
    "deleted gone/u@50",
    "deleted recreated/u@50",
    "updated changed/u@60",
    "updated restored/u@3",
  ]);
});

test("an index that nobody made is an error that says so", () => {
  expect(() => new IndexedStore().byIndex("node", "a")).toThrow('no index "node"');
});

test("an object can be found under several values and moves between them", () => {
  const store = new IndexedStore({ letters: (o: KubeObject) => [...(o.metadata?.labels?.["node"] ?? "")] });
  store.put(object("a", "u", 1, "xy"));
  store.put(object("b", "u", 1, "y"));
  const names = (value: string): unknown[] => store.byIndex("letters", value).map((o) => o.metadata?.name);
  expect([names("x"), names("y")]).toEqual([["a"], ["a", "b"]]);
  store.put(object("a", "u", 2, "z"));
  expect([names("x"), names("y"), names("z")]).toEqual([[], ["b"], ["a"]]);
});

test("after any sequence of events the store, its list and its indexes equal a plain map", () => {
  const name = fc.constantFrom("a", "b", "c");
  const node = fc.constantFrom("", "n1", "n2");
  const step = fc.record({ op: fc.constantFrom("put", "recreate", "remove", "replace"), name, node });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = new IndexedStore(indexers);
      const model = new Map<string, KubeObject>();
      const replayed = new Map<string, KubeObject>();
      let version = 0;
      for (const s of steps) {
        version += 1;
        const old = model.get(s.name);
        const uid = s.op === "recreate" ? `u${version}` : (old?.metadata?.uid ?? "u");
        const next = object(s.name, uid, version, s.node);
        let changes: Change<KubeObject>[];
        if (s.op === "remove") {
          model.delete(s.name);
          changes = store.remove(next);
        } else if (s.op === "replace") {
          model.clear();
          model.set(s.name, next);
          changes = store.replace([next]);
        } else {
          model.set(s.name, next);
          changes = store.put(next);
        }
        // whoever follows the changes must arrive at the same state, without surprises
        for (const change of changes) {
          const key = change.object.metadata?.name ?? "";
          expect(replayed.has(key)).toBe(change.type !== "added");
          if (change.type === "deleted") replayed.delete(key);
          else replayed.set(key, change.object);
        }
      }
      expect(new Set(store.list())).toEqual(new Set(model.values()));
      expect(replayed).toEqual(model);
      for (const value of ["n1", "n2"]) {
        const wanted = [...model.values()].filter((o) => o.metadata?.labels?.["node"] === value);
        expect(new Set(store.byIndex("node", value))).toEqual(new Set(wanted));
      }
    }),
  );
});
