import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Panel, RowPanel } from "@grafana/schema";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { chartFolder } from "../../chart/chart.ts";
import { metricsIn } from "../../prometheus/promql.ts";
import { documentedMetrics } from "../page.ts";
import { layOut } from "./dashboard.ts";
import { dashboardQueries, dashboards } from "./dashboards.ts";
import { stat } from "./panels.ts";

const folder = join(chartFolder, "files/dashboards");
const known = new Map([...(await documentedMetrics()).values()].flat().map((metric) => [metric.name, metric]));

test("the chart has the dashboards that `npm run generate` writes, and no others", async () => {
  expect((await readdir(folder)).toSorted()).toEqual([...dashboards.keys()].map((name) => `${name}.json`).toSorted());
  for (const [name, dashboard] of dashboards)
    expect(JSON.parse(await readFile(join(folder, `${name}.json`), "utf8"))).toEqual(dashboard);
});

describe.each([...dashboards])("%s", (_, { panels = [], ...dashboard }) => {
  it("is a dashboard that Grafana can keep: an id of its own, panels with ids, places and queries", () => {
    expect(dashboard.uid).toMatch(/^berthage-[a-z]{1,30}$/);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const panel of panels.filter(isPanel)) {
      expect(panel.targets?.length).toBeGreaterThan(0);
      expect(panel.description).toMatch(/\.$/);
      expect(panel.fieldConfig?.defaults.unit).toBeTruthy();
    }
    expect(overlaps(panels)).toEqual([]);
  });
});

describe.each(dashboardQueries())("$dashboard: $panel: $expr", ({ expr, legend }) => {
  it("reads metrics that the operator has, with labels that they have, of the chosen job", () => {
    const metrics = metricsIn(expr).filter((name) => name !== "up");
    for (const name of metrics) expect([...known.keys()]).toContain(name);
    const labels = new Set([...metrics.flatMap((name) => known.get(name)?.labels ?? []), "instance"]);
    for (const [, label = ""] of legend.matchAll(/\{\{(\w+)\}\}/g)) expect([...labels]).toContain(label);
    expect(expr.match(/\{/g)?.length).toBe(expr.match(/\{job="\$job"/g)?.length);
  });
});

test("no layout has panels over each other or beyond the edge", () => {
  const panel = fc.record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 12 }) });
  const sections = fc.array(fc.array(panel), { maxLength: 4 });
  const [one] = layOut([
    { title: "", panels: [stat({ title: "", description: "", unit: "", width: 4 }, { expr: "up", legend: "" })] },
  ]).slice(1);
  expect(one?.gridPos).toEqual({ x: 0, y: 1, w: 4, h: 4 });
  fc.assert(
    fc.property(sections, (all) => {
      const placed = layOut(
        all.map((panels) => ({ title: "", panels: panels.map((size) => ({ type: "stat", ...size })) })),
      );
      expect(placed).toHaveLength(all.flat().length + all.length);
      expect(overlaps(placed)).toEqual([]);
      for (const { gridPos } of placed) expect((gridPos?.x ?? 0) + (gridPos?.w ?? 0)).toBeLessThanOrEqual(24);
    }),
  );
});

function isPanel(panel: Panel | RowPanel): panel is Panel {
  return panel.type !== "row";
}

/** Pairs of ids whose places have cells in common. */
function overlaps(panels: readonly (Panel | RowPanel)[]): readonly string[] {
  return panels.flatMap((a, index) =>
    panels.slice(index + 1).flatMap((b) => {
      if (a.gridPos === undefined || b.gridPos === undefined) return [`${a.id} or ${b.id} has no place`];
      const [p, q] = [a.gridPos, b.gridPos];
      const isApart = p.x + p.w <= q.x || q.x + q.w <= p.x || p.y + p.h <= q.y || q.y + q.h <= p.y;
      return isApart ? [] : [`${a.id} and ${b.id}`];
    }),
  );
}
