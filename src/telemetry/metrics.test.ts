import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Family, parseOpenMetrics, seriesValue } from "../../test/support/openmetrics.ts";
import { leaseStates, runwayOf } from "./business-metrics.ts";
import type { NetworkSample } from "./chain-metrics.ts";
import { families } from "./definitions.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

const fresh = (): Metrics => createMetrics({ version: "1.2.3", commit: "abc", processMetrics: false });

async function scrape(metrics: Metrics): Promise<ReadonlyMap<string, Family>> {
  return parseOpenMetrics((await metrics.page("application/openmetrics-text; version=1.0.0")).body);
}

const definitions = Object.values(families).flat();

describe("definitions", () => {
  it.each(definitions.map((definition) => [definition.name, definition] as const))("%s follows the rules", (_, d) => {
    expect(d.name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(d.name.endsWith("_total")).toBe(d.type === "counter");
    expect(d.help).toMatch(/^\S.*\.$/);
    const known: readonly string[] = d.labels;
    const ofLeases = ["lease", "lease_id", "tenant", "transaction", "hash"];
    const ofTargets = ["job", "instance", "namespace", "pod", "container", "service", "endpoint"]; // Prometheus gives these
    for (const forbidden of [...ofLeases, ...ofTargets]) expect(known).not.toContain(forbidden);
    if (d.type === "histogram") {
      expect(d.name).toMatch(/_seconds$/);
      expect([...d.buckets].sort((a, b) => a - b)).toEqual([...d.buckets]);
    }
  });

  it("have names of their own and are the page: nothing is missing there, nothing else is there", async () => {
    const names = definitions.map(({ name }) => name.replace(/_total$/, ""));
    expect([...(await scrape(fresh())).keys()].toSorted()).toEqual(names.toSorted());
  });
});

describe("the page", () => {
  it("is Prometheus text unless OpenMetrics is asked for, each time anew", async () => {
    const metrics = fresh();
    metrics.kube.queueAdded("lease.funds");
    const open = await metrics.page("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    const text = await metrics.page("text/plain");
    expect(open.contentType).toMatch(/^application\/openmetrics-text/);
    expect(text.contentType).toMatch(/^text\/plain/);
    expect(text.body).toContain("# TYPE workqueue_adds_total counter");
    expect(text.body).toContain('workqueue_adds_total{name="lease.funds",controller="lease.funds"} 1');
    expect(open.body).toContain("# TYPE workqueue_adds counter");
    expect((await metrics.page("application/openmetrics-text")).body).toBe(open.body);
  });

  it("with process metrics is valid too, and shows the event loop's lag", async () => {
    const page = await scrape(createMetrics({ version: "1", commit: "", processMetrics: true }));
    expect(page.has("nodejs_eventloop_lag_seconds")).toBe(true);
    const gauges = [...page.values()].filter(({ type }) => type === "gauge");
    expect(gauges.filter(({ name }) => name.endsWith("_total"))).toEqual([]);
    const [limit, heap] = ["berthage_memory_limit_bytes", "berthage_heap_limit_bytes"].map((n) => seriesValue(page, n));
    const resident = seriesValue(page, "process_resident_memory_bytes") ?? 0;
    expect(limit).toBeGreaterThan(resident);
    expect(heap).toBeGreaterThan(seriesValue(page, "nodejs_heap_size_used_bytes") ?? Number.POSITIVE_INFINITY);
    expect(seriesValue(page, "berthage_build_info", { version: "1", commit: "", node: process.version })).toBe(1);
  });

  it("stays valid whatever a label holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (product) => {
        const metrics = fresh();
        metrics.business.gpus([{ product, offered: 3, leased: 1, free: 2 }]);
        const family = (await scrape(metrics)).get("berthage_gpus_offered");
        expect(family?.samples).toMatchObject([{ value: 3 }]);
      }),
      { numRuns: 30, examples: [["\r"], ["\u2028"], ['\n"\\']] },
    );
  });
});

