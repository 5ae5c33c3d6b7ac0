import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { isAlive } from "../harness/identity.ts";
import { readRecorded } from "../harness/recorded.ts";
import { run } from "../harness/run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dir = ".berthage/dev-test";
const script = (name: string): Promise<string> =>
  run("npm", ["--prefix", root, "run", "--silent", name, "--", "--dir", dir]);

it("make dev leaves a world that its own words open, and make down stops exactly that", async () => {
  const printed = await script("dev");
  try {
    const exports = printed
      .split("\n")
      .filter((line) => line.startsWith("  export "))
      .join("\n");
    const output = await run("bash", ["-euc", `${exports}\nkubectl get cnet,coffer -o name\nberthage offers -o json`]);
    expect(output).toContain("computeoffer.berthage.dev/h100");
    expect(output).toContain('"freeUnits"');
    const metrics = /^metrics +(\S+)/m.exec(printed)?.[1] ?? "";
    expect(await (await fetch(metrics)).text()).toContain('berthage_gpus_free{product="NVIDIA-H100-80GB-HBM3"} 8');
  } finally {
    const recorded = await readRecorded(`${root}/${dir}.json`);
    expect(recorded.length).toBeGreaterThanOrEqual(7);
    const stopped = await script("down");
    for (const process of recorded) {
      expect(stopped).toContain(process.name);
      expect(await isAlive(process)).toBe(false);
    }
  }
});
