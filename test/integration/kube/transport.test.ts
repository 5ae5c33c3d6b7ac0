import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { KubeClient } from "../../../src/kube/client.ts";
import { loadClusterConfig, type TlsMaterial } from "../../../src/kube/config.ts";
import { configMaps, namespaces, nodes } from "../../../src/kube/core.ts";
import { ServerUnavailable, TooManyRequests, Unauthorized } from "../../../src/kube/errors.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { configMap, useCluster } from "./fixture.ts";
import { type Interposer, startInterposer, statusBody } from "./interposer.ts";
import { recordingMetrics } from "./recording-metrics.ts";

const fixture = useCluster({ users: [{ name: "reader", groups: ["system:masters"] }] });
const fieldManager = "test";
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kube-test-"));
  fixture.cleanup(() => rm(directory, { recursive: true }));
});

describe("in-cluster configuration", () => {
  const load = (clock = new ManualClock()): ReturnType<typeof loadClusterConfig> => {
    const { hostname, port } = new URL(fixture.cluster.url);
    const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    return loadClusterConfig({ serviceAccountDir: directory, environment, clock });
  };
  const writeFiles = async (token = fixture.cluster.token): Promise<void> => {
    await writeFile(join(directory, "token"), `${token}\n`);
    await writeFile(join(directory, "namespace"), "here\n");
    await copyFile(fixture.cluster.caFile, join(directory, "ca.crt"));
  };
  const connect = async (clock?: ManualClock): Promise<KubeClient> => {
    const client = new KubeClient(await load(clock));
    fixture.cleanup(() => client.close());
    return client;
  };

  test("needs only the files of a pod's service account", async () => {
    await writeFiles();
    const client = await connect();
    expect(client.namespace).toBe("here");
    expect((await client.get(namespaces, { name: "default" })).metadata?.name).toBe("default");
  });

  test("takes a rotated token up within a minute", async () => {
    await writeFiles();
    const clock = new ManualClock();
    const config = await load(clock);
    const before = (await config.credentials()).headers["authorization"];
    await writeFiles("rotated");
    expect((await config.credentials()).headers["authorization"]).toBe(before);
    await clock.advance(60_000);
    expect((await config.credentials()).headers["authorization"]).toBe("Bearer rotated");
  });

  test("reads the token again at once when the server refuses it", async () => {
    await writeFiles("expired");
    const client = await connect();
    await expect(client.list(nodes)).rejects.toBeInstanceOf(Unauthorized);
    await writeFiles();
    expect((await client.list(nodes)).items).toEqual([]);
  });

  test("keeps the last good token while the file cannot be read", async () => {
    await writeFiles();
    const clock = new ManualClock();
    const client = await connect(clock);
    await client.list(nodes);
    await rm(join(directory, "token"));
    await clock.advance(120_000);
    expect((await client.list(nodes)).items).toEqual([]);
  });

  test("refuses an empty token by the file's name", async () => {
    await writeFiles("");
    await expect(load()).rejects.toThrow(join(directory, "token"));
  });
});

describe("a kubeconfig", () => {
  const write = async (user: object, cluster: object = {}): Promise<string> => {
    const file = join(directory, "kubeconfig");
    const entry = { server: `${fixture.cluster.url}/`, "certificate-authority": fixture.cluster.caFile, ...cluster };
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: entry }],
      users: [{ name: "u", user }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "ns" } }],
      "current-context": "x",
    };
    await writeFile(file, JSON.stringify(kubeconfig));
    return file;
  };
  const works = async (file: string, context?: string): Promise<string> => {
    const config = await loadClusterConfig({ kubeconfig: file, ...(context === undefined ? {} : { context }) });
    const client = new KubeClient(config);
    fixture.cleanup(() => client.close());
    await client.list(nodes);
    return client.namespace;
  };

  test("authenticates by token", async () => {
    expect(await works(await write({ token: fixture.cluster.token }))).toBe("ns");
  });

  test("authenticates by token file, found beside it", async () => {
    await writeFile(join(directory, "t"), `${fixture.cluster.token}\n`);
    expect(await works(await write({ tokenFile: "t" }), "x")).toBe("ns");
  });

  test("authenticates by exec plug-in", async () => {
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: fixture.cluster.token },
    };
    await writeFile(join(directory, "credential.json"), JSON.stringify(credential));
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "cat",
      args: [join(directory, "credential.json")],
      interactiveMode: "Never",
    };
    expect(await works(await write({ exec }))).toBe("ns");
  });

  test("may carry its CA inline, and an unknown CA is refused", async () => {
    const user = { token: fixture.cluster.token };
    const ca = (await readFile(fixture.cluster.caFile)).toString("base64");
    const inline = { "certificate-authority": undefined, "certificate-authority-data": ca };
    expect(await works(await write(user, inline))).toBe("ns");
    await expect(works(await write(user, { "certificate-authority": undefined }))).rejects.toThrow(/self.signed/);
  });

  test("says what is wrong: missing file, missing context, proxy", async () => {
    await expect(loadClusterConfig({ kubeconfig: join(directory, "no") })).rejects.toThrow(/no cannot be read: ENOENT/);
    const file = await write({ token: "t" });
    await expect(loadClusterConfig({ kubeconfig: file, context: "y" })).rejects.toThrow(/has no context "y"/);
    const proxied = await write({ token: "t" }, { "proxy-url": "http://127.0.0.1:1" });
    await expect(loadClusterConfig({ kubeconfig: proxied })).rejects.toThrow(/proxy-url is not supported/);
  });
});

