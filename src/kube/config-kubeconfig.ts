import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { dirname, resolve } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Clock } from "./clock.ts";
import type { ClusterConfig, Credentials, TlsMaterial } from "./config.ts";
import { CredentialCache } from "./credentials.ts";
import { isRecord } from "./status-body.ts";

/** Exec plug-ins and certificate files are asked again this often; a 401 asks at once. */
const CREDENTIAL_MAX_AGE_SECONDS = 60;

/**
 * A kubeconfig's cluster, with whatever its user authenticates by: token, token file, client certificate, basic,
 * exec plug-in, OIDC. client-node does that part; it is imported late because its import takes about a second.
 * @param file path of the kubeconfig; `KUBECONFIG` or `~/.kube/config` when undefined
 * @throws when the file or context is missing or names no cluster
 */
export async function kubeconfigConfig(
  file: string | undefined,
  context: string | undefined,
  clock: Clock,
): Promise<ClusterConfig> {
  const where = file ?? "the default kubeconfig (KUBECONFIG or ~/.kube/config)";
  const first = await load(file, context);
  const cluster = first.getCurrentCluster();
  if (cluster === null) {
    const choice =
      context === undefined ? "set its current-context or name a context" : `it has no context "${context}"`;
    throw new Error(`${where} names no cluster: ${choice}`);
  }
  if (cluster.proxyUrl !== undefined) {
    throw new Error(`${where}: proxy-url is not supported; reach ${cluster.server} directly or run inside the cluster`);
  }
  const cache = new CredentialCache(
    async () => readCredentials(await load(file, context), file),
    CREDENTIAL_MAX_AGE_SECONDS,
    clock,
  );
  return {
    server: cluster.server.replace(/\/+$/, ""),
    namespace: first.getContextObject(first.getCurrentContext())?.namespace ?? "default",
    credentials: () => cache.get(),
    refresh: () => cache.refresh(),
  };
}

/** A fresh KubeConfig each time: an old one caches exec tokens and file contents without a way to drop them. */
async function load(file: string | undefined, context: string | undefined): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    const what = file ?? "the default kubeconfig";
    throw new Error(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

async function readCredentials(config: KubeConfig, file: string | undefined): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (typeof options.auth === "string") {
    headers["authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
  }
  if (headers["authorization"] === undefined && file !== undefined) {
    const token = await readTokenFile(file, config.getCurrentUser()?.name);
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  }
  return { headers, tls: tlsOf(options) };
}

/** client-node 2.0.1 looks for `token-file`; the kubeconfig format says `tokenFile`. */
async function readTokenFile(file: string, user: string | undefined): Promise<string | undefined> {
  const { loadYaml } = await import("@kubernetes/client-node");
  const kubeconfig: unknown = loadYaml(await readFile(file, "utf8"));
  const users = isRecord(kubeconfig) && Array.isArray(kubeconfig["users"]) ? kubeconfig["users"] : [];
  const entry: unknown = users.find((candidate: unknown) => isRecord(candidate) && candidate["name"] === user);
  const tokenFile = isRecord(entry) && isRecord(entry["user"]) ? entry["user"]["tokenFile"] : undefined;
  return typeof tokenFile === "string" ? (await readFile(resolve(dirname(file), tokenFile), "utf8")).trim() : undefined;
}

function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsMaterial {
  return {
    ...(ca === undefined ? {} : { ca: String(ca) }),
    ...(cert === undefined ? {} : { cert: String(cert) }),
    ...(key === undefined ? {} : { key: String(key) }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}
