import type { Call, Fault } from "./fault.ts";

type Answer = Extract<Fault, { kind: "Answer" }>;

/** Refusals as the API server words them. */
export const refusals = {
  unauthorized: refusal(401, "Unauthorized", "Unauthorized"),
  conflict: refusal(409, "Conflict", "the object has been modified; please apply your changes to the latest version"),
  gone: refusal(410, "Expired", "too old resource version"),
  tooMany: refusal(429, "TooManyRequests", "too many requests", { "retry-after": "1" }),
  internal: refusal(500, "InternalError", "etcdserver: request timed out"),
  unavailable: refusal(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
} as const satisfies Readonly<Record<string, Answer>>;

function refusal(code: number, reason: string, message: string, headers: Record<string, string> = {}): Answer {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return { kind: "Answer", name: reason, status: code, headers, body: JSON.stringify(status) };
}

/** An event of a watch that says that its version is too old. */
export const expiredEvent = JSON.stringify({ type: "ERROR", object: JSON.parse(refusals.gone.body) });

/**
 * Lists from the past: while frozen, a list is answered as it was answered when the freeze began (or first asked since), so
 * that a client which reconnects goes back in time. Watches from that old version go to the server, which replays. Streamed
 * lists are refused, as servers before 1.34 do, because what they begin with could not be held back.
 */
export class StaleLists {
  readonly #seen = new Map<string, string>();
  #isFrozen = false;

  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#seen.clear();
  }

  /** To be asked for each call. */
  fault(call: Call): Fault | undefined {
    if (call.method !== "GET") return undefined;
    const query = new URL(call.path, "http://server").searchParams;
    if (query.has("sendInitialEvents")) return streamedListRefused;
    if (query.get("watch") === "true") return undefined;
    const known = this.#seen.get(call.path);
    if (this.#isFrozen && known !== undefined) return { kind: "Answer", name: "StaleList", status: 200, body: known };
    return { kind: "Observe", see: (body) => void this.#seen.set(call.path, body) };
  }
}

const streamedListRefused = refusal(
  422,
  "Invalid",
  "ListOptions.meta.k8s.io is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch",
);
