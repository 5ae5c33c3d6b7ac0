import { ZeroHash } from "ethers";
import { formatDuration, formatTime } from "../output/duration.ts";
import { earnedOf, runwayOf } from "./billing.ts";
import type { LeaseFacts } from "./facts.ts";
import { formatMoney, type Token } from "./token.ts";

/** A lease as `-o json` shows it: what the chain says, amounts in the token's smallest units. */
export interface LeaseRecord {
  readonly id: string;
  readonly offerId: string;
  readonly providerId: string;
  readonly tenant: string;
  readonly state: "Active" | "Closed";
  readonly closeReason: string | undefined;
  readonly units: number;
  readonly token: Token;
  /** Of all units together. */
  readonly pricePerHour: bigint;
  readonly deposit: bigint;
  /** Earned by the provider, paid out or not. */
  readonly earned: bigint;
  /** Paid out to the provider; absent once closed, when the rest went back to the tenant. */
  readonly withdrawn: bigint | undefined;
  readonly billedSeconds: number;
  readonly fundedSeconds: number;
  readonly runwaySeconds: number;
  readonly lastHeartbeatSeconds: number;
  readonly noticeEndsAtSeconds: number | undefined;
  /** Absent until a manifest is named. */
  readonly manifestHash: string | undefined;
}

export function leaseRecord(
  { lease, providerId }: Pick<LeaseFacts, "lease" | "providerId">,
  token: Token,
): LeaseRecord {
  const { id, offerId, tenant, state, closeReason, units, pricePerHour, deposit, withdrawn } = lease;
  const { billedSeconds, fundedSeconds, lastHeartbeatSeconds, noticeEndsAtSeconds, manifestHash } = lease;
  return {
    id,
    offerId,
    providerId,
    tenant,
    state,
    closeReason,
    units,
    token,
    pricePerHour,
    deposit,
    earned: earnedOf(lease),
    withdrawn: state === "Active" ? withdrawn : undefined,
    billedSeconds,
    fundedSeconds,
    runwaySeconds: runwayOf(lease),
    lastHeartbeatSeconds,
    noticeEndsAtSeconds,
    manifestHash: manifestHash === ZeroHash ? undefined : manifestHash,
  };
}

/** The record for people, for `renderFields`. */
export function leaseFields(record: LeaseRecord): readonly (readonly [string, string | undefined])[] {
  const { token, noticeEndsAtSeconds, withdrawn, closeReason } = record;
  return [
    ["Lease", record.id],
    ["State", closeReason === undefined ? record.state : `${record.state} (${closeReason})`],
    ["Offer", `${record.offerId} of provider ${record.providerId}`],
    ["Tenant", record.tenant],
    ["Units", String(record.units)],
    ["Price", `${formatMoney(record.pricePerHour, token)} an hour`],
    ["Deposit", `${formatMoney(record.deposit, token)} (${formatDuration(record.fundedSeconds)})`],
    ["Billed", `${formatMoney(record.earned, token)} (${formatDuration(record.billedSeconds)})`],
    ["Paid out", withdrawn === undefined ? undefined : formatMoney(withdrawn, token)],
    ["Runway", record.state === "Active" ? formatDuration(record.runwaySeconds) : undefined],
    ["Heartbeat", formatTime(record.lastHeartbeatSeconds)],
    ["Notice ends", noticeEndsAtSeconds === undefined ? undefined : formatTime(noticeEndsAtSeconds)],
    ["Manifest", record.manifestHash ?? "none yet: send one with `berthage manifest send`"],
  ];
}
