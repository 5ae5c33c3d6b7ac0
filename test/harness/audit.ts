import { readFile } from "node:fs/promises";
import type { Cluster } from "./cluster.ts";

const writingVerbs = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Every write of the operator so far, in words, oldest first. The cluster must be started with `auditLog`. */
export async function operatorWrites({ auditLogFile }: Cluster): Promise<readonly string[]> {
  if (auditLogFile === undefined) throw new Error("the cluster keeps no audit log: start it with { auditLog: true }");
  const lines = (await readFile(auditLogFile, "utf8")).trimEnd().split("\n");
  return lines.flatMap((line) => describeWrite(parse(line)));
}

interface AuditEvent {
  readonly verb?: unknown;
  readonly userAgent?: unknown;
  readonly requestURI?: unknown;
}

function describeWrite({ verb, userAgent, requestURI }: AuditEvent): string[] {
  const isOperator = typeof userAgent === "string" && userAgent.startsWith("berthage/");
  return isOperator && typeof verb === "string" && writingVerbs.has(verb) ? [`${verb} ${String(requestURI)}`] : [];
}

/** The last line may be only half written. */
function parse(line: string): AuditEvent {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null ? event : {};
  } catch {
    return {};
  }
}
