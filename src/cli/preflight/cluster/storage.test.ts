import { expect, test } from "vitest";
import { defaultStorageFinding } from "./storage.ts";

test.each([
  ["none is", [], "ok", "none"],
  ["one is", ["fast"], "ok", "fast"],
  ["two are", ["fast", "slow"], "warn", "several: fast, slow"],
])("the default StorageClass when %s", (_what, names, result, words) => {
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  const classes = [{ metadata: { name: "other" } }, ...names.map((name) => ({ metadata: { name, annotations } }))];
  expect(defaultStorageFinding(classes)).toMatchObject({ result, detail: expect.stringContaining(words) });
});
