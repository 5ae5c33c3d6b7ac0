import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { findComponents } from "../../tools/controlplane/components.ts";
import { divide } from "../../tools/docs/blocks.ts";
import { markdownFiles } from "../../tools/docs/markdown-files.ts";
import { openSession, type Session } from "../../tools/docs/session.ts";
import { stepsOf } from "../../tools/docs/steps.ts";
import { dashboardQueries } from "../../tools/metrics/dashboards/dashboards.ts";
import { documentedMetrics } from "../../tools/metrics/page.ts";
import { asked } from "../../tools/metrics/plot/panels.ts";
import { promtool } from "../../tools/prometheus/binaries.ts";
import { selectorsIn } from "../../tools/prometheus/promql.ts";
import { readAlerts, ruleFiles } from "../../tools/prometheus/rules.ts";
import { type Prometheus, startPrometheus } from "../../tools/prometheus/server.ts";
import { billedBeyond, leaseGone, leaseWith, rent } from "../harness/leases.ts";
import { eventually } from "../harness/wait.ts";
import { startWorld, type World } from "../harness/world.ts";
import { h100Node, offerObject, UNIT_SECOND } from "../harness/world-objects.ts";
import { parseOpenMetrics } from "../support/openmetrics.ts";
import { web } from "./manifests.ts";

/** Selectors that find nothing while all is well, and why. */
const silentWhileWell: Readonly<Record<string, string>> = {
  'berthage_chain_endpoint_lag_blocks{job="berthage"}': "this network has one endpoint, with nobody to lag behind",
  'rest_client_requests_total{job="berthage",code!~"2.."}': "every request was answered well",
};

/** What a busy machine may well do for a moment. */
const followTheMachine = ["BerthageEventLoopLag", "BerthageQueueAge", "BerthageReconcileErrorRatio"];

const alerts = await readAlerts();
const runbooks = [...(await markdownFiles())].filter(([path]) => path.startsWith("docs/runbooks/"));
const runbookQueries = runbooks.flatMap(([path, text]) =>
  divide(text).blocks.flatMap(({ language, text: expr }) =>
    language === "promql" ? [{ path, expr: expr.trim() }] : [],
  ),
);

let world: World;
let prometheus: Prometheus;
let shell: Session;
beforeAll(async () => {
  world = await startWorld({ nodes: [h100Node("h100-a")], flags: ["--leader-election=true"] });
  prometheus = await startPrometheus({
    dir: join(world.cluster.dir, "prometheus"),
    target: new URL(world.operator.operationsUrl).host,
    rules: await ruleFiles(),
    scrapeSeconds: 1,
  });
  shell = await openSession({ folder: world.cluster.dir, environment: await shellEnvironment(), placeholders: {} });
  await liveSomeLives();
});
afterAll(async () => {
  await prometheus?.stop();
  await world?.stop();
});

/** An admin's shell, with kubectl and nothing else of ours. */
async function shellEnvironment(): Promise<Readonly<Record<string, string>>> {
  const { dir: HOME, kubeconfigFile: KUBECONFIG } = world.cluster;
  return { PATH: `${await findComponents(["kubectl"])}:${process.env["PATH"]}`, HOME, KUBECONFIG };
}

/** Leases in all their states: one ended, one suspended for want of funds, one served, one that waits for its manifest. */
async function liveSomeLives(): Promise<void> {
  await world.apply(offerObject("h100", world.market, { terms: { unfundedGraceSeconds: 600 } }));
  const tenant = await world.tenant();
  const deposit = 3600n * UNIT_SECOND;
  const ended = await rent(world, tenant, "h100", { deposit, manifest: web() });
  await billedBeyond(world, ended, 0);
  await tenant.close(ended);
  const poor = await rent(world, tenant, "h100", { deposit: 3n * UNIT_SECOND, manifest: web() });
  const served = await rent(world, tenant, "h100", { deposit, manifest: web() });
  await rent(world, tenant, "h100", { deposit });
  await Promise.all([
    leaseGone(world, ended),
    leaseWith(world, poor, "Suspended", "True", "FundsExhausted"),
    leaseWith(world, served, "Ready", "True").then(() => billedBeyond(world, served, 0)),
  ]);
}

describe("the operator's page", () => {
  it("is what docs/metrics.md says, in both directions, and promtool has no complaint", async () => {
    const documented = [...(await documentedMetrics()).values()].flat().map(({ name }) => name.replace(/_total$/, ""));
    const response = await fetch(`${world.operator.operationsUrl}/metrics`, {
      headers: { accept: "application/openmetrics-text; version=1.0.0" },
    });
    expect(response.headers.get("content-type")).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    const families = parseOpenMetrics(await response.text());
    expect([...families.keys()].toSorted()).toEqual(documented.toSorted());
    expect(await promtool(["check", "metrics"], await world.operator.metrics())).toBe("");
  });

  it("is scraped without an error, sample by sample", async () => {
    expect(await prometheus.targets()).toMatchObject([{ health: "up", lastError: "" }]);
    expect(await prometheus.query('min_over_time(up{job="berthage"}[5m])')).toMatchObject([{ values: [[{}, "1"]] }]);
    const [scraped] = await prometheus.query('scrape_samples_scraped{job="berthage"}');
    console.log(`one scrape has ${scraped?.values[0]?.[1]} samples`);
  });
});

describe("every rule", () => {
  it("is loaded and evaluated, and none so much as begins to fire while all is well", async () => {
    const rules = await eventually("all rules were evaluated", async () => {
      const found = await prometheus.rules();
      return found.every(({ health }) => health === "ok") ? found : undefined;
    });
    expect(rules.map(({ name }) => name).toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
    const begun = rules.filter(({ state }) => state !== "inactive").map(({ name }) => name);
    expect(begun.filter((name) => !followTheMachine.includes(name))).toEqual([]);
  });

  it.each(alerts)("$alert finds all series that it reads", async ({ expr }) => {
    for (const selector of selectorsIn(expr)) await hasData(selector);
  });
});

describe("every query of a dashboard", () => {
  it.each(dashboardQueries())("$dashboard: $panel: $legend", async ({ expr }) => {
    const series = await eventually(`data for ${expr}`, async () => {
      const found = await prometheus.query(asked(expr));
      return found.length > 0 ? found : undefined;
    });
    expect(series.length).toBeGreaterThan(0);
  });
});

describe("every runbook", () => {
  it.each(runbookQueries)("$path asks what Prometheus can answer: $expr", async ({ expr }) => {
    await prometheus.query(expr);
    for (const selector of selectorsIn(expr)) await hasData(selector);
  });

  it.each(runbooks.map(([path]) => path))("%s has commands that work", async (path) => {
    for (const step of stepsOf(new Map(runbooks).get(path) ?? "")) {
      if (step.kind === "run") await shell.run(step.script);
    }
  });
});

test("what is silent while all is well is really asked for somewhere", () => {
  const read = new Set([...alerts, ...runbookQueries].flatMap(({ expr }) => selectorsIn(expr)));
  for (const selector of Object.keys(silentWhileWell)) expect([...read]).toContain(selector);
});

async function hasData(selector: string): Promise<void> {
  if (silentWhileWell[selector] !== undefined) return;
  await eventually(`data for ${selector}`, async () =>
    (await prometheus.query(selector)).length > 0 ? true : undefined,
  );
}
