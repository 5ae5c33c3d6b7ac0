import type { LaneTrouble } from "../chain/lane-settings.ts";
import type { ChainMetrics, TickOutcome } from "../chain/metrics.ts";
import { counter, gauge, histogram, type Instruments } from "./instruments.ts";

const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const minedSeconds = [1, 2, 5, 12, 24, 48, 120, 300, 900, 3600];

/** `network` is the name of a ComputeNetwork; `rpc_endpoint` is not called `endpoint`, a label that Prometheus's operator gives to targets. Wei are written as floats: exact to 16 digits, for graphs and alerts only. */
export const chainDefinitions = {
  requests: counter("berthage_chain_requests_total", "JSON-RPC calls by how they ended.", [
    "network",
    "rpc_endpoint",
    "method",
    "outcome",
  ]),
  requestSeconds: histogram(
    "berthage_chain_request_duration_seconds",
    "Seconds that a JSON-RPC call took.",
    requestSeconds,
    ["network", "rpc_endpoint"],
  ),
  endpointUp: gauge(
    "berthage_chain_endpoint_healthy",
    "1 while an endpoint's breaker is closed, 0.5 on trial, 0 open.",
    ["network", "rpc_endpoint"],
  ),
  endpointLag: gauge(
    "berthage_chain_endpoint_lag_blocks",
    "Blocks that an endpoint is behind the highest head known.",
    ["network", "rpc_endpoint"],
  ),
  ticks: counter("berthage_chain_ledger_ticks_total", "Looks at the ledger by tier and outcome.", [
    "network",
    "tier",
    "outcome",
  ]),
  head: gauge("berthage_chain_head_number", "Number of the block that is acted on.", ["network", "tier"]),
  headLag: gauge("berthage_chain_head_lag_seconds", "Age of the block that is acted on.", ["network", "tier"]),
  laneDepth: gauge("berthage_chain_lane_depth", "Intents that wait for a transaction.", ["network"]),
  laneAge: gauge("berthage_chain_lane_oldest_intent_seconds", "Seconds that the oldest intent has waited.", [
    "network",
  ]),
  laneTrouble: gauge("berthage_chain_lane_trouble", "1 for what keeps the lane from sending as planned.", [
    "network",
    "trouble",
  ]),
  stuck: gauge(
    "berthage_chain_transaction_stuck_seconds",
    "Seconds since the first broadcast of a transaction that should have been mined; 0 without one.",
    ["network"],
  ),
  transactions: counter("berthage_chain_transactions_total", "Transactions by result.", ["network", "result"]),
  transactionSeconds: histogram(
    "berthage_chain_transaction_duration_seconds",
    "Seconds from a transaction's first broadcast to its end.",
    minedSeconds,
    ["network", "result"],
  ),
  repeats: counter("berthage_chain_transaction_repeats_total", "Fee bumps and rebroadcasts.", ["network", "kind"]),
  feesWei: counter("berthage_chain_fees_wei_total", "Wei paid for gas.", ["network"]),
  gas: counter("berthage_chain_gas_used_total", "Gas spent by mined transactions.", ["network"]),
  balanceWei: gauge("berthage_chain_operator_balance_wei", "Balance of the operator's account.", ["network"]),
  minBalanceWei: gauge(
    "berthage_chain_operator_balance_min_wei",
    "Balance below which the account counts as low (spec.budget.minBalanceWei).",
    ["network"],
  ),
};

/** What the network controllers know of a chain. */
export interface NetworkMetrics {
  /** Replaces what was known of all networks; one that is not named is gone. */
  networks(samples: readonly NetworkSample[]): void;
  balance(network: string, wei: bigint): void;
  gasUsed(network: string, gas: bigint): void;
}

/** One network when Prometheus asks. Ages by the operator's clock. */
export interface NetworkSample {
  readonly network: string;
  readonly minBalanceWei: bigint;
  /** The newest point of each tier that was read. */
  readonly points: readonly { readonly tier: "head" | "final"; readonly number: bigint; readonly lagSeconds: number }[];
  readonly lane: {
    readonly oldestIntentSeconds: number;
    readonly stuckSeconds: number;
    readonly trouble: LaneTrouble | undefined;
  };
}

