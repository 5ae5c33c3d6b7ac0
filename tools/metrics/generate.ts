import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chartFolder } from "../chart/chart.ts";
import { dashboards } from "./dashboards/dashboards.ts";
import { metricsPage } from "./page.ts";

// Part of `npm run generate`: writes docs/metrics.md from src/telemetry, and the chart's dashboards.
const written: readonly (readonly [path: string, text: string])[] = [
  [fileURLToPath(new URL("../../docs/metrics.md", import.meta.url)), await metricsPage()],
  ...[...dashboards].map(
    ([name, dashboard]) =>
      [join(chartFolder, `files/dashboards/${name}.json`), `${JSON.stringify(dashboard, null, 2)}\n`] as const,
  ),
];
for (const [path, text] of written) {
  await writeFile(path, text);
  process.stdout.write(`wrote ${path}\n`);
}
