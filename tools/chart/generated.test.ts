import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chartFolder } from "./chart.ts";
import { generateChart } from "./generated.ts";

const generated = await generateChart();

describe("what is generated of the chart", () => {
  it.each([...generated])("%s is up to date; else run `npm run generate`", async (path, text) => {
    expect(await readFile(join(chartFolder, path), "utf8")).toBe(text);
  });

  it("has no copy of a definition that is gone", async () => {
    const copies = (await readdir(join(chartFolder, "files/crds"))).map((name) => `files/crds/${name}`);
    expect(copies.filter((path) => !generated.has(path))).toEqual([]);
  });
});

describe("Chart.yaml", () => {
  it("names the version of the package, whose image it installs", async () => {
    const chart: unknown = parse(await readFile(join(chartFolder, "Chart.yaml"), "utf8"));
    const manifest: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    expect(manifest).toHaveProperty("version");
    expect(chart).toMatchObject({ appVersion: Object(manifest).version });
  });

  it("tells Artifact Hub of every kind", async () => {
    const chart = await readFile(join(chartFolder, "Chart.yaml"), "utf8");
    for (const path of generated.keys()) {
      const [, plural] = /files\/crds\/berthage\.dev_(\w+)\.yaml/.exec(path) ?? [];
      if (plural !== undefined) expect(chart).toContain(`name: ${plural}.berthage.dev`);
    }
  });
});
