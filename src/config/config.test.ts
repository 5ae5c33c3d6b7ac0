import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Config, type ConfigResult, parseConfig } from "./config.ts";
import { options, variableOf } from "./options.ts";
import { readSurroundings, type Surroundings } from "./surroundings.ts";

const outside: Surroundings = { podNamespace: undefined, hostname: "box", randomPart: "0a1b2c3d" };
const inPod: Surroundings = { ...outside, podNamespace: "sales" };

function parse(argv: string[] = [], env: Record<string, string> = {}, surroundings = outside): ConfigResult {
  return parseConfig({ argv, env, surroundings });
}

function config(...given: Parameters<typeof parse>): Config {
  const result = parse(...given);
  if (result.kind !== "config") throw new Error(JSON.stringify(result));
  return result.config;
}

function problems(...given: Parameters<typeof parse>): readonly string[] {
  const result = parse(...given);
  if (result.kind !== "problems") throw new Error(`expected problems, got ${result.kind}`);
  return result.problems;
}

describe("defaults", () => {
  it("outside of a cluster stay on loopback", () => {
    expect(config()).toEqual({
      kubernetes: { kubeconfig: undefined, context: undefined, namespace: "berthage-system" },
      identity: "box_0a1b2c3d",
      operationsListen: { host: "127.0.0.1", port: 9090 },
      gateway: { listen: { host: "127.0.0.1", port: 8443 }, tls: undefined, trustedProxies: [] },
      leaderElection: { enabled: true, leaseDurationSeconds: 15, renewDeadlineSeconds: 10, retryPeriodSeconds: 2 },
      concurrency: 8,
      clusterCidrs: [],
      ingressNamespace: undefined,
      leaseAccess: undefined,
      logLevel: "info",
    });
  });

  it("in a pod listen on every address and use the pod's namespace", () => {
    expect(config([], {}, inPod)).toMatchObject({
      kubernetes: { namespace: "sales" },
      operationsListen: { host: undefined, port: 9090 },
      gateway: { listen: { host: undefined, port: 8443 } },
    });
  });
});

describe("sources", () => {
  it("flags go before variables, and those before defaults", () => {
    const env = { BERTHAGE_LOG_LEVEL: "warn", BERTHAGE_CONCURRENCY: "3" };
    expect(config(["--log-level", "debug"], env)).toMatchObject({ logLevel: "debug", concurrency: 3 });
  });

  it("take --flag=value, and an empty variable as absent", () => {
    expect(config(["--namespace=n"], { BERTHAGE_CONCURRENCY: "" })).toMatchObject({
      kubernetes: { namespace: "n" },
      concurrency: 8,
    });
  });

  it("ignore variables that Kubernetes injects for Services", () => {
    expect(config([], { BERTHAGE_GATEWAY_SERVICE_HOST: "10.0.0.1", BERTHAGE_PORT: "tcp://10.0.0.1:80" })).toEqual(
      config(),
    );
  });
});

describe("good values", () => {
  it.each<[string[], object]>([
    [["--kubeconfig", "/k", "--context", "c"], { kubernetes: { kubeconfig: "/k", context: "c" } }],
    [["--operations-listen", ":0"], { operationsListen: { host: undefined, port: 0 } }],
    [["--operations-listen", "[::1]:9090"], { operationsListen: { host: "::1", port: 9090 } }],
    [["--gateway-listen", "localhost:65535"], { gateway: { listen: { host: "localhost", port: 65_535 } } }],
    [
      ["--gateway-tls-cert", "c.pem", "--gateway-tls-key", "k.pem"],
      { gateway: { tls: { certFile: "c.pem", keyFile: "k.pem" } } },
    ],
    [["--ingress-namespace", "ingress-nginx"], { ingressNamespace: "ingress-nginx" }],
    [["--cluster-cidrs", "10.0.0.0/8, fd00::/48"], { clusterCidrs: ["10.0.0.0/8", "fd00::/48"] }],
    [["--gateway-trusted-proxies", "10.1.0.0/16"], { gateway: { trustedProxies: ["10.1.0.0/16"] } }],
    [
      ["--lease-cluster-role", "berthage-lease", "--service-account", "berthage.sales"],
      { leaseAccess: { clusterRole: "berthage-lease", serviceAccount: "berthage.sales" } },
    ],
    [["--leader-election", "false"], { leaderElection: { enabled: false } }],
    [["--identity", "a"], { identity: "a" }],
  ])("%j", (argv, expected) => expect(config(argv)).toMatchObject(expected));
});

