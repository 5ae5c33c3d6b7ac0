/** What an announced maintenance of its node asks of a lease. */
export type MaintenanceDecision =
  | { readonly kind: "none" }
  /** The announcement names no time that can be read: nothing moves for it (law 1). */
  | { readonly kind: "unreadable"; readonly announced: string }
  /** The lease stays where it is until `dueAtSeconds`; then it must have left in time, or be given notice. */
  | { readonly kind: "announced" | "due"; readonly atSeconds: number; readonly dueAtSeconds: number };

export interface MaintenanceInput {
  /** The annotation's value on the lease's node. */
  readonly announced: string | undefined;
  /** Between a notice and the provider's right to close, by the terms that the lease was sold on. */
  readonly noticeSeconds: number;
  readonly nowSeconds: number;
}

/** Until a notice is mined: the lease should have ended when the maintenance begins. */
export const NOTICE_LEAD_SECONDS = 120;

/**
 * Decides when a lease must leave its node for maintenance. As late as the notice allows: a maintenance that is called off before
 * has cost nobody anything, because a notice can't be taken back on the network.
 */
export function decideMaintenance({ announced, noticeSeconds, nowSeconds }: MaintenanceInput): MaintenanceDecision {
  if (announced === undefined) return { kind: "none" };
  const atSeconds = parseTime(announced);
  if (atSeconds === undefined) return { kind: "unreadable", announced };
  const dueAtSeconds = atSeconds - noticeSeconds - NOTICE_LEAD_SECONDS;
  return { kind: nowSeconds >= dueAtSeconds ? "due" : "announced", atSeconds, dueAtSeconds };
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Unix seconds of an RFC 3339 time, rounded down; undefined for anything else. */
function parseTime(text: string): number | undefined {
  const milliseconds = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
