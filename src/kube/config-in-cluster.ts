import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import type { ClusterConfig, Credentials } from "./config.ts";
import { CredentialCache } from "./credentials.ts";

/** Bound tokens live an hour or more and the kubelet rewrites them at 80 %: a read each minute is early enough. */
const TOKEN_MAX_AGE_SECONDS = 60;

/**
 * The pod's own service account, or undefined when this is not a pod (no token file).
 * @param directory holds `token`, `ca.crt` and `namespace`
 * @param environment gives `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`
 */
export async function inClusterConfig(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<ClusterConfig | undefined> {
  const host = environment["KUBERNETES_SERVICE_HOST"];
  const port = environment["KUBERNETES_SERVICE_PORT"];
  if (host === undefined || port === undefined) return undefined;
  const token = await readOptional(join(directory, "token"));
  if (token === undefined) return undefined;

  const cache = new CredentialCache(() => readCredentials(directory), TOKEN_MAX_AGE_SECONDS, clock);
  await cache.get();
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: (await readOptional(join(directory, "namespace")))?.trim() || "default",
    credentials: () => cache.get(),
    refresh: () => cache.refresh(),
  };
}

async function readCredentials(directory: string): Promise<Credentials> {
  const token = (await readFile(join(directory, "token"), "utf8")).trim();
  if (token === "") throw new Error(`the service account token ${join(directory, "token")} is empty`);
  const ca = await readFile(join(directory, "ca.crt"), "utf8");
  return { headers: { authorization: `Bearer ${token}` }, tls: { ca } };
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined; // absent: not in a pod, or a pod without a service account
  }
}
