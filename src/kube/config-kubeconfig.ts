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
const LONGEST_FAULT_CHARACTERS = 300;

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
  checkServer(cluster.server, where);
  const cache = new CredentialCache(
    async () => readCredentials(await load(file, context), file),
    CREDENTIAL_MAX_AGE_SECONDS,
    clock,
  );
  return {
    server: cluster.server.replace(/\/+$/, ""),
    namespace: checkedNamespace(first.getContextObject(first.getCurrentContext())?.namespace ?? "default", where),
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
    throw new Error(`${file ?? "the default kubeconfig"} cannot be read: ${faultOf(error)}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/** Without the error as a cause: js-yaml quotes the lines around a fault, and lines of a kubeconfig are credentials. */
function faultOf(error: unknown): string {
  const mend = "compare it with what `kubectl config view` shows";
  if (!(error instanceof Error) || error instanceof TypeError) return `it is not a kubeconfig; ${mend}`;
  if (error.name !== "YAMLException") return error.message.slice(0, LONGEST_FAULT_CHARACTERS);
  const mark: unknown = Reflect.get(error, "mark");
  const place = isRecord(mark) && typeof mark["line"] === "number" ? ` at line ${mark["line"] + 1}` : "";
  return `it is not valid YAML${place}; ${mend}`;
}

/** @throws without the text, which may hold a password */
function checkServer(server: unknown, where: string): void {
  const url = typeof server === "string" && URL.canParse(server) ? new URL(server) : undefined;
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  if (isHttp && url.username === "" && url.password === "") return;
  throw new Error(
    `${where}: the cluster's server is not a URL such as https://host:6443, without user and password; mend it there`,
  );
}

/** It becomes a part of paths. */
function checkedNamespace(namespace: unknown, where: string): string {
  if (typeof namespace === "string" && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
  throw new Error(`${where}: the context's namespace is not a DNS label; mend it there, or leave it out`);
}

/** @throws without the text. What is no header's value would fail at every request, in words that name no file. */
function checkHeaders(headers: Readonly<Record<string, string>>, where: string): void {
  const wrong = Object.keys(headers).find((name) => {
    const value = headers[name] ?? "";
    return !/^[\t\x20-\x7e]*$/.test(value) || value.includes("[object ");
  });
  if (wrong === undefined) return;
  throw new Error(`${where}: the user's credentials make no ${wrong} header: write a token or password of plain text`);
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
  checkHeaders(headers, file ?? "the default kubeconfig");
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
