import type { ChainMetrics } from "../chain/metrics.ts";
import { counter, gauge, histogram, type Instruments } from "./instruments.ts";

const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const minedSeconds = [1, 2, 5, 12, 24, 48, 120, 300, 900, 3600];

/** `network` is the name of a ComputeNetwork. Wei are written as floats: exact to 16 digits, for graphs and alerts only. */
export const chainDefinitions = {
  requests: counter("berthage_chain_requests_total", "JSON-RPC calls by how they ended.", [
    "network",
    "endpoint",
    "method",
    "outcome",
  ]),
  requestSeconds: histogram(
    "berthage_chain_request_duration_seconds",
    "Seconds that a JSON-RPC call took.",
    requestSeconds,
    ["network", "endpoint"],
  ),
  endpointUp: gauge(
    "berthage_chain_endpoint_healthy",
    "1 while an endpoint's breaker is closed, 0.5 on trial, 0 open.",
    ["network", "endpoint"],
  ),
  endpointLag: gauge(
    "berthage_chain_endpoint_lag_blocks",
    "Blocks that an endpoint is behind the highest head known.",
    ["network", "endpoint"],
  ),
  ticks: counter("berthage_chain_ledger_ticks_total", "Looks at the ledger by tier and outcome.", [
    "network",
    "tier",
    "outcome",
  ]),
  head: gauge("berthage_chain_head_number", "Number of the block that is acted on.", ["network", "tier"]),
  headLag: gauge("berthage_chain_head_lag_seconds", "Age of the block that is acted on.", ["network", "tier"]),
  laneDepth: gauge("berthage_chain_lane_depth", "Intents that wait for a transaction.", ["network"]),
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
};

/** What the network controllers know of a chain. */
export interface NetworkMetrics {
  /** The newest point of a tier and its age by the operator's clock. */
  point(network: string, tier: "head" | "final", number: bigint, lagSeconds: number): void;
  balance(network: string, wei: bigint): void;
  gasUsed(network: string, gas: bigint): void;
}

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
  return (network) => ({
    requestFinished(endpoint, method, outcome, took) {
      requests.add({ network, endpoint, method, outcome });
      seconds.observe({ network, endpoint }, took);
    },
    breakerState: (endpoint, state) => up.set({ network, endpoint }, health[state]),
    headLag: (endpoint, blocks) => lag.set({ network, endpoint }, blocks),
    ledgerTick: (tier, outcome) => ticks.add({ network, tier, outcome }),
    laneDepth: (intents) => depth.set({ network }, intents),
    transactionFinished(result, took) {
      transactions.add({ network, result });
      mined.observe({ network, result }, took);
    },
    transactionRepeated: (kind) => repeats.add({ network, kind }),
    feePaid: (wei) => fees.add({ network }, Number(wei)),
  });
}

/** What the network controllers report, as metrics. */
export function networkMetrics(i: Instruments): NetworkMetrics {
  const head = i.gauge(chainDefinitions.head);
  const lag = i.gauge(chainDefinitions.headLag);
  const balance = i.gauge(chainDefinitions.balanceWei);
  const gas = i.counter(chainDefinitions.gas);
  return {
    point(network, tier, number, lagSeconds) {
      head.set({ network, tier }, Number(number));
      lag.set({ network, tier }, lagSeconds);
    },
    balance: (network, wei) => balance.set({ network }, Number(wei)),
    gasUsed: (network, amount) => gas.add({ network }, Number(amount)),
  };
}