describe("the runtime family", () => {
  it("counts reconciles under controller-runtime's results", async () => {
    const { kube, ...metrics } = fresh();
    for (const result of ["success", "conflict", "requeue_after", "error", "timeout"] as const)
      kube.reconcileFinished("offer.readiness", result, 0.02);
    const page = await scrape({ kube, ...metrics });
    const total = (result: string): number | undefined =>
      seriesValue(page, "controller_runtime_reconcile_total", { controller: "offer.readiness", result });
    expect([total("success"), total("requeue"), total("requeue_after"), total("error")]).toEqual([1, 1, 1, 2]);
    const controller = { controller: "offer.readiness" };
    expect(seriesValue(page, "controller_runtime_reconcile_errors_total", controller)).toBe(2);
    expect(seriesValue(page, "controller_runtime_reconcile_timeouts_total", controller)).toBe(1);
    expect(seriesValue(page, "controller_runtime_reconcile_time_seconds_count", controller)).toBe(5);
  });

  it("begins every series of a controller and its queue at zero, so that the first error is a rise", async () => {
    const { kube, ...metrics } = fresh();
    kube.controllerCreated("c");
    kube.queueCreated("c", () => ({ seconds: 7, longestSeconds: 5 }));
    const page = await scrape({ kube, ...metrics });
    const [controller, queue] = [{ controller: "c" }, { name: "c", controller: "c" }];
    for (const result of ["success", "requeue_after", "requeue", "error"])
      expect(seriesValue(page, "controller_runtime_reconcile_total", { ...controller, result })).toBe(0);
    expect(seriesValue(page, "controller_runtime_reconcile_errors_total", controller)).toBe(0);
    expect(seriesValue(page, "workqueue_retries_total", queue)).toBe(0);
    expect(seriesValue(page, "workqueue_unfinished_work_seconds", queue)).toBe(7);
    expect(seriesValue(page, "workqueue_longest_running_processor_seconds", queue)).toBe(5);
  });

  it("shows queues, caches, requests, leadership and dropped events", async () => {
    const { kube, ...metrics } = fresh();
    kube.queueDepth("q", 7);
    kube.queueRetried("q");
    kube.queueWaited("q", 0.5);
    kube.queueWorked("q", 0.5);
    kube.activeWorkers("q", 2);
    kube.requestFinished("apply", "pods", "200", 0.01);
    kube.requestFinished("watch", "pods", "200", 290);
    kube.requestFinished("get", "pods", "<error>", 1);
    kube.informerCreated("pods", () => ({ hasSynced: true, lastEventAgeSeconds: 42 }));
    kube.relisted("pods");
    kube.watchEnded("pods", "gone");
    kube.cacheObjects("pods", 12);
    kube.leader("berthage", true);
    kube.leader("berthage", false);
    kube.eventDropped("rate");
    kube.informerCreated("nodes", () => ({ hasSynced: false, lastEventAgeSeconds: 1 }));
    const page = await scrape({ kube, ...metrics });
    const q = { name: "q", controller: "q" };
    expect(seriesValue(page, "workqueue_depth", q)).toBe(7);
    expect(seriesValue(page, "workqueue_retries_total", q)).toBe(1);
    expect(seriesValue(page, "workqueue_queue_duration_seconds_sum", q)).toBe(0.5);
    expect(seriesValue(page, "workqueue_work_duration_seconds_count", q)).toBe(1);
    expect(seriesValue(page, "controller_runtime_active_workers", { controller: "q" })).toBe(2);
    expect(seriesValue(page, "rest_client_requests_total", { code: "200", method: "PATCH", resource: "pods" })).toBe(1);
    expect(seriesValue(page, "rest_client_requests_total", { code: "<error>", method: "GET", resource: "pods" })).toBe(
      1,
    );
    expect(seriesValue(page, "rest_client_request_duration_seconds_count", { verb: "watch", resource: "pods" })).toBe(
      undefined,
    );
    expect(seriesValue(page, "reflector_lists_total", { name: "pods" })).toBe(1);
    expect(seriesValue(page, "reflector_watches_ended_total", { name: "pods", cause: "gone" })).toBe(1);
    expect(seriesValue(page, "reflector_cache_objects", { name: "pods" })).toBe(12);
    expect(seriesValue(page, "reflector_watch_age_seconds", { name: "pods" })).toBe(42);
    expect(seriesValue(page, "reflector_synced", { name: "pods" })).toBe(1);
    expect(seriesValue(page, "reflector_synced", { name: "nodes" })).toBe(0);
    expect(seriesValue(page, "leader_election_master_status", { name: "berthage" })).toBe(0);
    expect(seriesValue(page, "berthage_events_dropped_total", { cause: "rate" })).toBe(1);
  });

  it("drops values that are not numbers instead of failing", async () => {
    const metrics = fresh();
    metrics.kube.queueDepth("q", Number.NaN);
    metrics.kube.queueWaited("q", Number.POSITIVE_INFINITY);
    metrics.business.billed(-1);
    const page = await scrape(metrics);
    expect(seriesValue(page, "workqueue_depth", { name: "q", controller: "q" })).toBe(undefined);
    expect(seriesValue(page, "berthage_billed_seconds_total")).toBe(0);
  });
});

