import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import { beforeEach, describe, expect, test } from "vitest";
import { KubeClient } from "../../../src/kube/client.ts";
import { configMaps } from "../../../src/kube/core.ts";
import { Informer, type InformerChange, type InformerOptions } from "../../../src/kube/informer.ts";
import { noMetrics } from "../../../src/kube/metrics.ts";
import { eventually } from "../../harness/wait.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { configMap, useCluster } from "./fixture.ts";
import { type Interposer, startInterposer, statusBody } from "./interposer.ts";

const fieldManager = "test";
const fixture = useCluster();
let proxy: Interposer;
let namespace: string;

beforeEach(async () => {
  namespace = await fixture.namespace();
  proxy = await startInterposer(fixture.cluster);
  fixture.cleanup(() => proxy.close());
});

interface Observed {
  readonly informer: Informer<IConfigMap>;
  readonly changes: InformerChange<IConfigMap>[];
  /** `type name=x` of each change. */
  told(): string[];
  relists(): number;
  /** Why watches ended. */
  readonly ends: string[];
}

/** A running informer of the test's namespace that sees the API server through the interposer. */
function observe(options: InformerOptions<IConfigMap> = {}): Observed {
  const client = new KubeClient(proxy.config);
  fixture.cleanup(() => client.close());
  let relists = 0;
  const ends: string[] = [];
  const metrics = {
    ...noMetrics,
    relisted: (): void => void relists++,
    watchEnded: (_resource: string, cause: string): void => void ends.push(cause),
  };
  const informer = new Informer(client, configMaps, { namespace, metrics, random: () => 0, ...options });
  const changes: InformerChange<IConfigMap>[] = [];
  informer.onChange((change) => changes.push(change));
  const running = informer.run(fixture.signal());
  fixture.cleanup(() => void running);
  const told = (): string[] =>
    changes.map(({ type, object }) => `${type} ${object.metadata?.name}=${object.data?.["x"] ?? ""}`);
  return { informer, changes, told, relists: () => relists, ends };
}

const put = (name: string, x: string): Promise<IConfigMap> =>
  fixture.client.apply(configMaps, configMap(namespace, name, { x }), { fieldManager });

const has = (informer: Informer<IConfigMap>, name: string, x: string): Promise<true> =>
  eventually(`${name}=${x} in the cache`, () =>
    informer.store.get(`${namespace}/${name}`)?.data?.["x"] === x ? true : undefined,
  );

const watches = (): number => proxy.seen.filter((request) => request.query.has("watch")).length;

describe("an informer", () => {
  test("streams its first list, then follows adds, updates and deletes", async () => {
    await put("a", "1");
    const seen = observe();
    await seen.informer.synced();
    expect(seen.changes).toMatchObject([{ type: "added", initial: true, object: { metadata: { name: "a" } } }]);
    await put("a", "2");
    await put("b", "1");
    await fixture.client.delete(configMaps, { namespace, name: "a" });
    await eventually("the deletion", () => (seen.informer.store.size === 1 && seen.changes.length === 4) || undefined);
    expect(seen.told()).toEqual(["added a=1", "updated a=2", "added b=1", "deleted a=2"]);
    expect(seen.changes.slice(1).every((change) => !change.initial)).toBe(true);
    expect(proxy.seen.map((request) => request.query.get("sendInitialEvents"))).toEqual(["true"]);
  });

  test("keeps no managedFields and projects with its transform", async () => {
    await put("a", "1");
    const { informer } = observe({ transform: ({ data: _, ...rest }) => rest });
    await informer.synced();
    const [object] = informer.store.list();
    expect(object).not.toHaveProperty("data");
    expect(object?.metadata).not.toHaveProperty("managedFields");
    expect(object?.metadata?.uid).toBeDefined();
  });

  test("tells a late handler of everything there is, and survives a handler that throws", async () => {
    const { informer } = observe();
    informer.onChange(() => {
      throw new Error("a bug of somebody's");
    });
    await put("a", "1");
    await has(informer, "a", "1");
    const late: string[] = [];
    informer.onChange(({ type, object }) => late.push(`${type} ${object.metadata?.name}`));
    expect(late).toEqual(["added a"]);
    await put("b", "1");
    await has(informer, "b", "1");
    expect(late).toEqual(["added a", "added b"]);
  });

  test("sees an object recreated under its name while disconnected as deleted and added", async () => {
    const first = await put("a", "1");
    const seen = observe();
    await seen.informer.synced();
    proxy.fault = () => ({ kind: "answer", status: 503, body: statusBody(503, "ServiceUnavailable") });
    proxy.cut();
    await eventually("a broken watch", () => seen.ends[0]);
    await fixture.client.delete(configMaps, { namespace, name: "a" });
    const second = await put("a", "2");
    proxy.fault = () => undefined;
    await has(seen.informer, "a", "2");
    expect(seen.changes.map(({ type, object }) => [type, object.metadata?.uid])).toEqual([
      ["added", first.metadata?.uid],
      ["deleted", first.metadata?.uid],
      ["added", second.metadata?.uid],
    ]);
  });
});