describe("bad values name flag, value and rule", () => {
  it.each<[string[], string]>([
    [["--log-level", "loud"], '--log-level "loud" must be one of debug, info, warn, error'],
    [["--concurrency", "0"], '--concurrency "0" must be a whole number from 1 to 256'],
    [["--concurrency", "1e2"], '--concurrency "1e2" must be a whole number from 1 to 256'],
    [["--namespace", "No_Good"], '--namespace "No_Good" must be a DNS label'],
    [["--operations-listen", "9090"], '--operations-listen "9090" must be ADDRESS:PORT'],
    [["--operations-listen", "example.org:9090"], '"example.org:9090" must be ADDRESS:PORT'],
    [["--operations-listen", "::1:9090"], '"::1:9090" must be ADDRESS:PORT'],
    [["--gateway-listen", "1.2.3.4:65536"], '"1.2.3.4:65536" must be ADDRESS:PORT'],
    [["--cluster-cidrs", "10.0.0.0/8,10.0.0.0/33"], '"10.0.0.0/33" is none'],
    [["--cluster-cidrs", "10.0.0.0"], '"10.0.0.0" is none'],
    [["--leader-election", "yes"], "must be true or false"],
    [["--kubeconfig", " "], '--kubeconfig " " must not be empty'],
    [["--gateway-tls-cert", "c.pem"], "--gateway-tls-cert and --gateway-tls-key must be given together"],
    [["--gateway-tls-key", "k.pem"], "--gateway-tls-cert and --gateway-tls-key must be given together"],
    [["--lease-cluster-role", "a"], "--lease-cluster-role and --service-account must be given together"],
    [["--service-account", "a"], "--lease-cluster-role and --service-account must be given together"],
    [["--service-account", "a..b", "--lease-cluster-role", "a"], '--service-account "a..b" must be a DNS name'],
    [
      ["--leader-election-renew-deadline-seconds", "15"],
      '--leader-election-lease-duration-seconds "15" must be greater than --leader-election-renew-deadline-seconds',
    ],
    [
      ["--leader-election-retry-period-seconds", "10"],
      '--leader-election-renew-deadline-seconds "10" must be greater than --leader-election-retry-period-seconds',
    ],
    [["--log-level"], "--log-level needs a value"],
    [["serve"], '"serve" is not a flag'],
    [["--log-levle", "debug"], "--log-levle is not a flag; did you mean --log-level?"],
    [["--frobnicate"], "--frobnicate is not a flag; see --help"],
    [["-x"], "-x is not a flag; see --help"],
  ])("%j", (argv, message) => expect(problems(argv).join("\n")).toContain(message));

  it("all at once, and where a variable has it, which", () => {
    const found = problems(["--concurrency", "none", "--colour"], { BERTHAGE_LOG_LEVEL: "loud" });
    expect(found).toHaveLength(3);
    expect(found.join("\n")).toContain('--log-level "loud" (from BERTHAGE_LOG_LEVEL) must');
  });

  it("and never an exception, whatever is given", () => {
    const word = fc.oneof(fc.string(), fc.constantFrom(...Object.values(options).map(({ name }) => `--${name}`)));
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        const result = parse(argv);
        if (result.kind === "problems") expect(result.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("--help", () => {
  it("goes before everything and shows each flag with its variable", () => {
    for (const ask of ["--help", "-h"]) {
      const result = parse([ask, "--log-level", "loud"]);
      if (result.kind !== "help") throw new Error(`expected help, got ${result.kind}`);
      for (const { name, help } of Object.values(options)) {
        expect(result.text).toContain(`--${name} `);
        expect(result.text).toContain(help);
        expect(result.text).toContain(variableOf(name));
      }
    }
  });

  it("tells defaults that the parser accepts", () => {
    for (const option of Object.values(options))
      if (option.fallback !== undefined) expect(option.parse(option.fallback)).toMatchObject({ ok: true });
  });
});

describe("readSurroundings", () => {
  it("finds the pod's namespace in its file, and outside of a pod none", () => {
    const dir = mkdtempSync(join(tmpdir(), "berthage-"));
    try {
      writeFileSync(join(dir, "namespace"), "sales\n");
      expect(readSurroundings(join(dir, "namespace")).podNamespace).toBe("sales");
      expect(readSurroundings(join(dir, "none")).podNamespace).toBe(undefined);
      expect(() => readSurroundings(dir)).toThrow("give --namespace");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("tells two processes on one host apart", () => {
    expect(readSurroundings("/none").randomPart).not.toBe(readSurroundings("/none").randomPart);
  });
});