function sample(network: string, minBalanceWei = 0n): NetworkSample {
  return {
    network,
    minBalanceWei,
    points: [{ tier: "head", number: 123n, lagSeconds: 2 }],
    lane: { oldestIntentSeconds: 30, stuckSeconds: 10, trouble: "FeeCeiling" },
  };
}

describe("the chain family", () => {
  it("keeps networks apart", async () => {
    const metrics = fresh();
    const [one, two] = [metrics.chain("one"), metrics.chain("two")];
    one.requestFinished("primary", "eth_call", "success", 0.01);
    one.breakerState("primary", "half-open");
    one.headLag("primary", 3);
    one.ledgerTick("head", "unchanged");
    two.laneDepth(4);
    two.transactionFinished("mined", 12);
    two.transactionRepeated("bump");
    two.feePaid(10n ** 15n);
    metrics.networks.balance("two", 5n * 10n ** 18n);
    metrics.networks.networks([sample("two", 10n ** 17n)]);
    metrics.networks.gasUsed("two", 21_000n);
    const page = await scrape(metrics);
    const endpoint = { network: "one", rpc_endpoint: "primary" };
    expect(
      seriesValue(page, "berthage_chain_requests_total", { ...endpoint, method: "eth_call", outcome: "success" }),
    ).toBe(1);
    expect(seriesValue(page, "berthage_chain_endpoint_healthy", endpoint)).toBe(0.5);
    expect(seriesValue(page, "berthage_chain_endpoint_lag_blocks", endpoint)).toBe(3);
    expect(
      seriesValue(page, "berthage_chain_ledger_ticks_total", { network: "one", tier: "head", outcome: "unchanged" }),
    ).toBe(1);
    expect(
      seriesValue(page, "berthage_chain_ledger_ticks_total", {
        network: "two",
        tier: "final",
        outcome: "disagreement",
      }),
    ).toBe(0);
    expect(seriesValue(page, "berthage_chain_lane_depth", { network: "one" })).toBe(0);
    expect(seriesValue(page, "berthage_chain_lane_depth", { network: "two" })).toBe(4);
    expect(seriesValue(page, "berthage_chain_transactions_total", { network: "two", result: "mined" })).toBe(1);
    expect(seriesValue(page, "berthage_chain_transaction_repeats_total", { network: "two", kind: "bump" })).toBe(1);
    expect(seriesValue(page, "berthage_chain_fees_wei_total", { network: "two" })).toBe(1e15);
    expect(seriesValue(page, "berthage_chain_head_number", { network: "two", tier: "head" })).toBe(123);
    expect(seriesValue(page, "berthage_chain_head_lag_seconds", { network: "two", tier: "head" })).toBe(2);
    expect(seriesValue(page, "berthage_chain_operator_balance_wei", { network: "two" })).toBe(5e18);
    expect(seriesValue(page, "berthage_chain_gas_used_total", { network: "two" })).toBe(21_000);
    expect(seriesValue(page, "berthage_chain_operator_balance_min_wei", { network: "two" })).toBe(1e17);
    expect(seriesValue(page, "berthage_chain_lane_oldest_intent_seconds", { network: "two" })).toBe(30);
    expect(seriesValue(page, "berthage_chain_transaction_stuck_seconds", { network: "two" })).toBe(10);
    const troubles = page.get("berthage_chain_lane_trouble")?.samples.filter(({ value }) => value === 1);
    expect(troubles).toMatchObject([{ labels: { network: "two", trouble: "FeeCeiling" } }]);
  });

  it("forgets a network that is gone, with its balance", async () => {
    const metrics = fresh();
    metrics.networks.balance("one", 7n);
    metrics.networks.networks([sample("one"), sample("two")]);
    metrics.networks.networks([sample("two")]);
    const page = await scrape(metrics);
    for (const name of ["berthage_chain_head_number", "berthage_chain_operator_balance_min_wei"])
      expect(page.get(name)?.samples).toMatchObject([{ labels: { network: "two" } }]);
    expect(page.get("berthage_chain_operator_balance_wei")?.samples).toEqual([]);
  });
});

