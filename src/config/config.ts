import type { LogLevel } from "../telemetry/logger.ts";
import { readArguments } from "./arguments.ts";
import { helpText } from "./help.ts";
import { type Option, options, variableOf } from "./options.ts";
import { quoted } from "./quoted.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Listen } from "./values.ts";

/** The operator's configuration: parsed once, then handed on in parts. */
export interface Config {
  readonly kubernetes: {
    readonly kubeconfig: string | undefined;
    readonly context: string | undefined;
    /** Namespace of the operator's own objects. */
    readonly namespace: string;
  };
  readonly identity: string;
  readonly operationsListen: Listen;
  readonly gateway: {
    readonly listen: Listen;
    /** PEM files; undefined for plain HTTP. */
    readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
    readonly trustedProxies: readonly string[];
  };
  readonly leaderElection: {
    readonly enabled: boolean;
    readonly leaseDurationSeconds: number;
    readonly renewDeadlineSeconds: number;
    readonly retryPeriodSeconds: number;
  };
  readonly concurrency: number;
  readonly clusterCidrs: readonly string[];
  /** Where the ingress controller runs, when that was told. */
  readonly ingressNamespace: string | undefined;
  /** What is bound to whom in each lease's namespace; undefined where the operator may write everywhere anyway. */
  readonly leaseAccess: { readonly clusterRole: string; readonly serviceAccount: string } | undefined;
  readonly logLevel: LogLevel;
}

export interface ConfigInput {
  /** Without node and script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly surroundings: Surroundings;
}

export type ConfigResult =
  | { readonly kind: "config"; readonly config: Config }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/**
 * Parses flags, then BERTHAGE_* variables, then defaults. Pure. Problems come all at once, each with flag, value and
 * rule. Variables that are no setting are ignored: Kubernetes itself injects BERTHAGE_…_SERVICE_HOST for a Service.
 */
export function parseConfig(input: ConfigInput): ConfigResult {
  const all: readonly Option<unknown>[] = Object.values(options);
  const given = readArguments(
    input.argv,
    all.map(({ name }) => name),
  );
  if (given.wantsHelp) return { kind: "help", text: helpText(all) };
  const reader = new Reader(given.values, input.env, [...given.problems]);
  const config = readConfig(reader, input.surroundings);
  return reader.problems.length === 0 && config !== undefined
    ? { kind: "config", config }
    : { kind: "problems", problems: reader.problems };
}

/** Looks settings up and gathers what is wrong with them. */
class Reader {
  readonly problems: string[];
  readonly #flags: ReadonlyMap<string, string>;
  readonly #env: ConfigInput["env"];

  constructor(flags: ReadonlyMap<string, string>, env: ConfigInput["env"], problems: string[]) {
    this.#flags = flags;
    this.#env = env;
    this.problems = problems;
  }

  /** undefined when the setting is absent or wrong; when wrong, a problem is noted. */
  get<T>(option: Option<T>): T | undefined {
    const variable = variableOf(option.name);
    const flagText = this.#flags.get(option.name);
    const text = flagText ?? (this.#env[variable] || undefined) ?? option.fallback;
    if (text === undefined) return undefined;
    const parsed = option.parse(text);
    if (parsed.ok) return parsed.value;
    const source = flagText === undefined ? ` (from ${variable})` : "";
    this.problems.push(`--${option.name} ${quoted(text)}${source} must ${parsed.rule}`);
    return undefined;
  }
}

function readConfig(reader: Reader, around: Surroundings): Config | undefined {
  const host = around.podNamespace === undefined ? "127.0.0.1" : undefined;
  const leaderElection = readLeaderElection(reader);
  const gateway = {
    listen: reader.get(options.gatewayListen) ?? { host, port: 8443 },
    tls: readTls(reader),
    trustedProxies: reader.get(options.gatewayTrustedProxies) ?? [],
  };
  const kubernetes = {
    kubeconfig: reader.get(options.kubeconfig),
    context: reader.get(options.context),
    namespace: reader.get(options.namespace) ?? around.podNamespace ?? "berthage-system",
  };
  const identity = reader.get(options.identity) ?? `${around.hostname}_${around.randomPart}`;
  const operationsListen = reader.get(options.operationsListen) ?? { host, port: 9090 };
  const clusterCidrs = reader.get(options.clusterCidrs) ?? [];
  const leaseAccess = readLeaseAccess(reader);
  const concurrency = reader.get(options.concurrency);
  const logLevel = reader.get(options.logLevel);
  if (!leaderElection || !concurrency || !logLevel) return undefined;
  return {
    kubernetes,
    identity,
    operationsListen,
    gateway,
    leaderElection,
    concurrency,
    clusterCidrs,
    ingressNamespace: reader.get(options.ingressNamespace),
    leaseAccess,
    logLevel,
  };
}

function readTls(reader: Reader): Config["gateway"]["tls"] {
  const certFile = reader.get(options.gatewayTlsCert);
  const keyFile = reader.get(options.gatewayTlsKey);
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile !== keyFile)
    reader.problems.push("--gateway-tls-cert and --gateway-tls-key must be given together: TLS needs both");
  return undefined;
}

function readLeaseAccess(reader: Reader): Config["leaseAccess"] {
  const clusterRole = reader.get(options.leaseClusterRole);
  const serviceAccount = reader.get(options.serviceAccount);
  if (clusterRole !== undefined && serviceAccount !== undefined) return { clusterRole, serviceAccount };
  if (clusterRole !== serviceAccount)
    reader.problems.push(
      "--lease-cluster-role and --service-account must be given together: one is bound to the other",
    );
  return undefined;
}

/** The order that keeps two processes from leading at once, as in client-go. */
function readLeaderElection(reader: Reader): Config["leaderElection"] | undefined {
  const enabled = reader.get(options.leaderElection);
  const leaseDurationSeconds = reader.get(options.leaseDuration);
  const renewDeadlineSeconds = reader.get(options.renewDeadline);
  const retryPeriodSeconds = reader.get(options.retryPeriod);
  if (enabled === undefined || !leaseDurationSeconds || !renewDeadlineSeconds || !retryPeriodSeconds) return undefined;
  mustExceed(reader, options.leaseDuration, leaseDurationSeconds, options.renewDeadline, renewDeadlineSeconds);
  mustExceed(reader, options.renewDeadline, renewDeadlineSeconds, options.retryPeriod, retryPeriodSeconds);
  return { enabled, leaseDurationSeconds, renewDeadlineSeconds, retryPeriodSeconds };
}

function mustExceed(reader: Reader, more: Option<number>, high: number, less: Option<number>, low: number): void {
  if (high > low) return;
  reader.problems.push(`--${more.name} "${high}" must be greater than --${less.name}, which is ${low}`);
}
