import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** Name of the administrator among the tokens. */
export const adminName = "admin";

export interface Credentials {
  readonly tokensFile: string;
  readonly serviceAccountKeyFile: string;
  /** Bearer token by user name; the administrator's is under `admin`. */
  readonly tokens: ReadonlyMap<string, string>;
}

/** Writes the token file (CSV: token, name, uid, groups) and the key that signs ServiceAccount tokens. */
export async function writeCredentials(dir: string, users: readonly User[]): Promise<Credentials> {
  const everyone = [{ name: adminName, groups: ["system:masters"] }, ...users];
  const tokens = new Map(everyone.map(({ name }) => [name, randomBytes(16).toString("hex")]));
  const rows = everyone.map(({ name, groups = [] }) => `${tokens.get(name)},${name},${name},"${groups.join(",")}"`);
  const tokensFile = join(dir, "tokens.csv");
  const serviceAccountKeyFile = join(dir, "service-account.key");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await Promise.all([
    writeSecret(tokensFile, `${rows.join("\n")}\n`),
    writeSecret(serviceAccountKeyFile, String(privateKey.export({ type: "sec1", format: "pem" }))),
  ]);
  return { tokensFile, serviceAccountKeyFile, tokens };
}

/** Writes a kubeconfig with one context for one bearer token. */
export async function writeKubeconfig(file: string, url: string, caFile: string, token: string): Promise<void> {
  const name = "berthage";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: url, "certificate-authority": caFile } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  await writeSecret(file, stringify(config));
}

/**
 * A kubeconfig, as text, for a proxy that speaks plain HTTP and passes a token on. The client takes plain HTTP only where TLS
 * is not to be verified either. JSON is YAML.
 */
export function proxyKubeconfig(server: string, token: string): string {
  const name = "proxy";
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

/**
 * Writes an audit policy that logs who did what to which object, once per request and without bodies: of these users, or
 * of everybody when none is named. Returns its path.
 */
export async function writeAuditPolicy(dir: string, users: readonly string[]): Promise<string> {
  const file = join(dir, "audit-policy.yaml");
  const rules = users.length === 0 ? [{ level: "Metadata" }] : [{ level: "Metadata", users }, { level: "None" }];
  await writeFile(
    file,
    stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules }),
  );
  return file;
}

/** The token of one of the users. Throws when there is no such user. */
export function tokenOf(tokens: ReadonlyMap<string, string>, user: string): string {
  const token = tokens.get(user);
  if (token === undefined)
    throw new Error(`no user ${user} here: name it in startCluster({ users: [{ name: "${user}" }] })`);
  return token;
}

async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o600);
}