describe("the business family", () => {
  it("shows GPUs of all offers by product and forgets a product that is gone", async () => {
    const metrics = fresh();
    metrics.business.gpus([
      { product: "H100", offered: 8, leased: 2, free: 6 },
      { product: "H100", offered: 8, leased: 1, free: 7 },
      { product: "A100", offered: 4, leased: 0, free: 4 },
    ]);
    expect(seriesValue(await scrape(metrics), "berthage_gpus_leased", { product: "H100" })).toBe(3);
    metrics.business.gpus([{ product: "A100", offered: 4, leased: 1, free: 3 }]);
    const page = await scrape(metrics);
    expect(seriesValue(page, "berthage_gpus_offered", { product: "H100" })).toBe(undefined);
    expect(seriesValue(page, "berthage_gpus_free", { product: "A100" })).toBe(3);
  });

  it("counts each lease once by state and the living once by runway", async () => {
    const lease = fc.record({
      state: fc.constantFrom(...leaseStates),
      runwaySeconds: fc.option(fc.integer({ min: -10, max: 1_000_000 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(lease), async (leases) => {
        const metrics = fresh();
        metrics.business.leases([{ state: "Ready", runwaySeconds: 5 }]);
        metrics.business.leases(leases);
        const page = await scrape(metrics);
        const sum = (family: string): number =>
          (page.get(family)?.samples ?? []).reduce((all, sample) => all + sample.value, 0);
        expect(sum("berthage_leases")).toBe(leases.length);
        expect(sum("berthage_leases_by_runway")).toBe(leases.filter((l) => l.runwaySeconds !== undefined).length);
        expect(page.get("berthage_leases")?.samples).toHaveLength(leaseStates.length);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [-1, "none"],
    [0, "none"],
    [1, "under 1 h"],
    [3600, "under 6 h"],
    [86_399, "under 1 d"],
    [86_400, "under 7 d"],
    [7 * 86_400, "7 d and more"],
  ])("puts a runway of %d seconds under %s", (seconds, runway) => expect(runwayOf(seconds)).toBe(runway));

  it("adds up seconds and earnings by token, however its address is spelled", async () => {
    const metrics = fresh();
    metrics.business.billed(60);
    metrics.business.billed(40);
    metrics.business.earned("0xAB", 5n);
    metrics.business.earned("0xab", 6n);
    const page = await scrape(metrics);
    expect(seriesValue(page, "berthage_billed_seconds_total")).toBe(100);
    expect(seriesValue(page, "berthage_earned_tokens_total", { token: "0xab" })).toBe(11);
  });
});

describe("the service family", () => {
  it("shows ages and mismatches at zero when there are none, and replaces them all each time", async () => {
    const metrics = fresh();
    metrics.service.pending(new Map([["Unschedulable", 90]]));
    metrics.service.pending(new Map([["QuotaRefused", 30]]));
    metrics.service.terminating(new Map([["Namespace", 700]]));
    metrics.service.mismatched(new Map([["WithdrawnBeyondEarned", 1]]));
    const page = await scrape(metrics);
    const pending = (reason: string) => seriesValue(page, "berthage_lease_pending_oldest_seconds", { reason });
    expect([pending("Unschedulable"), pending("QuotaRefused"), pending("Provisioned")]).toEqual([0, 30, undefined]);
    const terminating = (kind: string) => seriesValue(page, "berthage_terminating_oldest_seconds", { kind });
    expect([terminating("Namespace"), terminating("ComputeLease")]).toEqual([700, 0]);
    expect(
      page
        .get("berthage_leases_mismatched")
        ?.samples.map(({ value }) => value)
        .toSorted(),
    ).toEqual([0, 0, 0, 1]);
  });

  it("forgets offers and products that are gone", async () => {
    const metrics = fresh();
    metrics.service.oversold(new Map([["old", 3]]));
    metrics.service.oversold(new Map([["new", 0]]));
    metrics.service.unhealthy(new Map([["H100", 2]]));
    const page = await scrape(metrics);
    expect(page.get("berthage_units_oversold")?.samples).toMatchObject([{ labels: { offer: "new" }, value: 0 }]);
    expect(seriesValue(page, "berthage_gpus_leased_unhealthy", { product: "H100" })).toBe(2);
  });
});
