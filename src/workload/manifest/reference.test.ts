import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fieldTable } from "../../../test/support/workload/field-table.ts";
import { richOffer } from "../../../test/support/workload/offers.ts";
import { acceptManifest } from "./fit.ts";
import { manifestFields } from "./parse.ts";
import { formatProblem } from "./problem.ts";

const page = readFileSync(new URL("../../../docs/manifest.md", import.meta.url), "utf8");

describe("docs/manifest.md", () => {
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);

  it("has examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(3);
  });

  it.each(examples)("shows a manifest that is accepted: %#", (text) => {
    const result = acceptManifest(text, { offer: richOffer(), units: 2 });
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  });

  it("lists every field with the parser's own rule", () => {
    const [, table] = /<!-- fields[^>]*-->\n(.*?)\n<!-- \/fields -->/s.exec(page) ?? [];
    expect(table).toBe(fieldTable());
  });
});

describe("fieldTable", () => {
  it("leaves out only what jobs share with services", () => {
    const table = fieldTable();
    for (const { path } of manifestFields()) {
      const isShared = manifestFields().some(
        (row) => row.path === path.replace("jobs[].", "services[].") && row.path !== path,
      );
      expect(table.includes(`| \`${path}\` |`)).toBe(!isShared);
    }
  });
});
