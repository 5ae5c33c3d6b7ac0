import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { type Config, parseConfig } from "./config/config.ts";
import { readSurroundings } from "./config/surroundings.ts";
import { reportBusiness } from "./controllers/business.ts";
import { createOperator } from "./controllers/controllers.ts";
import { gatewayBackend } from "./controllers/gateway-backend.ts";
import { allInformers, createInformers } from "./controllers/informers.ts";
import { sampleNetworks } from "./controllers/network/sampling.ts";
import { runManifestExpiry } from "./gateway/manifest-expiry.ts";
import { defaultIntakeLimits } from "./gateway/manifest-intake.ts";
import { ManifestStore } from "./gateway/manifest-store.ts";
import { createOperationsApi } from "./gateway/operations-api.ts";
import { serve } from "./gateway/serve.ts";
import { createTenantApi } from "./gateway/tenant-api.ts";
import { KubeClient } from "./kube/client.ts";
import { systemClock } from "./kube/clock.ts";
import { loadClusterConfig } from "./kube/config.ts";
import { EventRecorder } from "./kube/events.ts";
import { LeaderElector } from "./kube/leader-election.ts";
import { createLogger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { Redactor } from "./telemetry/redactor.ts";
import { commit, version } from "./version.ts";
import { defaultDns } from "./workload/objects/context.ts";

/** The whole machine: configuration → clients → informers → controllers → servers → shutdown. */
async function run(config: Config): Promise<void> {
  const { kubernetes, gateway, leaderElection } = config;
  const clock = systemClock;
  const redactor = new Redactor();
  const logger = createLogger({ level: config.logLevel, redactor });
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
    isolation: { clusterCidrs: config.clusterCidrs, apiServerAddresses: addressesOf(cluster.server), dns: defaultDns },
    concurrency: config.concurrency,
    fence: async () => isLeader(),
    redact: (secret) => void redactor.protect(secret),
  });
  for (const informer of allInformers(informers)) {
    metrics.watchAge(informer.resource.plural, () => informer.lastEventAgeSeconds());
  }
  const countBusiness = reportBusiness(informers, metrics.business);

  const backend = gatewayBackend(informers, operator.connections);
  const manifests = new ManifestStore(client, kubernetes.namespace, informers.manifests.store);
  const operations = await serve(
    createOperationsApi({
      checks: [{ name: "informers", check: () => unsynced(allInformers(informers)) }],
      metrics: (accept) => {
        countBusiness();
        sampleNetworks(operator.connections, metrics.networks, clock);
        return metrics.page(accept);
      },
      logger,
    }),
    config.operationsListen,
  );
  const tls = gateway.tls && {
    cert: await readFile(gateway.tls.certFile, "utf8"),
    key: await readFile(gateway.tls.keyFile, "utf8"),
  };
  const tenants = await serve(createTenantApi({ backend, manifests, logger, trustedProxies: gateway.trustedProxies }), {
    ...gateway.listen,
    tls,
  });
  logger.info("started", { version, operations: operations.url, gateway: tenants.url, identity: config.identity });

  const reflecting = new AbortController();
  const reflected = allInformers(informers).map((informer) => informer.run(reflecting.signal));
  const work = async (signal: AbortSignal): Promise<void> => {
    const expiry = runManifestExpiry({ store: manifests, backend, limits: defaultIntakeLimits, clock, logger }, signal);
    await Promise.all([operator.run(signal), expiry]);
  };
  const isLost = leaderElection.enabled ? await lead(elector, stop, work) : await work(stop).then(() => false);

  await Promise.all([tenants.close(5), operations.close(5), events.flush()]);
  reflecting.abort();
  await Promise.all(reflected);
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

function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(name)));
  return stop.signal;
}

function unsynced(informers: readonly { hasSynced(): boolean }[]): string | undefined {
  const missing = informers.filter((informer) => !informer.hasSynced()).length;
  return missing === 0 ? undefined : `${missing} of ${informers.length} caches are not filled yet`;
}

/** Addresses that tenants' egress must never reach. A name is not resolved: the private ranges are closed anyway. */
function addressesOf(server: string): readonly string[] {
  const { hostname } = new URL(server);
  const address = hostname.replace(/^\[|\]$/g, "");
  return isIP(address) === 0 ? [] : [address];
}

const parsed = parseConfig({ argv: process.argv.slice(2), env: process.env, surroundings: readSurroundings() });
if (parsed.kind === "config") await run(parsed.config);
else if (parsed.kind === "help") process.stdout.write(`${parsed.text}\n`);
else {
  process.stderr.write(`${parsed.problems.join("\n")}\n`);
  process.exitCode = 2;
}
