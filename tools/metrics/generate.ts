import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { metricsPage } from "./page.ts";

// Part of `npm run generate`: writes docs/metrics.md from src/telemetry.
const target = fileURLToPath(new URL("../../docs/metrics.md", import.meta.url));
await writeFile(target, await metricsPage());
process.stdout.write(`wrote ${target}\n`);