describe("requests", () => {
  let proxy: Interposer;
  beforeEach(async () => {
    proxy = await startInterposer(fixture.cluster);
    fixture.cleanup(() => proxy.close());
  });
  const throttle = (times: number, retryAfter: string): void => {
    let left = times;
    proxy.fault = () => {
      if (left-- <= 0) return undefined;
      const body = statusBody(429, "TooManyRequests", "too many requests, please try again later");
      return { kind: "answer", status: 429, headers: { "retry-after": retryAfter }, body };
    };
  };

  test("that are shed wait as long as the server asks, then go through", async () => {
    const clock = new ManualClock();
    const { metrics, calls } = recordingMetrics();
    const client = new KubeClient(proxy.config, { clock, metrics });
    fixture.cleanup(() => client.close());
    throttle(2, "7");
    const answer = client.list(nodes);
    while (clock.timers === 0) await clock.advance(0);
    await clock.advance(6_999);
    expect(proxy.seen).toHaveLength(1);
    await clock.advance(1);
    while (clock.timers === 0) await clock.advance(0);
    await clock.advance(7_000);
    expect((await answer).items).toEqual([]);
    expect(calls).toEqual(["request list nodes 429", "request list nodes 429", "request list nodes 200"]);
  });

  test("that are shed again and again fail with what the server asked for", async () => {
    const client = new KubeClient(proxy.config);
    fixture.cleanup(() => client.close());
    throttle(99, "0");
    const failure = await client.list(nodes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TooManyRequests);
    expect(failure).toMatchObject({ retryAfterSeconds: 0, message: expect.stringContaining("please try again later") });
    expect(proxy.seen).toHaveLength(6);
  });

  test("that the server fails are not repeated behind the caller's back", async () => {
    const client = new KubeClient(proxy.config);
    fixture.cleanup(() => client.close());
    proxy.fault = () => ({ kind: "answer", status: 503, headers: { "retry-after": "3" }, body: { secret: "hunter2" } });
    const failure = await client.list(nodes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServerUnavailable);
    expect(failure).toMatchObject({ retryAfterSeconds: 3, message: "list nodes: HTTP 503 without a Status body" });
    expect(proxy.seen).toHaveLength(1);
  });

  test("whose answer is lost may have been applied", async () => {
    const client = new KubeClient(proxy.config);
    fixture.cleanup(() => client.close());
    const namespace = await fixture.namespace();
    const write = client.create(configMaps, configMap(namespace, "a"), { fieldManager });
    const cutting = (async (): Promise<void> => {
      while (proxy.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
      proxy.cut();
    })();
    await expect(write).rejects.toMatchObject({ kind: "NetworkUnknown", maybeApplied: true });
    await cutting;
  });

  test("carry no credentials into errors", async () => {
    const config = await loadClusterConfig({ kubeconfig: await fixture.cluster.kubeconfigFor("reader") });
    const token = (await config.credentials()).headers["authorization"]?.replace("Bearer ", "") ?? "";
    expect(token).not.toBe("");
    const client = new KubeClient({ ...proxy.config, credentials: () => config.credentials() });
    fixture.cleanup(() => client.close());
    const failure = await client.get(nodes, { name: "missing" }).catch((error: unknown) => error);
    expect(`${failure} ${JSON.stringify(failure)}`).not.toContain(token);
    expect(proxy.seen[0]?.authorization).toContain(token);
  });

  test("use new TLS material at once, on new connections", async () => {
    const good = { ca: await readFile(fixture.cluster.caFile, "utf8") };
    let tls: TlsMaterial = good;
    const headers = { authorization: `Bearer ${fixture.cluster.token}` };
    const config = { ...proxy.config, server: fixture.cluster.url, credentials: async () => ({ headers, tls }) };
    const client = new KubeClient(config);
    fixture.cleanup(() => client.close());
    await client.list(nodes);
    tls = {}; // the old connection would still serve
    await expect(client.list(nodes)).rejects.toThrow(/self.signed/);
    tls = { ...good };
    expect((await client.list(nodes)).items).toEqual([]);
  });

  test("are counted by verb, resource and code", async () => {
    const { metrics, calls } = recordingMetrics();
    const client = new KubeClient(proxy.config, { metrics });
    fixture.cleanup(() => client.close());
    await client.get(namespaces, { name: "default" });
    await client.delete(namespaces, { name: "missing" });
    proxy.fault = () => ({ kind: "answer", status: 500, body: statusBody(500, "InternalError") });
    await expect(client.list(nodes)).rejects.toBeInstanceOf(ServerUnavailable);
    await proxy.close();
    await expect(client.list(nodes)).rejects.toMatchObject({ kind: "NetworkUnknown" });
    expect(calls).toEqual([
      "request get namespaces 200",
      "request delete namespaces 404",
      "request list nodes 500",
      "request list nodes <error>",
    ]);
  });

  test("of a closed client fail instead of opening connections anew", async () => {
    const client = await fixture.connect();
    await client.list(nodes);
    await client.close();
    await expect(client.list(nodes)).rejects.toThrow("the client is closed");
  });

  test("share a few connections", async () => {
    const client = await fixture.connect({ connections: 4 });
    const answers = await Promise.all(Array.from({ length: 64 }, () => client.get(namespaces, { name: "default" })));
    expect(new Set(answers.map((answer) => answer.metadata?.uid)).size).toBe(1);
  });
});
