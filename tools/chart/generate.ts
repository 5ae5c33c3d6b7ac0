import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { chartFolder } from "./chart.ts";
import { generateChart } from "./generated.ts";

// `npm run generate`: brings the chart's copies of the CRDs, its schema and its README up to date.
for (const [path, text] of await generateChart()) {
  const target = join(chartFolder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
  process.stdout.write(`wrote ${target}\n`);
}
