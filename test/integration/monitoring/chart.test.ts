import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { dashboards } from "../../../tools/metrics/dashboards/dashboards.ts";
import { promtool } from "../../../tools/prometheus/binaries.ts";
import { type Alert, readAlerts } from "../../../tools/prometheus/rules.ts";
import { namespace, objectOf, type Rendered, render, renderText, type Values } from "../chart/chart.ts";

interface PrometheusRule extends Rendered {
  readonly spec: { readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[] };
}
interface Monitor extends Rendered {
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints?: readonly Readonly<Record<string, string>>[];
    readonly podMetricsEndpoints?: readonly Readonly<Record<string, string>>[];
  };
}

const find = <T extends Rendered>(
  objects: readonly Rendered[],
  kind: T["kind"],
  is: (one: Rendered) => one is T,
): T => {
  const one = objectOf(objects, kind);
  if (!is(one)) throw new Error(`the ${kind} has no spec`);
  return one;
};
const isRule = (one: Rendered): one is PrometheusRule => one.spec !== undefined;
const isMonitor = (one: Rendered): one is Monitor => one.spec !== undefined;

async function rulesOf(rules: Values): Promise<PrometheusRule> {
  return find(await render({ monitoring: { rules: { enabled: true, ...rules } } }), "PrometheusRule", isRule);
}
async function alertsOf(rules: Values): Promise<ReadonlyMap<string, Alert>> {
  const { groups } = (await rulesOf(rules)).spec;
  return new Map(groups.flatMap((group) => group.rules).map((alert) => [alert.alert, alert]));
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-rules-"));
});
afterAll(async () => await rm(dir, { recursive: true }));

describe("the PrometheusRule", () => {
  it("has every alert, for this release only, and promtool takes it", async () => {
    const rule = await rulesOf({ labels: { release: "kube-prometheus-stack" } });
    expect(rule.metadata.labels).toMatchObject({ release: "kube-prometheus-stack" });
    const alerts = rule.spec.groups.flatMap((group) => group.rules);
    const plain = await readAlerts();
    expect(alerts.map(({ alert }) => alert).toSorted()).toEqual(plain.map(({ alert }) => alert).toSorted());
    for (const { expr, alert } of alerts) {
      const before = plain.find((one) => one.alert === alert)?.expr ?? "";
      expect(expr).toBe(before.replaceAll('job="berthage"', `job="berthage",namespace="${namespace}"`));
    }
    await writeFile(join(dir, "rules.yaml"), stringify({ groups: rule.spec.groups }));
    expect(await promtool(["check", "rules", "--lint-fatal", join(dir, "rules.yaml")])).toContain("SUCCESS");
  });

  it("follows the chart's name, which is the job", async () => {
    const objects = await render({ nameOverride: "lessor", monitoring: { rules: { enabled: true } } });
    const [alert] = find(objects, "PrometheusRule", isRule).spec.groups[0]?.rules ?? [];
    expect(alert?.expr).toContain('job="lessor",namespace=');
  });

  it("drops, delays, regrades and labels single alerts, and leaves the others", async () => {
    const labels = { team: "gpu", severity: "info" };
    const alerts = await alertsOf({
      alertLabels: { cluster: "one", team: "all" },
      overrides: {
        BerthageChainHeadLag: { enabled: false },
        BerthageNoLeader: { for: "7m", severity: "warning" },
        BerthageTxStuck: { enabled: true, labels },
      },
    });
    expect(alerts.has("BerthageChainHeadLag")).toBe(false);
    expect(alerts.get("BerthageNoLeader")).toMatchObject({
      for: "7m",
      labels: { severity: "warning", cluster: "one", team: "all" },
    });
    expect(alerts.get("BerthageTxStuck")).toMatchObject({ for: "5m", labels: { ...labels, cluster: "one" } });
    expect(alerts.get("BerthageOperatorDown")?.labels).toEqual({ severity: "critical", cluster: "one", team: "all" });
    expect(alerts.size).toBe((await readAlerts()).length - 1);
  });

  it("leaves no empty group when all of its alerts are dropped", async () => {
    const overrides = Object.fromEntries((await readAlerts()).map(({ alert }) => [alert, { enabled: false }]));
    expect((await rulesOf({ overrides })).spec.groups).toEqual([]);
  });

  it("points to runbooks wherever they are read", async () => {
    const alerts = await alertsOf({ runbookBaseUrl: "https://runbooks.example/berthage/" });
    expect(alerts.get("BerthageTxStuck")?.annotations["runbook_url"]).toBe(
      "https://runbooks.example/berthage/BerthageTxStuck.md",
    );
  });

  it("refuses to override an alert that there is not", async () => {
    const monitoring = { rules: { enabled: true, overrides: { TxStuck: { enabled: false } } } };
    await expect(renderText({ monitoring })).rejects.toThrow(
      /monitoring\.rules\.overrides\.TxStuck: there is no such alert; there are .*BerthageTxStuck/,
    );
  });
});

describe("what scrapes", () => {
  it.each(["PodMonitor", "ServiceMonitor"] as const)(
    "%s finds the operator's port and gives the job of the alerts",
    async (kind) => {
      const value = kind === "PodMonitor" ? "podMonitor" : "serviceMonitor";
      const objects = await render({
        monitoring: { [value]: { enabled: true, interval: "15s", scrapeTimeout: "10s", labels: { release: "x" } } },
      });
      const { spec, metadata } = find(objects, kind, isMonitor);
      expect(metadata.labels).toMatchObject({ release: "x" });
      const found = kind === "PodMonitor" ? "Deployment" : "Service";
      const target = objectOf(objects, found, kind === "PodMonitor" ? "berthage" : "berthage-operations");
      expect(target.metadata.labels).toMatchObject(spec.selector.matchLabels);
      expect(target.metadata.labels?.[spec.jobLabel]).toBe("berthage");
      const endpoint = { port: "operations", path: "/metrics", interval: "15s", scrapeTimeout: "10s" };
      expect(spec.podMetricsEndpoints ?? spec.endpoints).toEqual([endpoint]);
    },
  );

  it("is not there unless it is asked for: the Prometheus operator's CRDs may be missing", async () => {
    const kinds = (await render({})).map(({ kind }) => kind);
    expect(kinds.filter((kind) => /Monitor|PrometheusRule/.test(kind))).toEqual([]);
  });
});

describe("the dashboards", () => {
  it("are ConfigMaps that Grafana's sidecar finds, each with a whole dashboard", async () => {
    const annotations = { "k8s-sidecar-target-directory": "Berthage" };
    const objects = await render({ monitoring: { dashboards: { enabled: true, namespace: "grafana", annotations } } });
    for (const [name, dashboard] of dashboards) {
      const map = objectOf(objects, "ConfigMap", `berthage-dashboard-${name}`);
      expect(map.metadata).toMatchObject({ namespace: "grafana", annotations, labels: { grafana_dashboard: "1" } });
      const data = "data" in map && isRecord(map.data) ? map.data : {};
      expect(JSON.parse(String(data[`berthage-${name}.json`]))).toEqual(dashboard);
    }
  });
});

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
