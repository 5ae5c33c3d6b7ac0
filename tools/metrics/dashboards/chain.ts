import { dashboard } from "./dashboard.ts";
import { graph, stat } from "./panels.ts";

const third = 8;
const half = 12;
const sixth = 4;

/** How networks are read and written. */
export const chainDashboard = dashboard(
  {
    uid: "berthage-chain",
    title: "Berthage / Chain",
    description: "How networks are read and written: heads, endpoints, transactions, fees, balance.",
  },
  [
    {
      title: "Now",
      panels: [
        stat(
          {
            title: "Age of the head",
            description: "Age of the newest block that is acted on.",
            unit: "s",
            width: sixth,
          },
          { expr: 'max by (network) (berthage_chain_head_lag_seconds{job="$job",tier="head"})', legend: "{{network}}" },
          { badFrom: 120 },
        ),
        stat(
          { title: "Endpoints well", description: "Endpoints whose breaker is closed.", unit: "short", width: sixth },
          {
            expr: 'sum by (network) (max by (network, rpc_endpoint) (berthage_chain_endpoint_healthy{job="$job"}) == bool 1)',
            legend: "{{network}}",
          },
          { badBelow: 1 },
        ),
        stat(
          {
            title: "Intents that wait",
            description: "What is wanted on the network and not done yet.",
            unit: "short",
            width: sixth,
          },
          { expr: 'max by (network) (berthage_chain_lane_depth{job="$job"})', legend: "{{network}}" },
        ),
        stat(
          {
            title: "Stuck for",
            description: "Time since the first broadcast of a transaction that should have been mined.",
            unit: "s",
            width: sixth,
          },
          { expr: 'max by (network) (berthage_chain_transaction_stuck_seconds{job="$job"})', legend: "{{network}}" },
          { badFrom: 300 },
        ),
        stat(
          { title: "Balance", description: "Of the operator's account, in whole coins.", unit: "short", width: sixth },
          { expr: 'max by (network) (berthage_chain_operator_balance_wei{job="$job"}) / 1e18', legend: "{{network}}" },
        ),
        stat(
          {
            title: "Fees of a day",
            description: "Paid for gas in the last 24 hours, in whole coins.",
            unit: "short",
            width: sixth,
          },
          {
            expr: 'max by (network) (increase(berthage_chain_fees_wei_total{job="$job"}[1d])) / 1e18',
            legend: "{{network}}",
          },
        ),
      ],
    },
    {
      title: "Reading",
      panels: [
        graph(
          {
            title: "Age of head and final block",
            description: "By tier. A head older than two minutes is an alert, one older than fifteen is not believed.",
            unit: "s",
            width: third,
          },
          [
            {
              expr: 'max by (network, tier) (berthage_chain_head_lag_seconds{job="$job"})',
              legend: "{{network}} {{tier}}",
            },
          ],
        ),
        graph({ title: "Blocks", description: "Number of the block that is acted on.", unit: "short", width: third }, [
          { expr: 'max by (network, tier) (berthage_chain_head_number{job="$job"})', legend: "{{network}} {{tier}}" },
        ]),
        graph(
          {
            title: "Looks at the ledger",
            description: "A second, by outcome: mostly unchanged; snapshot when something changed.",
            unit: "ops",
            width: third,
          },
          [
            {
              expr: 'sum by (network, tier, outcome) (rate(berthage_chain_ledger_ticks_total{job="$job"}[$__rate_interval]))',
              legend: "{{network}} {{tier}} {{outcome}}",
            },
          ],
          true,
        ),
        graph(
          {
            title: "Calls by outcome",
            description: "JSON-RPC calls a second, by endpoint.",
            unit: "reqps",
            width: third,
          },
          [
            {
              expr: 'sum by (network, rpc_endpoint, outcome) (rate(berthage_chain_requests_total{job="$job"}[$__rate_interval]))',
              legend: "{{network}}/{{rpc_endpoint}} {{outcome}}",
            },
          ],
        ),
        graph(
          {
            title: "Time of a call, 99 %",
            description: "99 of 100 calls are shorter, by endpoint.",
            unit: "s",
            width: third,
          },
          [
            {
              expr: 'histogram_quantile(0.99, sum by (network, rpc_endpoint, le) (rate(berthage_chain_request_duration_seconds_bucket{job="$job"}[$__rate_interval])))',
              legend: "{{network}}/{{rpc_endpoint}}",
            },
          ],
        ),
        graph(
          {
            title: "Health of endpoints",
            description: "1 well, 0.5 on trial, 0 left alone after failures.",
            unit: "short",
            width: third,
          },
          [
            {
              expr: 'min by (network, rpc_endpoint) (berthage_chain_endpoint_healthy{job="$job"})',
              legend: "{{network}}/{{rpc_endpoint}}",
            },
          ],
        ),
      ],
    },
    {
      title: "Writing",
      panels: [
        graph(
          {
            title: "The lane",
            description: "Intents that wait, and how long the oldest has.",
            unit: "short",
            width: third,
          },
          [
            { expr: 'max by (network) (berthage_chain_lane_depth{job="$job"})', legend: "{{network}} intents" },
            {
              expr: 'max by (network) (berthage_chain_lane_oldest_intent_seconds{job="$job"})',
              legend: "{{network}} oldest, s",
            },
          ],
        ),
        graph(
          {
            title: "Troubles of the lane",
            description: "1 for what keeps it from sending as planned.",
            unit: "short",
            width: third,
          },
          [
            {
              expr: 'max by (network, trouble) (berthage_chain_lane_trouble{job="$job"})',
              legend: "{{network}} {{trouble}}",
            },
          ],
        ),
        graph(
          { title: "Transactions", description: "An hour, by result.", unit: "short", width: third },
          [
            {
              expr: 'sum by (network, result) (increase(berthage_chain_transactions_total{job="$job"}[1h]))',
              legend: "{{network}} {{result}}",
            },
          ],
          true,
        ),
        graph(
          {
            title: "Time until mined, 90 %",
            description: "From first broadcast to confirmation.",
            unit: "s",
            width: third,
          },
          [
            {
              expr: 'histogram_quantile(0.9, sum by (network, le) (rate(berthage_chain_transaction_duration_seconds_bucket{job="$job",result="mined"}[1h])))',
              legend: "{{network}}",
            },
          ],
        ),
        graph(
          {
            title: "Fee bumps and rebroadcasts",
            description: "An hour. Many bumps: the chain is congested.",
            unit: "short",
            width: third,
          },
          [
            {
              expr: 'sum by (network, kind) (increase(berthage_chain_transaction_repeats_total{job="$job"}[1h]))',
              legend: "{{network}} {{kind}}",
            },
          ],
        ),
        graph({ title: "Gas", description: "Gas used an hour.", unit: "short", width: third }, [
          { expr: 'sum by (network) (increase(berthage_chain_gas_used_total{job="$job"}[1h]))', legend: "{{network}}" },
        ]),
        graph({ title: "Balance and its minimum", description: "In whole coins.", unit: "short", width: half }, [
          { expr: 'max by (network) (berthage_chain_operator_balance_wei{job="$job"}) / 1e18', legend: "{{network}}" },
          {
            expr: 'max by (network) (berthage_chain_operator_balance_min_wei{job="$job"}) / 1e18',
            legend: "{{network}} minimum",
          },
        ]),
        graph(
          { title: "Days that the balance lasts", description: "At the fees of the last day.", unit: "d", width: half },
          [
            {
              expr: 'max by (network) (berthage_chain_operator_balance_wei{job="$job"}) / max by (network) (increase(berthage_chain_fees_wei_total{job="$job"}[1d]))',
              legend: "{{network}}",
            },
          ],
        ),
      ],
    },
  ],
);
