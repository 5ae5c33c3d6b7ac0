import { formatValue } from "./units.ts";

export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

export interface PlottedPanel {
  readonly title: string;
  readonly unit: string;
  readonly kind: "row" | "stat" | "graph";
  /** In Grafana's grid: 24 columns. */
  readonly place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly lines: readonly Line[];
}

const COLUMN = 50;
const ROW = 26;
const GAP = 6;
/** Of a graph: room for title, axis and legend. */
const MARGIN = { left: 56, top: 28, right: 10, bottom: 38 };
const MOST_LINES = 6;
const colours = ["#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9"];

/** A dashboard as one picture, with the panels where Grafana would have them. */
export function renderSvg(title: string, panels: readonly PlottedPanel[]): string {
  const rows = Math.max(0, ...panels.map(({ place }) => place.y + place.h));
  const [width, height] = [24 * COLUMN, rows * ROW + GAP];
  const body = panels.map((panel) => {
    const [x, y] = [panel.place.x * COLUMN, panel.place.y * ROW];
    return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#ccccdc">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#111217"/>`,
    ...body,
    "</svg>\n",
  ].join("\n");
}

function drawPanel(panel: PlottedPanel): string {
  const [width, height] = [panel.place.w * COLUMN - GAP, panel.place.h * ROW - GAP];
  if (panel.kind === "row")
    return `<text x="8" y="16" font-size="13" font-weight="bold">${escapeXml(panel.title)}</text>`;
  const frame = `<rect x="${GAP / 2}" width="${width}" height="${height}" rx="2" fill="#181b1f" stroke="#2c3235"/><text x="12" y="17" font-weight="bold">${escapeXml(panel.title)}</text>`;
  return frame + (panel.kind === "stat" ? drawStat(panel, width, height) : drawGraph(panel, width, height));
}

function drawStat({ lines, unit }: PlottedPanel, width: number, height: number): string {
  const values = lines.map(({ label, points }) => {
    const last = points.at(-1)?.[1];
    return unit === "short" && /^\d+\.\d+/.test(label) ? label : last === undefined ? "–" : formatValue(last, unit);
  });
  const shown = values.length === 0 ? "–" : values.slice(0, 2).join(" · ");
  return `<text x="${width / 2}" y="${height / 2 + 16}" font-size="26" text-anchor="middle" fill="#73bf69">${escapeXml(shown)}</text>`;
}

function drawGraph({ lines, unit }: PlottedPanel, width: number, height: number): string {
  const shown = mostTelling(lines);
  const points = shown.flatMap((line) => line.points);
  if (points.length === 0) return `<text x="${width / 2}" y="${height / 2}" text-anchor="middle">no data</text>`;
  const [from, to] = rangeOf(points.map(([seconds]) => seconds));
  const [low, high] = rangeOf([0, ...points.map(([, value]) => value)]);
  const { left, top, right, bottom } = MARGIN;
  const x = scale([from, to], [left, width - right]);
  const y = scale([low, high === low ? low + 1 : high], [height - bottom, top]);
  const paths = shown.map(({ points: one }, index) => {
    const path = one.map(([seconds, value]) => `${x(seconds)},${y(value)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${colours[index]}" stroke-width="1.5"/>`;
  });
  return [axis(low, high, unit, y, width), ...paths, legend(shown, height, width)].join("");
}

function axis(low: number, high: number, unit: string, y: (value: number) => number, width: number): string {
  return [low, (low + high) / 2, high]
    .map((value) => {
      const at = y(value);
      const line = `<line x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${at}" y2="${at}" stroke="#2c3235"/>`;
      return `${line}<text x="${MARGIN.left - 5}" y="${at + 4}" text-anchor="end" fill="#8e8e99">${escapeXml(formatValue(value, unit))}</text>`;
    })
    .join("");
}

/** As many labels as fit into two lines. */
function legend(lines: readonly Line[], height: number, width: number): string {
  let [x, y] = [MARGIN.left, height - 22];
  return lines
    .map(({ label }, index) => {
      const needed = 16 + label.length * 6;
      if (x > MARGIN.left && x + needed > width) [x, y] = [MARGIN.left, y + 14];
      const entry = `<rect x="${x}" y="${y - 4}" width="9" height="3" fill="${colours[index]}"/><text x="${x + 12}" y="${y + 1}">${escapeXml(label)}</text>`;
      x += needed + 8;
      return y > height ? "" : entry;
    })
    .join("");
}

/** The lines that reach highest: a picture has room for some only. */
function mostTelling(lines: readonly Line[]): readonly Line[] {
  const peak = ({ points }: Line): number => Math.max(...points.map(([, value]) => value));
  return lines
    .filter(({ points }) => points.length > 0)
    .toSorted((a, b) => peak(b) - peak(a) || a.label.localeCompare(b.label, "en"))
    .slice(0, MOST_LINES);
}

function rangeOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function scale(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  return (value) => Math.round(start + ((value - from) / (to - from || 1)) * (end - start));
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
