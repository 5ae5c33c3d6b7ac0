import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { billedBeyond, chainSeconds, leaseWith, rent } from "../../../test/harness/leases.ts";
import { gpuNode } from "../../../test/harness/nodes.ts";
import { startWorld, type World } from "../../../test/harness/world.ts";
import { a100, h100Node, offerObject, UNIT_SECOND, unitOf } from "../../../test/harness/world-objects.ts";
import { web } from "../../../test/scenario/manifests.ts";
import { startPrometheus } from "../../prometheus/server.ts";
import { dashboards } from "../dashboards/dashboards.ts";
import { plottedPanels } from "./panels.ts";
import { renderSvg } from "./svg.ts";

// `npm run dashboards:plot`: lets a small world live for a few minutes and draws the dashboards with what a real Prometheus saw.
const target = fileURLToPath(new URL("../../../docs/dashboards", import.meta.url));
const POINTS = 60;

const world = await startWorld({
  nodes: [h100Node("h100-a"), h100Node("h100-b"), gpuNode("a100-a", { ...a100, count: 4 })],
  flags: ["--leader-election=true"],
});
try {
  const began = performance.now();
  const prometheus = await startPrometheus({
    dir: join(world.cluster.dir, "prometheus"),
    target: new URL(world.operator.operationsUrl).host,
    rules: [],
    scrapeSeconds: 2,
  });
  await live(world);
  const seconds = Math.round((performance.now() - began) / 1000);
  await mkdir(target, { recursive: true });
  for (const [name, dashboard] of dashboards) {
    const ask = (expr: string) => prometheus.range(expr, seconds, Math.max(1, Math.round(seconds / POINTS)));
    const picture = renderSvg(dashboard.title ?? name, await plottedPanels(dashboard, ask));
    await writeFile(join(target, `${name}.svg`), picture);
    process.stdout.write(`wrote ${name}.svg: ${seconds} s, ${Math.round(picture.length / 1024)} KiB\n`);
  }
  await prometheus.stop();
} finally {
  await world.stop();
}

/** Rents, serves and ends leases for a few minutes. */
async function live(place: World): Promise<void> {
  const { market } = place;
  await place.apply(
    offerObject("h100", market),
    offerObject("a100", market, { unit: unitOf(a100), capacity: { maxUnits: 4 } }),
  );
  const tenant = await place.tenant();
  const leases: string[] = [];
  for (const [index, offer] of ["h100", "a100", "h100", "h100", "a100"].entries()) {
    const deposit = BigInt(index === 2 ? 60 : 36_000) * UNIT_SECOND;
    const lease = await rent(place, tenant, offer, { units: (index % 2) + 1, deposit, manifest: web() });
    await leaseWith(place, lease, "Ready", "True");
    leases.push(lease);
    await chainSeconds(place, 20);
  }
  const [first = "", second = ""] = leases;
  await billedBeyond(place, first, 60);
  await tenant.close(second);
  await chainSeconds(place, 40);
}
