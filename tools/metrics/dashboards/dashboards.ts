import type { Dashboard } from "@grafana/schema";
import { businessDashboard } from "./business.ts";
import { chainDashboard } from "./chain.ts";
import { operatorDashboard } from "./operator.ts";

/** Every dashboard of the chart, by the name of its file. */
export const dashboards: ReadonlyMap<string, Dashboard> = new Map([
  ["operator", operatorDashboard],
  ["chain", chainDashboard],
  ["business", businessDashboard],
]);

export interface DashboardQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  readonly legend: string;
}

/** The queries of all panels, as they stand in a dashboard. */
export function dashboardQueries(): readonly DashboardQuery[] {
  return [...dashboards].flatMap(([name, { panels = [] }]) =>
    panels.flatMap((panel) => {
      const targets = "targets" in panel ? (panel.targets ?? []) : [];
      const { title = "" } = panel;
      return targets.map(({ expr, legendFormat }) => ({
        dashboard: name,
        panel: title,
        expr: String(expr),
        legend: String(legendFormat),
      }));
    }),
  );
}
