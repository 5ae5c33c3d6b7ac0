import { expect, test } from "vitest";
import type { ChangeHandler, InformerChange } from "./informer.ts";
import { LOW_PRIORITY } from "./queue.ts";
import type { KubeObject } from "./resource.ts";
import { informerSource, specChanged } from "./source.ts";

const owned = (owner: string): KubeObject => ({ metadata: { name: "a", labels: { owner } } });
const ownerOf = (object: KubeObject): string[] => [object.metadata?.labels?.["owner"] ?? ""];

function fixture(predicate?: (change: InformerChange<KubeObject>) => boolean) {
  const handlers: ChangeHandler<KubeObject>[] = [];
  const enqueued: [string, number | undefined][] = [];
  const informer = {
    onChange: (handler: ChangeHandler<KubeObject>) => void handlers.push(handler),
    hasSynced: () => true,
  };
  const source = informerSource(informer, ownerOf, predicate);
  source.subscribe((key, priority) => enqueued.push([key, priority]));
  return {
    source,
    enqueued,
    tell: (change: InformerChange<KubeObject>) => handlers.forEach((handler) => void handler(change)),
  };
}

test("start-up objects are enqueued low, fresh changes high", () => {
  const { tell, enqueued, source } = fixture();
  tell({ type: "added", object: owned("x"), initial: true });
  tell({ type: "deleted", object: owned("y"), initial: false });
  expect(enqueued).toEqual([
    ["x", LOW_PRIORITY],
    ["y", 0],
  ]);
  expect(source.hasSynced()).toBe(true);
});

test("an object that moves concerns its old and its new owner, one that stays its owner once", () => {
  const { tell, enqueued } = fixture();
  tell({ type: "updated", object: owned("new"), old: owned("old"), initial: false });
  tell({ type: "updated", object: owned("same"), old: owned("same"), initial: false });
  expect(enqueued.map(([key]) => key)).toEqual(["new", "old", "same"]);
});

test("a predicate keeps changes out: specChanged those of the status only", () => {
  const { tell, enqueued } = fixture(specChanged);
  const at = (generation: number, resourceVersion: string, rest: object = {}): KubeObject => ({
    metadata: { name: "a", labels: { owner: "x" }, generation, resourceVersion, ...rest },
  });
  const update = (object: KubeObject): void => tell({ type: "updated", old: at(1, "1"), object, initial: false });
  update(at(1, "2"));
  expect(enqueued).toEqual([]);
  update(at(2, "3"));
  update(at(1, "4", { deletionTimestamp: "2030-01-01T00:00:00Z" }));
  update(at(1, "5", { finalizers: ["f"] }));
  tell({ type: "added", object: at(1, "1"), initial: false });
  expect(enqueued).toHaveLength(4);
});
