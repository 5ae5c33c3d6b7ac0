import { type Dashboard, DashboardCursorSync, type Panel, type RowPanel, VariableRefresh } from "@grafana/schema";
import { datasource, type PlacelessPanel } from "./panels.ts";

const COLUMNS = 24;

export interface Section {
  readonly title: string;
  readonly panels: readonly PlacelessPanel[];
}

export interface DashboardText {
  /** Stays the same for ever: links and bookmarks name it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
}

/** A dashboard of Grafana's classic model, its panels laid out row by row in the order given. */
export function dashboard({ uid, title, description }: DashboardText, sections: readonly Section[]): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ["berthage"],
    editable: true,
    graphTooltip: DashboardCursorSync.Crosshair,
    refresh: "30s",
    schemaVersion: 41,
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    templating: { list: [datasourceVariable, jobVariable] },
    annotations: { list: [] },
    links: [
      {
        type: "dashboards",
        tags: ["berthage"],
        title: "Berthage",
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: "",
        tooltip: "",
        url: "",
      },
    ],
    panels: [...layOut(sections)],
  };
}

const datasourceVariable = {
  type: "datasource",
  name: "datasource",
  label: "Data source",
  query: "prometheus",
} as const;
const jobVariable = {
  type: "query",
  name: "job",
  label: "Job",
  datasource,
  query: "label_values(berthage_build_info, job)",
  refresh: VariableRefresh.onTimeRangeChanged,
  current: { text: "berthage", value: "berthage" },
} as const;

/** A row a section; panels from left to right, and on when the next does not fit. */
export function layOut(sections: readonly Section[]): readonly (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const { title, panels } of sections) {
    placed.push({
      id: placed.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    y += 1;
    let [x, lineHeight] = [0, 0];
    for (const { width, height, ...panel } of panels) {
      if (x + width > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
      placed.push({ ...panel, id: placed.length + 1, gridPos: { x, y, w: width, h: height } });
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return placed;
}
