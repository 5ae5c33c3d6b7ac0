import { dashboard } from "./dashboard.ts";
import { graph, stat } from "./panels.ts";

const third = 8;
const half = 12;
const sixth = 4;

/** What is sold, served and earned. */
export const businessDashboard = dashboard(
  {
    uid: "berthage-business",
    title: "Berthage / Business",
    description: "What is sold, how it is served, what it earns.",
  },
  [
    {
      title: "Now",
      panels: [
        stat(
          { title: "GPUs offered", description: "For sale, leased ones included.", unit: "short", width: sixth },
          { expr: 'sum(max by (product) (berthage_gpus_offered{job="$job"}))', legend: "offered" },
        ),
        stat(
          { title: "GPUs leased", description: "Leased now.", unit: "short", width: sixth },
          { expr: 'sum(max by (product) (berthage_gpus_leased{job="$job"}))', legend: "leased" },
        ),
        stat(
          {
            title: "Utilisation",
            description: "Part of the offered GPUs that is leased.",
            unit: "percentunit",
            width: sixth,
          },
          {
            expr: 'sum(max by (product) (berthage_gpus_leased{job="$job"})) / sum(max by (product) (berthage_gpus_offered{job="$job"}))',
            legend: "leased",
          },
        ),
        stat(
          { title: "Leases served", description: "Leases that are ready.", unit: "short", width: sixth },
          { expr: 'max(berthage_leases{job="$job",state="Ready"})', legend: "leases" },
        ),
        stat(
          {
            title: "Runway below an hour",
            description: "Leases that end or are suspended soon unless topped up.",
            unit: "short",
            width: sixth,
          },
          { expr: 'max(berthage_leases_by_runway{job="$job",runway="under 1 h"})', legend: "leases" },
        ),
        stat(
          { title: "Oversold units", description: "Sold and fitting nowhere: must be 0.", unit: "short", width: sixth },
          { expr: 'sum(max by (offer) (berthage_units_oversold{job="$job"}))', legend: "units" },
          { badFrom: 1 },
        ),
      ],
    },
    {
      title: "Sold",
      panels: [
        graph(
          { title: "GPUs by product", description: "Leased and free, by product.", unit: "short", width: half },
          [
            { expr: 'max by (product) (berthage_gpus_leased{job="$job"})', legend: "{{product}} leased" },
            { expr: 'max by (product) (berthage_gpus_free{job="$job"})', legend: "{{product}} free" },
          ],
          true,
        ),
        graph(
          {
            title: "Leases by state",
            description: "Pending until provisioned; Unready while containers start or fail.",
            unit: "short",
            width: half,
          },
          [{ expr: 'max by (state) (berthage_leases{job="$job"})', legend: "{{state}}" }],
          true,
        ),
        graph(
          { title: "Runway", description: "Leases by paid service that is left.", unit: "short", width: half },
          [{ expr: 'max by (runway) (berthage_leases_by_runway{job="$job"})', legend: "{{runway}}" }],
          true,
        ),
        graph(
          {
            title: "What leases wait for",
            description: "Leases that are not ready, by reason.",
            unit: "short",
            width: half,
          },
          [
            {
              expr: 'max by (reason) (berthage_conditions{job="$job",kind="ComputeLease",type="Ready",status="False",reason!="Closed"})',
              legend: "{{reason}}",
            },
          ],
          true,
        ),
      ],
    },
    {
      title: "Earned",
      panels: [
        graph(
          {
            title: "Earnings an hour",
            description: "By token, in its smallest units: what heartbeats wrote to the network.",
            unit: "short",
            width: half,
          },
          [{ expr: 'max by (token) (rate(berthage_earned_tokens_total{job="$job"}[1h])) * 3600', legend: "{{token}}" }],
        ),
        graph(
          {
            title: "Billed service",
            description: "Seconds billed a second: how many leases pay at once, on average of an hour.",
            unit: "short",
            width: half,
          },
          [{ expr: 'max(rate(berthage_billed_seconds_total{job="$job"}[1h]))', legend: "leases" }],
        ),
      ],
    },
    {
      title: "Served",
      panels: [
        graph(
          {
            title: "Time until ready",
            description: "From a lease's last state to Ready: half, and nine of ten, are quicker.",
            unit: "s",
            width: third,
          },
          [
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(berthage_condition_transition_seconds_bucket{job="$job",kind="ComputeLease",type="Ready",status="True"}[1h])))',
              legend: "50 %",
            },
            {
              expr: 'histogram_quantile(0.9, sum by (le) (rate(berthage_condition_transition_seconds_bucket{job="$job",kind="ComputeLease",type="Ready",status="True"}[1h])))',
              legend: "90 %",
            },
          ],
        ),
        graph(
          {
            title: "Oldest lease that is not provisioned",
            description: "By reason; waiting for a manifest is the tenant's part.",
            unit: "s",
            width: third,
          },
          [{ expr: 'max by (reason) (berthage_lease_pending_oldest_seconds{job="$job"})', legend: "{{reason}}" }],
        ),
        graph(
          { title: "Oldest deletion", description: "What is being deleted and still there.", unit: "s", width: third },
          [{ expr: 'max by (kind) (berthage_terminating_oldest_seconds{job="$job"})', legend: "{{kind}}" }],
        ),
        graph(
          {
            title: "Ill leased GPUs",
            description: "Leased accelerators beyond what their node has healthy: must be 0.",
            unit: "short",
            width: half,
          },
          [{ expr: 'max by (product) (berthage_gpus_leased_unhealthy{job="$job"})', legend: "{{product}}" }],
        ),
        graph(
          {
            title: "Money that can't be right",
            description: "Leases whose figures break a rule of the contract: must be 0.",
            unit: "short",
            width: half,
          },
          [{ expr: 'max by (mismatch) (berthage_leases_mismatched{job="$job"})', legend: "{{mismatch}}" }],
        ),
      ],
    },
  ],
);
