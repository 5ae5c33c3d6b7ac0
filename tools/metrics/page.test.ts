import { readFile } from "node:fs/promises";
import { describe, expect, it, test } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { parseOpenMetrics } from "../../test/support/openmetrics.ts";
import { labelMeanings } from "./labels.ts";
import { documentedMetrics, metricsPage, unitOf } from "./page.ts";

const page = await metricsPage();
const metrics = [...(await documentedMetrics()).values()].flat();

test("docs/metrics.md is what `npm run generate` writes", async () => {
  expect(await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8")).toBe(page);
});

test("the table and the page that Prometheus scrapes have the same metrics", async () => {
  const { body } = await createMetrics({ version: "1", commit: "", processMetrics: true }).page(
    "application/openmetrics-text",
  );
  const scraped = [...parseOpenMetrics(body).values()].map(({ name, type }) => `${name} ${type}`);
  expect(metrics.map(({ name, type }) => `${name.replace(/_total$/, "")} ${type}`).toSorted()).toEqual(
    scraped.toSorted(),
  );
});

describe("every label", () => {
  const used = new Set(metrics.flatMap(({ labels }) => labels));

  it("has its values told, and no other is told of", () => {
    expect(Object.keys(labelMeanings)).toEqual([...used].toSorted());
  });

  it.each([...used])("%s is in the table of labels", (label) => {
    expect(page).toContain(`| \`${label}\` | `);
  });
});

test.each([
  ["berthage_earned_tokens_total", "token units"],
  ["berthage_chain_fees_wei_total", "wei"],
  ["workqueue_queue_duration_seconds", "seconds"],
  ["process_cpu_seconds_total", "seconds"],
  ["process_resident_memory_bytes", "bytes"],
  ["berthage_leases", "1"],
  ["workqueue_adds_total", "1"],
])("%s is measured in %s", (name, unit) => expect(unitOf(name)).toBe(unit));

test("no cell breaks its row", () => {
  for (const row of page.split("\n").filter((line) => line.startsWith("| `")))
    expect([3, 6]).toContain(row.replaceAll("\\|", "").split("|").length - 1);
});