const troubles = [
  "FeeCeiling",
  "BudgetExhausted",
  "LowBalance",
  "ForeignNonce",
  "ForeignPending",
  "NonceGap",
  "NotLeader",
  "Rejected",
  "SignerFailed",
  "Failing",
] as const satisfies readonly LaneTrouble[];
const outcomes = [
  "unchanged",
  "snapshot",
  "disagreement",
  "refused",
  "error",
] as const satisfies readonly TickOutcome[];
const results = ["mined", "reverted", "abandoned"];

const health = { closed: 1, "half-open": 0.5, open: 0 } as const;

/** One reporter a network: `src/chain` does not know which network it serves. */
export function chainMetrics(i: Instruments): (network: string) => ChainMetrics {
  const requests = i.counter(chainDefinitions.requests);
  const seconds = i.histogram(chainDefinitions.requestSeconds);
  const up = i.gauge(chainDefinitions.endpointUp);
  const lag = i.gauge(chainDefinitions.endpointLag);
  const ticks = i.counter(chainDefinitions.ticks);
  const depth = i.gauge(chainDefinitions.laneDepth);
  const transactions = i.counter(chainDefinitions.transactions);
  const mined = i.histogram(chainDefinitions.transactionSeconds);
  const repeats = i.counter(chainDefinitions.repeats);
  const fees = i.counter(chainDefinitions.feesWei);
  /** From zero: a rate can't see the first event of a series that begins with it. */
  const begin = (network: string): void => {
    for (const tier of ["head", "final"]) for (const outcome of outcomes) ticks.add({ network, tier, outcome }, 0);
    for (const result of results) transactions.add({ network, result }, 0);
    for (const kind of ["bump", "rebroadcast"]) repeats.add({ network, kind }, 0);
    fees.add({ network }, 0);
    depth.set({ network }, 0);
  };
  const reporter = (network: string): ChainMetrics => ({
    requestFinished(rpc_endpoint, method, outcome, took) {
      requests.add({ network, rpc_endpoint, method, outcome });
      seconds.observe({ network, rpc_endpoint }, took);
    },
    breakerState: (rpc_endpoint, state) => up.set({ network, rpc_endpoint }, health[state]),
    headLag: (rpc_endpoint, blocks) => lag.set({ network, rpc_endpoint }, blocks),
    ledgerTick: (tier, outcome) => ticks.add({ network, tier, outcome }),
    laneDepth: (intents) => depth.set({ network }, intents),
    transactionFinished(result, took) {
      transactions.add({ network, result });
      mined.observe({ network, result }, took);
    },
    transactionRepeated: (kind) => repeats.add({ network, kind }),
    feePaid: (wei) => fees.add({ network }, Number(wei)),
  });
  return (network) => {
    begin(network);
    return reporter(network);
  };
}

/** What the network controllers report, as metrics. */
export function networkMetrics(i: Instruments): NetworkMetrics {
  const gas = i.counter(chainDefinitions.gas);
  const balance = i.gauge(chainDefinitions.balanceWei);
  const sampled = {
    head: i.gauge(chainDefinitions.head),
    headLag: i.gauge(chainDefinitions.headLag),
    laneAge: i.gauge(chainDefinitions.laneAge),
    trouble: i.gauge(chainDefinitions.laneTrouble),
    stuck: i.gauge(chainDefinitions.stuck),
    minBalance: i.gauge(chainDefinitions.minBalanceWei),
  };
  const balances = new Map<string, bigint>();
  return {
    networks(samples) {
      for (const gauge of [balance, ...Object.values(sampled)]) gauge.clear();
      for (const { network, minBalanceWei, points, lane } of samples) {
        const known = balances.get(network);
        if (known !== undefined) balance.set({ network }, Number(known));
        sampled.minBalance.set({ network }, Number(minBalanceWei));
        for (const { tier, number, lagSeconds } of points) {
          sampled.head.set({ network, tier }, Number(number));
          sampled.headLag.set({ network, tier }, lagSeconds);
        }
        sampled.laneAge.set({ network }, lane.oldestIntentSeconds);
        sampled.stuck.set({ network }, lane.stuckSeconds);
        for (const trouble of troubles) sampled.trouble.set({ network, trouble }, trouble === lane.trouble ? 1 : 0);
      }
    },
    balance(network, wei) {
      balances.set(network, wei);
      balance.set({ network }, Number(wei));
    },
    gasUsed: (network, amount) => gas.add({ network }, Number(amount)),
  };
}
