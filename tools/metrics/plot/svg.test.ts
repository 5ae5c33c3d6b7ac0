import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { dashboards } from "../dashboards/dashboards.ts";
import { plottedPanels } from "./panels.ts";
import { type PlottedPanel, renderSvg } from "./svg.ts";
import { formatValue } from "./units.ts";

const place = { x: 0, y: 0, w: 8, h: 8 };
const panel = (lines: PlottedPanel["lines"], changes: Partial<PlottedPanel> = {}): PlottedPanel => ({
  ...{ title: "T", unit: "short", kind: "graph", place },
  lines,
  ...changes,
});

test.each([
  [0, "s", "0 s"],
  [0.0123, "s", "12.3 ms"],
  [90, "s", "90 s"],
  [0.5, "percentunit", "50 %"],
  [104_857_600, "bytes", "100 MiB"],
  [2_500_000, "short", "2.5 M"],
  [1234, "ops", "1.23 k/s"],
  [3, "cores", "3"],
  [3_221_225_472, "bytes", "3 GiB"],
])("%d %s is written %s", (value, unit, text) => expect(formatValue(value, unit)).toBe(text));

describe("a picture", () => {
  it("shows a panel's title, its legend and its scale, and keeps every point inside", () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const line = fc.record({
      label: fc.string(),
      points: fc.array(fc.tuple(fc.integer({ min: 1e9, max: 2e9 }), value)),
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const svg = renderSvg("D", [panel(lines, { title: "Queue <depth>" })]);
        expect(svg).toContain("Queue &lt;depth&gt;");
        for (const [, points = ""] of svg.matchAll(/<polyline points="([^"]*)"/g))
          for (const pair of points.split(" ")) {
            const [x = Number.NaN, y = Number.NaN] = pair.split(",").map(Number);
            expect(x >= 0 && x <= 8 * 50 && y >= 0 && y <= 8 * 26).toBe(true);
          }
      }),
    );
  });

  it("shows the lines that reach highest when there are too many", () => {
    const lines = Array.from({ length: 20 }, (_, index) => ({ label: `line-${index}`, points: [[1, index] as const] }));
    const svg = renderSvg("D", [panel(lines)]);
    expect(svg.match(/<polyline/g)).toHaveLength(6);
    expect(svg).toContain("line-19");
    expect(svg).not.toContain("line-1<");
  });

  it("says so when a panel has no data", () => expect(renderSvg("D", [panel([])])).toContain("no data"));

  it("shows the last value of a number", () => {
    const points = [[1, 5] as const, [2, 0.25] as const];
    expect(renderSvg("D", [panel([{ label: "x", points }], { kind: "stat", unit: "percentunit" })])).toContain(
      ">25 %<",
    );
  });
});

test.each([...dashboards])(
  "dashboard %s is asked for with its variables filled in, and labelled by its legend",
  async (_, dashboard) => {
    const metric = { network: "market", product: "H100", instance: "a" };
    const exprs: string[] = [];
    const panels = await plottedPanels(dashboard, async (expr) => {
      exprs.push(expr);
      return [
        {
          metric,
          values: [
            [1, "1"],
            [2, "NaN"],
          ],
        },
      ];
    });
    expect(exprs.join()).not.toContain("$");
    expect(panels).toHaveLength(dashboard.panels?.length ?? 0);
    for (const { lines, kind } of panels) {
      if (kind !== "row") expect(lines.length).toBeGreaterThan(0);
      for (const { label, points } of lines) {
        expect(label).not.toContain("{{");
        expect(points).toEqual([[1, 1]]);
      }
    }
  },
);
