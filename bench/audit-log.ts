import { open } from "node:fs/promises";
import { isRecord } from "../src/kube/status-body.ts";

/** One finished request as the API server saw it. Times are milliseconds since the epoch, to the microsecond. */
export interface AuditedCall {
  readonly verb: string;
  /** Plural, with the subresource: `computeleases/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly userAgent: string;
  readonly code: number;
  readonly receivedAt: number;
  readonly completedAt: number;
}

const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection"]);

export function isWrite({ verb }: AuditedCall): boolean {
  return WRITES.has(verb);
}

/** Whether a call is the operator's. */
export function isOperators({ userAgent }: AuditedCall): boolean {
  return userAgent.startsWith("berthage/");
}

/** The lease that a call concerns, by the names that Berthage gives: `market-17`, `lease-market-17`, `market-17.<event>`. */
export function leaseOf({ namespace, name }: Pick<AuditedCall, "namespace" | "name">): string | undefined {
  const find = (text: string): string | undefined => /^(?:lease-)?market-([0-9]+)(?:\.|$)/.exec(text)?.[1];
  return find(namespace) ?? find(name);
}

/** How often each verb met each kind; refused calls apart, with their code. */
export function countByName(calls: readonly AuditedCall[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { verb, resource, code } of calls) {
    const name = code >= 400 ? `${verb} ${resource} (${code})` : `${verb} ${resource}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** One line of an audit log of level Metadata; undefined for a request that addresses no resource. */
export function parseAuditLine(line: string): AuditedCall | undefined {
  const entry: unknown = JSON.parse(line);
  if (!isRecord(entry) || !isRecord(entry["objectRef"])) return undefined;
  const { objectRef: ref, responseStatus: status } = entry;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const subresource = text(ref["subresource"]);
  return {
    verb: text(entry["verb"]),
    resource: subresource === "" ? text(ref["resource"]) : `${text(ref["resource"])}/${subresource}`,
    namespace: text(ref["namespace"]),
    name: text(ref["name"]),
    userAgent: text(entry["userAgent"]),
    code: isRecord(status) ? Number(status["code"] ?? 0) : 0,
    receivedAt: milliseconds(text(entry["requestReceivedTimestamp"])),
    completedAt: milliseconds(text(entry["stageTimestamp"])),
  };
}

/** Reads a MicroTime; Date keeps milliseconds only. */
function milliseconds(time: string): number {
  const microseconds = /\.\d{3}(\d{3})Z$/.exec(time)?.[1] ?? "0";
  return Date.parse(time) + Number(microseconds) / 1000;
}

/** Reads an audit log as it grows. */
export class AuditTail {
  readonly #file: string;
  #offset = 0;
  #rest = "";

  constructor(file: string) {
    this.#file = file;
  }

  /** The calls logged since the last time. */
  async read(): Promise<readonly AuditedCall[]> {
    const file = await open(this.#file);
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(size - this.#offset);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      this.#offset += bytesRead;
      // Audit lines are ASCII (Go escapes the rest), so a chunk never ends inside a character.
      const lines = (this.#rest + bytes.toString("utf8", 0, bytesRead)).split("\n");
      this.#rest = lines.pop() ?? "";
      return lines.map(parseAuditLine).filter((call) => call !== undefined);
    } finally {
      await file.close();
    }
  }
}
