import { RpcError } from "./errors.ts";
import { describeOutcomes, type SendOutcome } from "./pool.ts";

/** What all endpoints together said to a transaction, by what to do next. */
export type SendVerdict =
  /** At least one node has it. */
  | "Accepted"
  /** Nobody answered: it may have been taken. */
  | "Unknown"
  /** The fees are below what a node asks, or below a transaction of this nonce that it holds. */
  | "Underpriced"
  /** The nonce is used: by one of our versions, or by somebody else with the key. */
  | "NonceTooLow"
  /** Nonces before it are missing. */
  | "NonceTooHigh"
  | "InsufficientFunds"
  /** Refused for a reason that sending again will not cure. */
  | "Rejected";

/** Texts of geth, erigon, nethermind, besu, reth, anvil and EDR; no standard gives codes. First match wins. */
const texts: readonly (readonly [SendVerdict, RegExp])[] = [
  ["Accepted", /already (known|imported|exists)|known transaction|alreadyknown/i],
  [
    "Underpriced",
    /underpriced|fee too low|gas price (too|below)|less than block base ?fee|max fee per gas less|lower than the (minimum|current|pending block)|too low for the next block/i,
  ],
  ["NonceTooLow", /nonce (is )?too low|oldnonce|nonce.*already (been )?used|expected nonce to be/i],
  ["NonceTooHigh", /nonce (is )?too (high|distant)|nonce gap|gap(ped)? nonce/i],
  ["InsufficientFunds", /insufficient (funds|balance)|doesn't have enough funds/i],
];

/** The most hopeful thing that any endpoint said counts. */
const order: readonly SendVerdict[] = [
  "Accepted",
  "NonceTooLow",
  "Underpriced",
  "Unknown",
  "InsufficientFunds",
  "NonceTooHigh",
  "Rejected",
];

export interface SendResult {
  readonly verdict: SendVerdict;
  /** All answers in one line. */
  readonly text: string;
}

export function judgeSend(outcomes: readonly SendOutcome[]): SendResult {
  const verdicts = outcomes.map(({ error }) => (error === undefined ? "Accepted" : verdictOf(error)));
  return {
    verdict: order.find((verdict) => verdicts.includes(verdict)) ?? "Unknown",
    text: describeOutcomes(outcomes),
  };
}

function verdictOf(error: Error): SendVerdict {
  if (!(error instanceof RpcError)) return "Unknown";
  return texts.find(([, text]) => text.test(error.message))?.[0] ?? "Rejected";
}
