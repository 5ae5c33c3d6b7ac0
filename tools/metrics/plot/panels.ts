import type { Dashboard, Panel, RowPanel } from "@grafana/schema";
import type { Series } from "../../prometheus/server.ts";
import type { Line, PlottedPanel } from "./svg.ts";

/** Asks for an expression over the time of the picture. */
export type Ask = (expr: string) => Promise<readonly Series[]>;

/** What Grafana would put for its variables, with a scrape every second or two. */
export function asked(expr: string): string {
  return expr.replaceAll("$job", "berthage").replaceAll("$__rate_interval", "15s");
}

/** The panels of a dashboard with the data that they show. */
export async function plottedPanels({ panels = [] }: Dashboard, ask: Ask): Promise<readonly PlottedPanel[]> {
  return await Promise.all(panels.map((panel) => plotted(panel, ask)));
}

async function plotted(panel: Panel | RowPanel, ask: Ask): Promise<PlottedPanel> {
  const { title = "", gridPos } = panel;
  const { x = 0, y = 0, w = 24, h = 1 } = gridPos ?? {};
  const place = { x, y, w, h };
  if (!("targets" in panel)) return { title, unit: "", kind: "row", place, lines: [] };
  const lines = await Promise.all(
    (panel.targets ?? []).map(async ({ expr, legendFormat }) =>
      (await ask(asked(String(expr)))).map((series) => lineOf(series, String(legendFormat))),
    ),
  );
  const kind = panel.type === "stat" ? "stat" : "graph";
  return { title, unit: panel.fieldConfig?.defaults.unit ?? "", kind, place, lines: lines.flat() };
}

function lineOf({ metric, values }: Series, legend: string): Line {
  const points = values.map(([seconds, value]) => [seconds, Number(value)] as const);
  return {
    label: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ""),
    points: points.filter(([, value]) => Number.isFinite(value)),
  };
}
