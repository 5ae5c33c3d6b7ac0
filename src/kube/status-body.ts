import type { Cause, Failure } from "./errors.ts";

/** True for a JSON object, not null and not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function causeOf(value: unknown): Cause[] {
  if (!isRecord(value)) return [];
  return [{ reason: text(value["reason"]), message: text(value["message"]), field: text(value["field"]) }];
}

/**
 * Reads a parsed `v1.Status` (an error answer's body, or the object of an ERROR watch event).
 * Anything else, such as a proxy's HTML page, is told by its status only: it may hold what must not be logged.
 */
export function failureOf(status: number, body: unknown, retryAfterHeader?: string): Failure {
  const record = isRecord(body) && body["kind"] === "Status" ? body : undefined;
  const details = isRecord(record?.["details"]) ? record["details"] : {};
  const causes = Array.isArray(details["causes"]) ? details["causes"].flatMap(causeOf) : [];
  const code = record?.["code"];
  const seconds = Number(retryAfterHeader ?? details["retryAfterSeconds"] ?? Number.NaN);
  return {
    status: typeof code === "number" && code > 0 ? code : status,
    message: text(record?.["message"]) || `HTTP ${status} without a Status body`,
    reason: text(record?.["reason"]),
    causes,
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {}),
  };
}

/** `failureOf` of an unparsed body. */
export function failureOfText(status: number, body: string, retryAfterHeader?: string): Failure {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined; // not JSON: the HTTP status says enough
  }
  return failureOf(status, parsed, retryAfterHeader);
}
