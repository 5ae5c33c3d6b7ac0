import { readFile } from "node:fs/promises";
import type { Cluster } from "./cluster.ts";

const writingVerbs = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** One request that the API server answered, from its audit log. */
export interface AuditedRequest {
  readonly user: string;
  readonly userAgent: string;
  readonly verb: string;
  readonly uri: string;
  /** API group; `""` for the core group and for what is no resource. */
  readonly group: string;
  /** Plural, with its subresource after a slash; `""` for what is no resource. */
  readonly resource: string;
  readonly status: number;
  /** What the authorizer decided, and which role or binding said so. */
  readonly decision: string;
  readonly reason: string;
}

/** Every audited request so far, oldest first. The cluster must be started with `auditLog`. */
export async function auditedRequests({ auditLogFile }: Cluster): Promise<readonly AuditedRequest[]> {
  if (auditLogFile === undefined) throw new Error("the cluster keeps no audit log: start it with { auditLog: true }");
  const lines = (await readFile(auditLogFile, "utf8")).trimEnd().split("\n");
  return lines.flatMap((line) => requestOf(parse(line)) ?? []);
}

/** Every write of the operator so far, in words, oldest first. */
export async function operatorWrites(cluster: Cluster): Promise<readonly string[]> {
  const requests = await auditedRequests(cluster);
  return requests
    .filter(({ userAgent, verb }) => userAgent.startsWith("berthage/") && writingVerbs.has(verb))
    .map(({ verb, uri }) => `${verb} ${uri}`);
}

/** What the authorizer refused a user, in words. */
export async function refusedRequests(cluster: Cluster, user: string): Promise<readonly string[]> {
  const requests = await auditedRequests(cluster);
  return requests
    .filter((request) => request.user === user && request.decision === "forbid")
    .map(({ verb, uri, reason }) => `${verb} ${uri}${reason === "" ? "" : ` (${reason})`}`);
}

type Fields = Readonly<Record<string, unknown>>;

function requestOf(event: Fields): AuditedRequest | undefined {
  const reference = fieldsOf(event["objectRef"]);
  const annotations = fieldsOf(event["annotations"]);
  const [plural, subresource] = [textOf(reference["resource"]), textOf(reference["subresource"])];
  const verb = textOf(event["verb"]);
  if (verb === "") return undefined;
  return {
    user: textOf(fieldsOf(event["user"])["username"]),
    userAgent: textOf(event["userAgent"]),
    verb,
    uri: textOf(event["requestURI"]),
    group: textOf(reference["apiGroup"]),
    resource: subresource === "" ? plural : `${plural}/${subresource}`,
    status: Number(fieldsOf(event["responseStatus"])["code"]),
    decision: textOf(annotations["authorization.k8s.io/decision"]),
    reason: textOf(annotations["authorization.k8s.io/reason"]),
  };
}

/** The last line may be only half written. */
function parse(line: string): Fields {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
