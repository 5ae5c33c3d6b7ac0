import type { IEvent } from "kubernetes-models/events.k8s.io/v1/Event";
import { expect, test } from "vitest";
import { KubeClient } from "../../../src/kube/client.ts";
import { configMaps, events, namespaces } from "../../../src/kube/core.ts";
import { type EventInput, EventRecorder } from "../../../src/kube/events.ts";
import type { KubeObject } from "../../../src/kube/resource.ts";
import { eventually } from "../../harness/wait.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { configMap, useCluster } from "./fixture.ts";
import { startInterposer, statusBody } from "./interposer.ts";
import { recordingMetrics } from "./recording-metrics.ts";

const fixture = useCluster();
const component = "example.com/test";
const ready: EventInput = { type: "Normal", reason: "WorkloadReady", action: "Provision", note: "all pods are ready" };

async function subject(): Promise<KubeObject> {
  const namespace = await fixture.namespace();
  return fixture.client.create(configMaps, configMap(namespace, "a"), { fieldManager: "test" });
}

async function eventsOf(object: KubeObject): Promise<IEvent[]> {
  const namespace = object.metadata?.namespace ?? "default";
  const { items } = await fixture.client.list(events, { namespace });
  return items.filter((event) => event.regarding?.uid === object.metadata?.uid);
}

test("an event names what it regards and who reports it", async () => {
  const object = await subject();
  const recorder = new EventRecorder(fixture.client, { component, instance: "pod-1" });
  recorder.event(object, ready);
  await recorder.flush();
  const [event, ...more] = await eventsOf(object);
  expect(more).toEqual([]);
  const regarding = { apiVersion: "v1", kind: "ConfigMap", name: "a", namespace: object.metadata?.namespace };
  expect(event).toMatchObject({ ...ready, reportingController: component, reportingInstance: "pod-1", regarding });
  expect(event).not.toHaveProperty("series");
});

test("an event of a cluster-scoped object goes to the default namespace", async () => {
  const object = await fixture.client.get(namespaces, { name: "default" });
  const recorder = new EventRecorder(fixture.client, { component });
  recorder.event(object, ready);
  await recorder.flush();
  expect((await eventsOf(object)).map((event) => event.metadata?.namespace)).toEqual(["default"]);
});

test("repetitions become a series of one event, other notes an event of their own", async () => {
  const object = await subject();
  const recorder = new EventRecorder(fixture.client, { component });
  for (let i = 0; i < 5; i++) recorder.event(object, ready);
  recorder.event(object, { ...ready, note: "two pods are ready" });
  await recorder.flush();
  recorder.event(object, ready);
  await recorder.flush();
  const counts = (await eventsOf(object)).map((event) => [event.note, event.series?.count]);
  expect(counts.sort()).toEqual([
    ["all pods are ready", 6],
    ["two pods are ready", undefined],
  ]);
});

test("what repeats after a long pause is a new event", async () => {
  const object = await subject();
  const clock = new ManualClock();
  const recorder = new EventRecorder(fixture.client, { component, clock });
  recorder.event(object, ready);
  await recorder.flush();
  await clock.advance(7 * 60_000);
  recorder.event(object, ready);
  await recorder.flush();
  expect(await eventsOf(object)).toHaveLength(2);
});

test("a flood from one object is cut, and others are still heard", async () => {
  const [noisy, quiet] = [await subject(), await subject()];
  const clock = new ManualClock();
  const { metrics, calls } = recordingMetrics();
  const recorder = new EventRecorder(fixture.client, { component, clock, metrics });
  for (let i = 0; i < 40; i++) recorder.event(noisy, { ...ready, note: `attempt ${i}` });
  recorder.event(quiet, ready);
  await recorder.flush();
  expect(await eventsOf(noisy)).toHaveLength(25);
  expect(await eventsOf(quiet)).toHaveLength(1);
  expect(calls).toEqual(Array.from({ length: 15 }, () => "dropped rate"));
  await clock.advance(300_000);
  recorder.event(noisy, { ...ready, note: "one more" });
  await recorder.flush();
  expect(await eventsOf(noisy)).toHaveLength(26);
});

test("long notes are cut to what the API takes", async () => {
  const object = await subject();
  const recorder = new EventRecorder(fixture.client, { component });
  recorder.event(object, { ...ready, note: "x".repeat(5000) });
  await recorder.flush();
  expect((await eventsOf(object)).map((event) => event.note?.length)).toEqual([1024]);
});

test("a server in trouble is tried again, and one that refuses is not", async () => {
  const object = await subject();
  const proxy = await startInterposer(fixture.cluster);
  fixture.cleanup(() => proxy.close());
  const client = new KubeClient(proxy.config);
  fixture.cleanup(() => client.close());
  const { metrics, calls } = recordingMetrics();
  const recorder = new EventRecorder(client, { component, metrics, random: () => 0 });

  let failures = 2;
  proxy.fault = () =>
    failures-- > 0 ? { kind: "answer", status: 503, body: statusBody(503, "ServiceUnavailable") } : undefined;
  recorder.event(object, ready);
  await eventually("the event", async () => ((await eventsOf(object)).length === 1 ? true : undefined));
  expect(calls).toEqual([]);

  proxy.fault = () => ({ kind: "answer", status: 403, body: statusBody(403, "Forbidden") });
  recorder.event(object, { ...ready, note: "refused" });
  await recorder.flush();
  expect(calls).toEqual(["dropped failed"]);
});
