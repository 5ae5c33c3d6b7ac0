import { isRecord } from "../../chain/hex.ts";
import { printable } from "../output/text.ts";

/** What a provider's gateway says of a lease, read leniently: its version may differ from ours. */
export interface LeaseReport {
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly desired: number;
    readonly ready: number;
    readonly message: string | undefined;
  }[];
  readonly endpoints: readonly {
    readonly service: string;
    readonly port: number;
    readonly protocol: string;
    readonly address: string;
    readonly url: string | undefined;
  }[];
}

export function parseLeaseReport(answer: Readonly<Record<string, unknown>>): LeaseReport {
  return {
    conditions: records(answer["conditions"]).map((c) => ({
      type: text(c["type"]),
      status: text(c["status"]),
      reason: text(c["reason"]),
      message: text(c["message"]),
    })),
    services: records(answer["services"]).map((s) => ({
      name: text(s["name"]),
      desired: count(s["desired"]),
      ready: count(s["ready"]),
      message: optional(s["message"]),
    })),
    endpoints: records(answer["endpoints"]).map((e) => ({
      service: text(e["service"]),
      port: count(e["port"]),
      protocol: text(e["protocol"]),
      address: text(e["address"]),
      url: optional(e["url"]),
    })),
  };
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? printable(value, 300) : "";
}

function optional(value: unknown): string | undefined {
  return typeof value === "string" ? printable(value, 300) : undefined;
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : 0;
}
