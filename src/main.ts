import { isIP } from "node:net";
import { type Config, parseConfig } from "./config/config.ts";
import { readSurroundings } from "./config/surroundings.ts";
import { createOperator } from "./controllers/controllers.ts";
import { gatewayBackend } from "./controllers/gateway-backend.ts";
import { informersProblem, leadershipProblem, networksProblem } from "./controllers/health.ts";
import { allInformers, createInformers } from "./controllers/informers.ts";
import { createReports } from "./controllers/reports/reports.ts";
import { type Renewal, readCertificate, renewCertificates } from "./gateway/certificate-files.ts";
import { runManifestExpiry } from "./gateway/manifest-expiry.ts";
import { defaultIntakeLimits } from "./gateway/manifest-intake.ts";
import { ManifestStore } from "./gateway/manifest-store.ts";
import { createOperationsApi } from "./gateway/operations-api.ts";
import { type Certificate, serve } from "./gateway/serve.ts";
import { createTenantApi } from "./gateway/tenant-api.ts";
import { KubeClient } from "./kube/client.ts";
import { sleep, systemClock } from "./kube/clock.ts";
import { loadClusterConfig } from "./kube/config.ts";
import { EventRecorder } from "./kube/events.ts";
import { LeaderElector } from "./kube/leader-election.ts";
import { keyOf } from "./kube/resource.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { Redactor } from "./telemetry/redactor.ts";
import { commit, version } from "./version.ts";
import { defaultDns, type IsolationSettings } from "./workload/objects/context.ts";

/** The whole machine: configuration → clients → informers → controllers → servers → shutdown. */
async function run(config: Config, logger: Logger, redactor: Redactor): Promise<void> {
  const { kubernetes, gateway, leaderElection } = config;
  const clock = systemClock;
  const metrics = createMetrics({ version, commit, processMetrics: true });
  const stop = stopOnSignals();

  const cluster = await loadClusterConfig({
    ...(kubernetes.kubeconfig === undefined ? {} : { kubeconfig: kubernetes.kubeconfig }),
    ...(kubernetes.context === undefined ? {} : { context: kubernetes.context }),
  });
  const client = new KubeClient(cluster, { userAgent: `berthage/${version}`, metrics: metrics.kube });
  const events = new EventRecorder(client, {
    component: "berthage.dev/operator",
    instance: config.identity,
    logger,
    metrics: metrics.kube,
  });

  const informers = createInformers(client, kubernetes.namespace, { logger, metrics: metrics.kube });
  const elector = new LeaderElector(client, {
    ...leaderElection,
    namespace: kubernetes.namespace,
    name: "berthage",
    identity: config.identity,
    logger,
    metrics: metrics.kube,
  });
  const isLeader = (): boolean => !leaderElection.enabled || elector.isLeader();
  const operator = createOperator({
    client,
    informers,
    events,
    metrics,
    logger,
    clock,
    namespace: kubernetes.namespace,
    isolation: isolationOf(config, cluster.server),
    concurrency: config.concurrency,
    fence: async () => isLeader(),
    redact: (secret) => void redactor.protect(secret),
  });
  const { connections } = operator;
  const networkNames = (): readonly string[] => informers.networks.store.list().map(keyOf);
  const report = createReports(informers, operator, metrics, clock);

  const backend = gatewayBackend(informers, connections);
  const manifests = new ManifestStore(client, kubernetes.namespace, informers.manifests.store);
  const operations = await serve(
    createOperationsApi({
      alive: [{ name: "leadership", check: () => leadershipProblem(elector.overdueSeconds()) }],
      ready: [
        { name: "informers", check: () => informersProblem(allInformers(informers)) },
        { name: "networks", check: () => networksProblem(networkNames(), (name) => connections.get(name)) },
      ],
      metrics: (accept) => {
        report();
        return metrics.page(accept);
      },
      logger,
    }),
    config.operationsListen,
  );
  const tls = gateway.tls && (await readCertificate(gateway.tls));
  const tenants = await serve(createTenantApi({ backend, manifests, logger, trustedProxies: gateway.trustedProxies }), {
    ...gateway.listen,
    tls,
  });
  logger.info("started", { version, operations: operations.url, gateway: tenants.url, identity: config.identity });

  const reflecting = new AbortController();
  const renewal = gateway.tls && { files: gateway.tls, serving: tenants, logger };
  const renewed = renewal && tls && keepCertificate(tls, renewal, reflecting.signal);
  const reflected = allInformers(informers).map((informer) => informer.run(reflecting.signal));
  const work = async (signal: AbortSignal): Promise<void> => {
    const expiry = runManifestExpiry({ store: manifests, backend, limits: defaultIntakeLimits, clock, logger }, signal);
    await Promise.all([operator.lead(signal), expiry]);
  };
  const following = operator.follow(reflecting.signal);
  const isLost = leaderElection.enabled ? await lead(elector, stop, work) : await work(stop).then(() => false);

  await Promise.all([tenants.close(5), operations.close(5), events.flush()]);
  reflecting.abort();
  await Promise.all([following, renewed, ...reflected]);
  await client.close();
  logger.info("stopped", { leadership: isLost ? "lost" : "released" });
  if (isLost) process.exitCode = 1; // whoever lost leadership starts anew, with nothing remembered
}

