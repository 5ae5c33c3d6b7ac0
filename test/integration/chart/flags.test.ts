import { beforeAll, describe, expect, it } from "vitest";
import { type Config, parseConfig } from "../../../src/config/config.ts";
import { options } from "../../../src/config/options.ts";
import { render, type Values } from "./chart.ts";
import { matrix } from "./matrix.ts";
import { operatorOf } from "./operator.ts";

/** Settings that the chart leaves to the process: in a pod it finds cluster and name by itself. */
const leftAlone = ["kubeconfig", "context", "identity"];

const surroundings = { podNamespace: "berthage-system", hostname: "berthage-5d4f8", randomPart: "0a1b2c3d" };

async function argumentsOf(values: Values): Promise<readonly string[]> {
  return operatorOf(await render(values)).args;
}

function configOf(argv: readonly string[]): Config {
  const parsed = parseConfig({ argv, env: {}, surroundings });
  if (parsed.kind !== "config") throw new Error(`the operator refuses its flags: ${JSON.stringify(parsed)}`);
  return parsed.config;
}

const names = Object.keys(matrix);
let all: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  const each = Object.entries(matrix).map(async ([name, values]) => [name, await argumentsOf(values)] as const);
  all = new Map(await Promise.all(each));
});

describe("the operator understands the flags of", () => {
  it.each(names)("%s", (name) => {
    expect(() => configOf(all.get(name) ?? [])).not.toThrow();
    expect(all.get(name)).toContain("--namespace=berthage-system");
  });
});

it("has a value for every setting of the operator", () => {
  const given = new Set([...all.values()].flat().map((argument) => /^--([a-z-]+)=/.exec(argument)?.[1]));
  const missing = Object.values(options)
    .map(({ name }) => name)
    .filter((name) => !given.has(name));
  expect(missing).toEqual(leftAlone);
});

describe("what values say arrives", () => {
  it("by default", async () => {
    expect(configOf(await argumentsOf({}))).toMatchObject({
      kubernetes: { namespace: "berthage-system" },
      operationsListen: { port: 9090 },
      gateway: { listen: { port: 8443 }, tls: undefined, trustedProxies: [] },
      leaderElection: { enabled: true, leaseDurationSeconds: 15, renewDeadlineSeconds: 10, retryPeriodSeconds: 2 },
      concurrency: 8,
      clusterCidrs: [],
      logLevel: "info",
    });
  });

  it("of TLS, proxies and networks", async () => {
    const values = {
      gateway: { tls: { secretName: "gateway-tls" }, trustedProxies: ["10.0.0.0/8", "fd00::/8"] },
      operator: { clusterCidrs: ["10.244.0.0/16", "fd00:10:244::/56"], ingressNamespace: "ingress-nginx" },
    };
    expect(configOf(await argumentsOf(values))).toMatchObject({
      gateway: {
        tls: { certFile: "/etc/berthage/tls/tls.crt", keyFile: "/etc/berthage/tls/tls.key" },
        trustedProxies: ["10.0.0.0/8", "fd00::/8"],
      },
      clusterCidrs: ["10.244.0.0/16", "fd00:10:244::/56"],
      ingressNamespace: "ingress-nginx",
    });
  });

  it("of roles: the chart's, yours, or none", async () => {
    expect(await argumentsOf({})).toEqual(
      expect.arrayContaining(["--lease-cluster-role=berthage-lease", "--service-account=berthage"]),
    );
    const account = { create: false, name: "seller" };
    expect(await argumentsOf({ serviceAccount: account, rbac: { create: false, leaseClusterRole: "mine" } })).toEqual(
      expect.arrayContaining(["--lease-cluster-role=mine", "--service-account=seller"]),
    );
    const none = await argumentsOf({ serviceAccount: account, rbac: { create: false } });
    expect(none.filter((flag) => /^--(lease-cluster-role|service-account)/.test(flag))).toEqual([]);
  });
});

describe("Node's heap", () => {
  it.each<[limit: unknown, heapMiB: number | undefined]>([
    ["512Mi", 384],
    ["1Gi", 768],
    ["1.5Gi", 1152],
    ["524288Ki", 384],
    ["500M", 357],
    ["1G", 715],
    ["1T", 715255],
    [536870912, 384],
    ["536870912", 384],
    [null, undefined],
  ])("is 75 %% of a limit of %s", async (memory, heapMiB) => {
    const { env = [] } = operatorOf(await render({ resources: { limits: { memory } } }));
    const heap = heapMiB === undefined ? [] : [{ name: "NODE_OPTIONS", value: `--max-old-space-size=${heapMiB}` }];
    expect(env).toEqual(heap);
  });
});