describe("a reflector", () => {
  test("falls back to pages when the server refuses to stream lists", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await put(name, "1");
    proxy.fault = ({ query }) =>
      query.has("sendInitialEvents") ? { kind: "answer", status: 422, body: statusBody(422, "Invalid") } : undefined;
    const { informer } = observe({ pageSize: 2 });
    await informer.synced();
    expect(informer.store.size).toBe(5);
    const lists = proxy.seen.filter((request) => !request.query.has("watch"));
    expect(lists.map((request) => [request.query.get("limit"), request.query.has("continue")])).toEqual([
      ["2", false],
      ["2", true],
      ["2", true],
    ]);
    await put("f", "1");
    await has(informer, "f", "1");
  });

  test("lists whole when a page's token has expired", async () => {
    for (const name of ["a", "b", "c"]) await put(name, "1");
    proxy.fault = ({ query }) => {
      if (query.has("sendInitialEvents")) return { kind: "answer", status: 400, body: statusBody(400, "BadRequest") };
      return query.has("continue") ? { kind: "answer", status: 410, body: statusBody(410, "Expired") } : undefined;
    };
    const { informer } = observe({ pageSize: 2 });
    await informer.synced();
    expect(informer.store.size).toBe(3);
  });

  test("resumes a broken watch where it was, without a list", async () => {
    const seen = observe();
    await seen.informer.synced();
    await put("a", "1");
    await has(seen.informer, "a", "1");
    const version = seen.informer.resourceVersion;
    proxy.cut();
    await eventually("a second watch", () => (watches() === 2 ? true : undefined));
    expect(proxy.seen.at(-1)?.query.get("resourceVersion")).toBe(version);
    await put("a", "2");
    await has(seen.informer, "a", "2");
    expect(seen.relists()).toBe(1);
  });

  test("lists again after a real 410 and tells what was missed", async () => {
    await put("gone", "1");
    const seen = observe();
    await seen.informer.synced();
    await put("a", "1");
    await has(seen.informer, "a", "1");
    proxy.fault = () => ({ kind: "answer", status: 503, body: statusBody(503, "ServiceUnavailable") });
    proxy.cut();
    await put("a", "2");
    await fixture.client.delete(configMaps, { namespace, name: "gone" });
    await fixture.cluster.compact();
    await fixture.cluster.stopApiServer(); // its watch cache would still hold the compacted events
    await fixture.cluster.startApiServer();
    await put("b", "1");
    proxy.fault = () => undefined;
    await has(seen.informer, "b", "1");
    expect(seen.ends).toContain("gone");
    expect(seen.relists()).toBe(2);
    expect(seen.told().slice(2).sort()).toEqual(["added b=1", "deleted gone=1", "updated a=2"]);
  });

  test("lists again when the stream itself says 410", async () => {
    const seen = observe();
    await seen.informer.synced();
    let injected = false;
    proxy.fault = ({ query }) => {
      if (injected || query.has("sendInitialEvents")) return undefined;
      injected = true;
      return { kind: "inject", line: JSON.stringify({ type: "ERROR", object: statusBody(410, "Expired") }) };
    };
    proxy.cut();
    await eventually("a second list", () => (seen.relists() === 2 ? true : undefined));
    expect(seen.ends).toContain("gone");
  });

  test("does not trust a stream that it cannot parse", async () => {
    const seen = observe();
    await seen.informer.synced();
    let injected = false;
    proxy.fault = ({ query }) => {
      if (injected || query.has("sendInitialEvents")) return undefined;
      injected = true;
      return { kind: "inject", line: '{"type":"ADDED","object":{"metad' };
    };
    proxy.cut();
    await eventually("a second list", () => (seen.relists() === 2 ? true : undefined));
    await put("a", "1");
    await has(seen.informer, "a", "1");
  });

  test("ends a watch that hangs silently, and catches up", async () => {
    const seen = observe({ idleSeconds: 1 });
    await seen.informer.synced();
    proxy.mute = true;
    await put("a", "1");
    await eventually("the watchdog", () => (seen.ends.includes("idle") ? true : undefined));
    expect(seen.informer.store.size).toBe(0);
    proxy.mute = false;
    await has(seen.informer, "a", "1");
    expect(seen.relists()).toBe(1);
  });

  test("moves its version on by bookmarks while its own objects rest", async () => {
    const seen = observe();
    await seen.informer.synced();
    proxy.fault = () => ({
      kind: "inject",
      line: JSON.stringify({
        type: "BOOKMARK",
        object: { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: "999999" } },
      }),
    });
    proxy.cut();
    await eventually("the bookmark's version", () => (seen.informer.resourceVersion === "999999" ? true : undefined));
    expect(seen.relists()).toBe(1);
    expect(seen.changes).toEqual([]);
  });

  test("rides out a restart of the API server", async () => {
    const seen = observe();
    await seen.informer.synced();
    await fixture.cluster.stopApiServer();
    expect(seen.informer.hasSynced()).toBe(true);
    await fixture.cluster.startApiServer();
    await put("a", "1");
    await has(seen.informer, "a", "1");
  });

  test("keeps trying when the first list fails in every way, waiting as long as the server asks", async () => {
    const answers = [
      { status: 500, reason: "InternalError" },
      { status: 503, reason: "ServiceUnavailable" },
      { status: 404, reason: "NotFound" },
    ];
    proxy.fault = () => {
      const next = answers.shift();
      return next && { kind: "answer", status: next.status, body: statusBody(next.status, next.reason) };
    };
    await put("a", "1");
    const { informer } = observe();
    await informer.synced();
    expect(answers).toEqual([]);
    expect(informer.store.size).toBe(1);
  });

  test("keeps its place when its token is refused for a while", async () => {
    const seen = observe();
    await seen.informer.synced();
    let refusals = 3;
    proxy.fault = () =>
      refusals-- > 0 ? { kind: "answer", status: 401, body: statusBody(401, "Unauthorized") } : undefined;
    proxy.cut();
    await put("a", "1");
    await has(seen.informer, "a", "1");
    expect(seen.relists()).toBe(1);
  });

  test("comes back ever more slowly to a server that stays in trouble", async () => {
    const clock = new ManualClock();
    let answers = 0;
    proxy.fault = () => {
      answers += 1;
      return { kind: "answer", status: 500, body: statusBody(500, "InternalError") };
    };
    observe({ clock, random: () => 0.5 });
    const pauses: number[] = [];
    for (let failures = 1; failures <= 8; failures++) {
      // a request in flight has the watchdog's timer of 150 s only, a pause is shorter
      await eventually("a pause", () => (answers === failures && clock.untilNext <= 30_000) || undefined);
      pauses.push(clock.untilNext / 1000);
      await clock.advance(clock.untilNext);
    }
    expect(pauses).toEqual([0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15, 15]);
  });

  test("selects by label, and an object that leaves the selection is deleted from the cache", async () => {
    await put("a", "1");
    const label = (odd: string): Promise<IConfigMap> =>
      fixture.client.mergePatch(
        configMaps,
        { namespace, name: "a" },
        { metadata: { labels: { odd } } },
        { fieldManager },
      );
    await label("yes");
    await put("b", "1");
    const seen = observe({ labelSelector: "odd=yes" });
    await seen.informer.synced();
    expect(seen.told()).toEqual(["added a=1"]);
    await label("no");
    await eventually("the deletion", () => (seen.informer.store.size === 0 ? true : undefined));
    expect(seen.told()).toEqual(["added a=1", "deleted a=1"]);
  });
});
