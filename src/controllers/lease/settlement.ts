import type { Intent, LedgerLease, ProviderCloseReason } from "../../networks/driver.ts";
import type { AdmissionDecision } from "./admission.ts";
import type { FundsDecision } from "./funds.ts";

export interface SettlementPolicy {
  /** Owed tokens (smallest units) that are worth a settlement; undefined: only by age. */
  readonly minOwed: bigint | undefined;
  /** Settle once this many billed seconds are not withdrawn. */
  readonly maxIntervalSeconds: number;
}

export interface SettlementInput {
  readonly entry: LedgerLease;
  readonly funds: FundsDecision;
  readonly admission: AdmissionDecision;
  /** The admin deleted the ComputeLease: end it as the terms allow. */
  readonly isEndWanted: boolean;
  /** Served since the last heartbeat and not yet billed. */
  readonly unbilledSeconds: number;
  readonly nowSeconds: number;
}

/** Earned so far, smallest token units: `floor(pricePerHour × billedSeconds / 3600)`, at most the deposit (design §4). */
export function earned(entry: Pick<LedgerLease, "pricePerHour" | "billedSeconds" | "deposit">): bigint {
  const accrued = (entry.pricePerHour * BigInt(entry.billedSeconds)) / 3600n;
  return accrued < entry.deposit ? accrued : entry.deposit;
}

/** The reason for which the provider may close this lease now by the contract's rules, or undefined. */
export function closeReason(input: SettlementInput): ProviderCloseReason | undefined {
  const { entry, funds, admission, nowSeconds } = input;
  const wasServed = entry.billedSeconds > 0;
  if (!wasServed && admission.kind === "waiting" && admission.isOverdue) return "Unplaceable";
  if (!wasServed && input.isEndWanted) return "NeverServed";
  if (funds.kind === "exhausted" && funds.isBilled && funds.isGraceOver) return "FundsExhausted";
  if (entry.noticeEndsAtSeconds !== undefined && nowSeconds >= entry.noticeEndsAtSeconds) return "NoticeElapsed";
  return undefined;
}

/** What should happen to the lease on the network beside heartbeats. Every wish is safe to repeat (law 5). */
export function decideSettlement(input: SettlementInput, policy: SettlementPolicy): readonly Intent[] {
  const { entry, admission } = input;
  const reason = closeReason(input);
  if (reason !== undefined) return [...lastWord(input), { kind: "Close", leaseId: entry.id, reason }]; // closing pays and refunds by itself
  const intents: Intent[] = [];
  const isHomeless = admission.kind === "stranded" || (admission.kind === "waiting" && admission.isOverdue);
  const wantsEnd = input.isEndWanted || isHomeless;
  if (wantsEnd && entry.noticeEndsAtSeconds === undefined) intents.push({ kind: "GiveNotice", leaseId: entry.id });
  const owed = earned(entry) - entry.withdrawn;
  const isOld = owed * 3600n >= entry.pricePerHour * BigInt(policy.maxIntervalSeconds);
  const isMuch = policy.minOwed !== undefined && owed >= policy.minOwed;
  if (owed > 0n && (isOld || isMuch)) intents.push({ kind: "Settle", leaseId: entry.id });
  return intents;
}

/** What was served since the last heartbeat, to be billed in the transaction that closes: after it nothing is. */
function lastWord({ entry, unbilledSeconds }: SettlementInput): readonly Intent[] {
  const { fundedSeconds, billedSeconds, heartbeatWindowSeconds } = entry;
  const servedSeconds = Math.min(unbilledSeconds, heartbeatWindowSeconds, fundedSeconds - billedSeconds);
  if (billedSeconds === 0 || servedSeconds < 1) return []; // a first heartbeat would begin what is given back in full
  return [{ kind: "Heartbeat", leaseId: entry.id, servedSeconds }];
}