/** Works while leading. @returns whether leadership was lost rather than given up */
async function lead(
  elector: LeaderElector,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  let working: Promise<void> = Promise.resolve();
  let isLost = false;
  await elector.run(stop, {
    onStarted: (leading) => {
      working = work(AbortSignal.any([stop, leading]));
    },
    onStopped: async (reason) => {
      isLost = reason === "lost";
      await working;
    },
  });
  return isLost;
}

/** Looks for a renewed certificate once a minute: a Secret reaches its volume about as late. */
function keepCertificate(known: Certificate, renewal: Omit<Renewal, "pause">, stop: AbortSignal): Promise<void> {
  const pause = async (): Promise<boolean> => {
    await sleep(systemClock, 60_000, stop);
    return !stop.aborted;
  };
  return renewCertificates(known, { ...renewal, pause });
}

function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(name)));
  return stop.signal;
}

function isolationOf(config: Config, server: string): IsolationSettings {
  const { clusterCidrs, ingressNamespace, leaseAccess, kubernetes } = config;
  const settings = {
    clusterCidrs,
    apiServerAddresses: addressesOf(server),
    dns: defaultDns,
    ...(ingressNamespace === undefined ? {} : { ingressNamespace }),
  };
  if (leaseAccess === undefined) return settings;
  const { clusterRole, serviceAccount } = leaseAccess;
  const { namespace } = kubernetes;
  return { ...settings, operator: { clusterRole, serviceAccount: { name: serviceAccount, namespace } } };
}

/** Addresses that tenants' egress must never reach. A name is not resolved: the private ranges are closed anyway. */
function addressesOf(server: string): readonly string[] {
  const { hostname } = new URL(server);
  const address = hostname.replace(/^\[|\]$/g, "");
  return isIP(address) === 0 ? [] : [address];
}

/** What nothing in here foresaw: told in the log's own form, with secrets masked. A fresh process reads the world anew. */
function end(logger: Logger, error: unknown): never {
  logger.error("the operator ends", { error });
  process.exit(1);
}

const parsed = parseConfig({ argv: process.argv.slice(2), env: process.env, surroundings: readSurroundings() });
if (parsed.kind === "config") {
  const redactor = new Redactor();
  const logger = createLogger({ level: parsed.config.logLevel, redactor });
  process.on("uncaughtException", (error) => end(logger, error)); // a rejection that nobody handles comes here too
  await run(parsed.config, logger, redactor).catch((error: unknown) => end(logger, error));
} else if (parsed.kind === "help") process.stdout.write(`${parsed.text}\n`);
else {
  process.stderr.write(`${parsed.problems.join("\n")}\n`);
  process.exitCode = 2;
}
