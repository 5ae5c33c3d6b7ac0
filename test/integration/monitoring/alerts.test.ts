import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { documentedMetrics } from "../../../tools/metrics/page.ts";
import { prometheusBinaries, promtool } from "../../../tools/prometheus/binaries.ts";
import { metricsIn } from "../../../tools/prometheus/promql.ts";
import { readAlerts, ruleFiles } from "../../../tools/prometheus/rules.ts";

const tests = fileURLToPath(new URL("alerts", import.meta.url));
const runbooks = fileURLToPath(new URL("../../../docs/runbooks", import.meta.url));
const alerts = await readAlerts();
const names = alerts.map(({ alert }) => alert);

interface RuleTest {
  readonly name: string;
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

beforeAll(async () => void (await prometheusBinaries()));

test("promtool takes the rules", async () => {
  const said = await promtool(["check", "rules", "--lint-fatal", ...(await ruleFiles())]);
  expect(said.match(/(\d+) rules found/g)?.map((line) => Number.parseInt(line, 10))).toHaveLength(3);
});

describe.each(alerts)("$alert", (alert) => {
  it("waits, has a severity, and tells a person what it means and where to read on", () => {
    expect(alert.for).toMatch(/^\d+[mh]$/);
    expect(["critical", "warning"]).toContain(alert.labels["severity"]);
    expect(Object.keys(alert.annotations).toSorted()).toEqual(["description", "runbook_url", "summary"]);
    expect(alert.annotations["runbook_url"]).toBe(`docs/runbooks/${alert.alert}.md`);
    expect(alert.annotations["summary"]).toMatch(/\.$/);
  });

  it("reads metrics that the operator has, of this job only", async () => {
    const known = new Set([...(await documentedMetrics()).values()].flat().map(({ name }) => name));
    for (const metric of metricsIn(alert.expr)) expect(metric === "up" || known.has(metric), metric).toBe(true);
    expect(alert.expr.match(/\{/g)).toHaveLength(alert.expr.match(/\{job="berthage"/g)?.length ?? 0);
  });

  it("has a runbook that says what it means, what it costs, how to look and how to mend", async () => {
    const text = await readFile(join(runbooks, `${alert.alert}.md`), "utf8");
    const headings = [...text.matchAll(/^#+ .*$/gm)].map(([heading]) => heading);
    expect(headings).toEqual([`# ${alert.alert}`, "## Meaning", "## Impact", "## Check", "## Mend"]);
    const check = text.split("## Check")[1]?.split("## Mend")[0];
    for (const language of ["sh", "promql"]) expect(check).toContain(`\`\`\`${language}\n`);
  });

  it("fires when it should and keeps silent when it should", async () => {
    const file = join(tests, `${alert.alert}.yaml`);
    const cases: RuleTest[] = parse(await readFile(file, "utf8")).tests;
    const expected = cases.flatMap((one) => one.alert_rule_test);
    expect(new Set(expected.map(({ alertname }) => alertname))).toEqual(new Set([alert.alert]));
    expect(new Set(expected.map(({ exp_alerts }) => exp_alerts.length > 0))).toEqual(new Set([true, false]));
    expect(await promtool(["test", "rules", file])).toContain("SUCCESS");
  });
});

test("there is no runbook and no test without its alert, and the index of runbooks names all", async () => {
  const files = await readdir(runbooks);
  expect(files.filter((file) => file !== "README.md").toSorted()).toEqual(names.map((name) => `${name}.md`).toSorted());
  expect((await readdir(tests)).toSorted()).toEqual(names.map((name) => `${name}.yaml`).toSorted());
  const index = await readFile(join(runbooks, "README.md"), "utf8");
  expect([...index.matchAll(/\]\((\w+)\.md\)/g)].map(([, name]) => name)).toEqual(names);
});
