import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { prometheusBinaries } from "./binaries.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-prometheus-"));
});
afterEach(async () => await rm(dir, { recursive: true }));

it("takes the programs of PROMETHEUS_ASSETS, without asking Debian", async () => {
  for (const name of ["prometheus", "promtool"]) await writeFile(join(dir, name), "#!/bin/sh\n", { mode: 0o755 });
  expect(await prometheusBinaries({ PROMETHEUS_ASSETS: dir, PATH: "" })).toEqual({
    prometheus: join(dir, "prometheus"),
    promtool: join(dir, "promtool"),
  });
});

it("says what is missing there, and what to do", async () => {
  await writeFile(join(dir, "prometheus"), "#!/bin/sh\n", { mode: 0o755 });
  await expect(prometheusBinaries({ PROMETHEUS_ASSETS: dir })).rejects.toThrow(
    `there is no program ${join(dir, "promtool")}: set PROMETHEUS_ASSETS`,
  );
});
