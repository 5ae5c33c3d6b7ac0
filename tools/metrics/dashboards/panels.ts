import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  FieldColorModeId,
  type FieldConfig,
  GraphDrawStyle,
  LegendDisplayMode,
  type Panel,
  PercentChangeColorMode,
  SortOrder,
  StackingMode,
  ThresholdsMode,
  TooltipDisplayMode,
  VizOrientation,
} from "@grafana/schema";
import type { Options as StatOptions } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type {
  FieldConfig as GraphConfig,
  Options as GraphOptions,
} from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

/** One line, or family of lines, of a panel. */
export interface Query {
  /** PromQL, with `$job` for the operator's job. */
  readonly expr: string;
  /** Grafana's legend format, such as `{{network}}`. */
  readonly legend: string;
}

export interface PanelText {
  readonly title: string;
  /** What a person should read off it. */
  readonly description: string;
  /** Grafana's id of a unit: `s`, `bytes`, `percentunit`, `short` … */
  readonly unit: string;
  /** Columns of 24. */
  readonly width: number;
}

/** A panel without its place, which the dashboard gives. */
export type PlacelessPanel = Omit<Panel, "gridPos" | "id"> & { readonly width: number; readonly height: number };

/** Which data source: the one that is chosen at the top of the dashboard. */
export const datasource = { type: "prometheus", uid: "$datasource" };

/** Lines over time. */
export function graph(text: PanelText, queries: readonly Query[], stacked = false): PlacelessPanel {
  const options: GraphOptions = {
    legend: { displayMode: LegendDisplayMode.List, placement: "bottom", showLegend: true, calcs: [] },
    tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
  };
  const custom: GraphConfig = {
    drawStyle: GraphDrawStyle.Line,
    fillOpacity: stacked ? 40 : 8,
    lineWidth: 1,
    stacking: { mode: stacked ? StackingMode.Normal : StackingMode.None },
  };
  return panel(
    "timeseries",
    text,
    queries,
    8,
    { ...options },
    { color: { mode: FieldColorModeId.PaletteClassic }, custom: { ...custom } },
  );
}

/** A number, green, or red from `badFrom` upwards (or below `badBelow`). */
export function stat(
  text: PanelText,
  query: Query,
  limits: { badFrom?: number; badBelow?: number } = {},
): PlacelessPanel {
  const { badFrom, badBelow } = limits;
  const options: StatOptions = {
    colorMode: BigValueColorMode.Value,
    graphMode: BigValueGraphMode.Area,
    justifyMode: BigValueJustifyMode.Auto,
    orientation: VizOrientation.Auto,
    percentChangeColorMode: PercentChangeColorMode.Standard,
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    showPercentChange: false,
    textMode: BigValueTextMode.Auto,
    wideLayout: true,
  };
  const steps = [
    { color: badBelow === undefined ? "green" : "red", value: null },
    ...(badBelow === undefined ? [] : [{ color: "green", value: badBelow }]),
    ...(badFrom === undefined ? [] : [{ color: "red", value: badFrom }]),
  ];
  const defaults: FieldConfig = {
    color: { mode: FieldColorModeId.Thresholds },
    thresholds: { mode: ThresholdsMode.Absolute, steps },
  };
  return panel("stat", text, [query], 4, { ...options }, defaults);
}

function panel(
  type: string,
  { title, description, unit, width }: PanelText,
  queries: readonly Query[],
  height: number,
  options: Record<string, unknown>,
  defaults: FieldConfig,
): PlacelessPanel {
  return {
    type,
    title,
    description,
    datasource,
    fieldConfig: { defaults: { unit, ...defaults }, overrides: [] },
    options,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      editorMode: "code",
      range: true,
    })),
    width,
    height,
  };
}
