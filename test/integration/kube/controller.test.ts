import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import { expect, test } from "vitest";
import { Controller } from "../../../src/kube/controller.ts";
import { configMaps } from "../../../src/kube/core.ts";
import { ensure } from "../../../src/kube/ensure.ts";
import { Informer } from "../../../src/kube/informer.ts";
import { silentLogger } from "../../../src/kube/logger.ts";
import { informerSource } from "../../../src/kube/source.ts";
import { eventually } from "../../harness/wait.ts";
import { configMap, useCluster } from "./fixture.ts";
import { recordingMetrics } from "./recording-metrics.ts";

const fixture = useCluster();
const fieldManager = "copier";

/** Copies every ConfigMap `source-*` to `copy-*`: a whole operator in a screen. */
async function startCopier(namespace: string) {
  const signal = fixture.signal();
  const { metrics, calls } = recordingMetrics();
  const client = await fixture.connect({ metrics });
  const informer = new Informer<IConfigMap>(client, configMaps, { namespace });
  const { store } = informer;
  const controller = new Controller(
    {
      name: "configmap.copy",
      sources: [informerSource(informer, ({ metadata }) => [(metadata?.name ?? "").replace(/^(source|copy)-/, "")])],
      concurrency: 4,
      async reconcile(name, callSignal) {
        const source = store.get(`${namespace}/source-${name}`);
        if (source === undefined) return undefined;
        const desired = configMap(namespace, `copy-${name}`, source.data ?? {});
        const observed = store.get(`${namespace}/copy-${name}`);
        await ensure(client, configMaps, desired, observed, { fieldManager, signal: callSignal });
        return undefined;
      },
    },
    { logger: silentLogger, metrics },
  );
  const running = Promise.all([informer.run(signal), controller.run(signal)]);
  fixture.cleanup(() => void running);
  return { controller, informer, calls };
}

test("a controller converges, mends, and is quiet then", async () => {
  const namespace = await fixture.namespace();
  const { client } = fixture;
  const names = Array.from({ length: 20 }, (_, i) => String(i));
  const put = (name: string, x: string): Promise<IConfigMap> =>
    client.apply(configMaps, configMap(namespace, `source-${name}`, { x }), { fieldManager: "test" });
  await Promise.all(names.map((name) => put(name, "1")));

  const { calls, informer, controller } = await startCopier(namespace);
  const copied = (name: string, x: string): boolean =>
    informer.store.get(`${namespace}/copy-${name}`)?.data?.["x"] === x;
  await eventually("all copies", () => names.every((name) => copied(name, "1")) || undefined);

  await put("3", "2");
  await eventually("the change", () => copied("3", "2") || undefined);
  await client.delete(configMaps, { namespace, name: "copy-5" });
  await eventually(
    "the deletion mended",
    async () => (await client.get(configMaps, { namespace, name: "copy-5" })).data,
  );
  await client.mergePatch(configMaps, { namespace, name: "copy-7" }, { data: { x: "9" } }, { fieldManager: "hand" });
  await eventually("the edit mended and seen", async () => {
    const live = await client.get(configMaps, { namespace, name: "copy-7" });
    const cached = informer.store.get(`${namespace}/copy-7`);
    const settled = cached?.metadata?.resourceVersion === live.metadata?.resourceVersion;
    return (live.data?.["x"] === "1" && settled && controller.unfinished().seconds === 0) || undefined;
  });

  // each touch of an object is one more look that must not write
  const writes = (): number => calls.filter((call) => /request (create|apply|patch)/.test(call)).length;
  const before = writes();
  const looks = (): number => calls.filter((call) => call.startsWith("reconcile")).length;
  const looksBefore = looks();
  const labels = { touched: "yes" };
  for (const name of names) {
    const ref = { namespace, name: `source-${name}` };
    await client.mergePatch(configMaps, ref, { metadata: { labels } }, { fieldManager: "test" });
  }
  await eventually("a look at each", () => looks() >= looksBefore + names.length || undefined);
  expect(writes()).toBe(before);
  expect(calls).not.toContain("reconcile configmap.copy error");
});

test("a restart looks at everything and writes nothing", async () => {
  const namespace = await fixture.namespace();
  const desired = configMap(namespace, "copy-a", { x: "1" });
  await fixture.client.create(configMaps, configMap(namespace, "source-a", { x: "1" }), { fieldManager: "test" });
  await ensure(fixture.client, configMaps, desired, undefined, { fieldManager });
  const { calls } = await startCopier(namespace);
  await eventually("a look", () => calls.find((call) => call === "reconcile configmap.copy success"));
  expect(calls.filter((call) => /request (create|apply|patch|update|delete)/.test(call))).toEqual([]);
});
