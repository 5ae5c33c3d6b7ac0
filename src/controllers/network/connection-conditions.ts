import { type NewCondition, newCondition } from "../../api/conditions.ts";
import type { ConnectionFailure } from "../../networks/connection-failure.ts";
import type { LedgerProvider } from "../../networks/driver.ts";

/** What became of the connection, in the order in which it is built up. */
export type ConnectionState =
  | { readonly kind: "connecting" }
  | {
      readonly kind: "failed";
      readonly reason: ConnectionFailure["reason"];
      readonly message: string;
    }
  | {
      readonly kind: "connected";
      readonly endpoints: string;
      /** Seconds by which the newest block is ahead of this machine's clock; negative for its age. */
      readonly aheadSeconds: number;
    };

/** Bursts of blocks on test chains run ahead by some seconds; what a tenant signs is dated to minutes. */
const TOLERATED_AHEAD_SECONDS = 300;

export interface NetworkFacts {
  readonly connection: ConnectionState;
  /** Why the signer or the manifest key can't be used, when they can't. */
  readonly signerProblem: string | undefined;
  readonly operatorAddress: string | undefined;
  readonly provider: LedgerProvider | undefined;
  readonly expectedPayout: string | undefined;
  /** The X25519 public key of the Secret that the resource names. */
  readonly manifestKey: string | undefined;
  readonly balanceWei: bigint | undefined;
  readonly minBalanceWei: bigint;
  /** What keeps the lane from paying, when something does. */
  readonly spending: "ok" | "BudgetSpent" | "FeeCeiling" | "BalanceEmpty";
}

/** The conditions of a network, every one each time (law 10). */
export function networkConditionsOf(facts: NetworkFacts): readonly NewCondition[] {
  const connected = connectedCondition(facts);
  const registered = registeredCondition(facts);
  const funded = fundedCondition(facts);
  return [connected, registered, funded, readyCondition(connected, registered, funded)];
}

function connectedCondition({ connection }: NetworkFacts): NewCondition {
  if (connection.kind === "connecting") return newCondition("ComputeNetwork", "Connected", "NotObserved");
  if (connection.kind === "failed") {
    return newCondition("ComputeNetwork", "Connected", connection.reason, connection.message);
  }
  if (connection.aheadSeconds > TOLERATED_AHEAD_SECONDS) {
    return newCondition("ComputeNetwork", "Connected", "ClockSkew");
  }
  return newCondition("ComputeNetwork", "Connected", "Connected", connection.endpoints);
}

function registeredCondition(facts: NetworkFacts): NewCondition {
  const { provider, expectedPayout, manifestKey } = facts;
  if (facts.signerProblem !== undefined) {
    return newCondition("ComputeNetwork", "Registered", "SignerUnavailable", facts.signerProblem);
  }
  if (facts.connection.kind !== "connected") return newCondition("ComputeNetwork", "Registered", "NotObserved");
  if (provider === undefined) {
    const message = `The signer ${facts.operatorAddress} serves no provider; run 'berthage provider register --operator ${facts.operatorAddress}' with the owner's key.`;
    return newCondition("ComputeNetwork", "Registered", "NotRegistered", message);
  }
  if (expectedPayout !== undefined && !sameHex(expectedPayout, provider.payout)) {
    const message = `The network pays out to ${provider.payout}, spec.payout says ${expectedPayout}; correct one of them.`;
    return newCondition("ComputeNetwork", "Registered", "PayoutMismatch", message);
  }
  if (manifestKey !== undefined && !sameHex(manifestKey, provider.manifestKey)) {
    const message = `Tenants seal to ${provider.manifestKey}, the Secret holds the key of ${manifestKey}; set one or restore the other.`;
    return newCondition("ComputeNetwork", "Registered", "KeyMismatch", message);
  }
  return newCondition("ComputeNetwork", "Registered", "Registered", `This cluster is provider ${provider.id}.`);
}

function fundedCondition({ balanceWei, minBalanceWei, spending, operatorAddress }: NetworkFacts): NewCondition {
  if (balanceWei === undefined) return newCondition("ComputeNetwork", "Funded", "NotObserved");
  if (balanceWei === 0n) return newCondition("ComputeNetwork", "Funded", "BalanceEmpty");
  if (spending !== "ok") return newCondition("ComputeNetwork", "Funded", spending);
  if (balanceWei < minBalanceWei) {
    const message = `${operatorAddress} is below spec.budget.minBalanceWei (${minBalanceWei} wei); send it native coin.`;
    return newCondition("ComputeNetwork", "Funded", "BalanceLow", message);
  }
  return newCondition("ComputeNetwork", "Funded", "Funded");
}

function readyCondition(connected: NewCondition, registered: NewCondition, funded: NewCondition): NewCondition {
  if (connected.status !== "True") return newCondition("ComputeNetwork", "Ready", "NotConnected");
  if (registered.status !== "True") return newCondition("ComputeNetwork", "Ready", "NotRegistered");
  // A low balance is a warning: transactions still go through.
  const pays = funded.status === "True" || funded.reason === "BalanceLow";
  return newCondition("ComputeNetwork", "Ready", pays ? "Ready" : "NotFunded");
}

function sameHex(a: string, b: string): boolean {
  return a.toLowerCase().replace(/^0x/, "") === b.toLowerCase().replace(/^0x/, "");
}
