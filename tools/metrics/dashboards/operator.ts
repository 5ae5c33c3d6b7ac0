import { dashboard } from "./dashboard.ts";
import { graph, stat } from "./panels.ts";

const third = 8;
const half = 12;
const sixth = 4;

/** How the operator is: work, API server, process. */
export const operatorDashboard = dashboard(
  {
    uid: "berthage-operator",
    title: "Berthage / Operator",
    description: "How the operator is: who leads, what it works on, how the API server answers, what it uses.",
  },
  [
    {
      title: "Now",
      panels: [
        stat(
          { title: "Pods up", description: "Pods that Prometheus reaches.", unit: "short", width: sixth },
          { expr: 'sum(up{job="$job"})', legend: "pods" },
          { badBelow: 1 },
        ),
        stat(
          {
            title: "Leaders",
            description: "One pod leads; with none nothing is decided.",
            unit: "short",
            width: sixth,
          },
          { expr: 'sum(leader_election_master_status{job="$job"})', legend: "leaders" },
          { badBelow: 1, badFrom: 2 },
        ),
        stat(
          {
            title: "Caches to fill",
            description: "Kinds that a pod could not list yet; nothing is decided on them.",
            unit: "short",
            width: sixth,
          },
          { expr: 'sum(1 - reflector_synced{job="$job"})', legend: "caches" },
          { badFrom: 1 },
        ),
        stat(
          {
            title: "Not ready",
            description: "Networks, offers and leases whose condition Ready is False.",
            unit: "short",
            width: sixth,
          },
          {
            expr: 'max(sum by (instance) (berthage_conditions{job="$job",type="Ready",status="False"}))',
            legend: "objects",
          },
        ),
        stat(
          {
            title: "Failing calls",
            description: "Part of all reconcile calls that fail.",
            unit: "percentunit",
            width: sixth,
          },
          {
            expr: 'sum(rate(controller_runtime_reconcile_errors_total{job="$job"}[$__rate_interval])) / sum(rate(controller_runtime_reconcile_total{job="$job"}[$__rate_interval]))',
            legend: "failing",
          },
          { badFrom: 0.1 },
        ),
        stat(
          { title: "Version", description: "What runs.", unit: "short", width: sixth },
          { expr: 'count by (version) (berthage_build_info{job="$job"})', legend: "{{version}}" },
        ),
      ],
    },
    {
      title: "Work",
      panels: [
        graph(
          {
            title: "Reconcile calls",
            description: "Calls a second, by controller. Quiet when nothing changes.",
            unit: "ops",
            width: third,
          },
          [
            {
              expr: 'sum by (controller) (rate(controller_runtime_reconcile_total{job="$job"}[$__rate_interval]))',
              legend: "{{controller}}",
            },
          ],
        ),
        graph(
          {
            title: "Failed calls",
            description: "Failures and timeouts a second, by controller.",
            unit: "ops",
            width: third,
          },
          [
            {
              expr: 'sum by (controller) (rate(controller_runtime_reconcile_errors_total{job="$job"}[$__rate_interval]))',
              legend: "{{controller}}",
            },
          ],
        ),
        graph({ title: "Time of a call, 99 %", description: "99 of 100 calls are shorter.", unit: "s", width: third }, [
          {
            expr: 'histogram_quantile(0.99, sum by (controller, le) (rate(controller_runtime_reconcile_time_seconds_bucket{job="$job"}[$__rate_interval])))',
            legend: "{{controller}}",
          },
        ]),
        graph({ title: "Keys that wait", description: "Depth of the queues.", unit: "short", width: third }, [
          { expr: 'max by (name) (workqueue_depth{job="$job"})', legend: "{{name}}" },
        ]),
        graph(
          {
            title: "Wait in the queue, 99 %",
            description: "99 of 100 keys wait less before work begins.",
            unit: "s",
            width: third,
          },
          [
            {
              expr: 'histogram_quantile(0.99, sum by (name, le) (rate(workqueue_queue_duration_seconds_bucket{job="$job"}[$__rate_interval])))',
              legend: "{{name}}",
            },
          ],
        ),
        graph(
          {
            title: "Longest call in progress",
            description: "A call that never ends would show here first.",
            unit: "s",
            width: third,
          },
          [{ expr: 'max by (name) (workqueue_longest_running_processor_seconds{job="$job"})', legend: "{{name}}" }],
        ),
      ],
    },
    {
      title: "API server",
      panels: [
        graph(
          {
            title: "Requests by answer",
            description: "Requests a second by HTTP status.",
            unit: "reqps",
            width: third,
          },
          [
            {
              expr: 'sum by (code) (rate(rest_client_requests_total{job="$job"}[$__rate_interval]))',
              legend: "{{code}}",
            },
          ],
          true,
        ),
        graph(
          { title: "Time to answer, 99 %", description: "By verb; watches are left out.", unit: "s", width: third },
          [
            {
              expr: 'histogram_quantile(0.99, sum by (verb, le) (rate(rest_client_request_duration_seconds_bucket{job="$job"}[$__rate_interval])))',
              legend: "{{verb}}",
            },
          ],
        ),
        graph(
          {
            title: "Silence of watches",
            description: "Time since a kind was last heard of, bookmarks included: about a minute at most.",
            unit: "s",
            width: third,
          },
          [{ expr: 'max by (name) (reflector_watch_age_seconds{job="$job"})', legend: "{{name}}" }],
        ),
        graph(
          { title: "Objects in caches", description: "What a pod holds of the cluster.", unit: "short", width: half },
          [{ expr: 'max by (name) (reflector_cache_objects{job="$job"})', legend: "{{name}}" }],
        ),
        graph(
          {
            title: "Lists",
            description: "Full lists an hour; more than the first one are relists.",
            unit: "short",
            width: half,
          },
          [{ expr: 'sum by (name) (increase(reflector_lists_total{job="$job"}[1h]))', legend: "{{name}}" }],
        ),
      ],
    },
    {
      title: "Process",
      panels: [
        graph({ title: "CPU", description: "Cores used, by pod.", unit: "cores", width: third }, [
          { expr: 'rate(process_cpu_seconds_total{job="$job"}[$__rate_interval])', legend: "{{instance}}" },
        ]),
        graph(
          {
            title: "Memory and its limit",
            description: "Resident memory by pod, and what it may use.",
            unit: "bytes",
            width: third,
          },
          [
            { expr: 'process_resident_memory_bytes{job="$job"}', legend: "{{instance}}" },
            { expr: 'nodejs_heap_size_used_bytes{job="$job"}', legend: "{{instance}} heap" },
            { expr: 'min(berthage_memory_limit_bytes{job="$job"})', legend: "limit" },
          ],
        ),
        graph(
          {
            title: "Event-loop lag",
            description: "99 of 100 turns of the event loop come in time but for this.",
            unit: "s",
            width: third,
          },
          [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="$job"}', legend: "{{instance}}" }],
        ),
      ],
    },
  ],
);
