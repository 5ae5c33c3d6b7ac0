import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { run } from "../harness/run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("make demo tells the whole story, and every fact in it holds", async () => {
  const told = await run("npm", ["--prefix", root, "run", "--silent", "demo"]);
  for (const fact of [
    "8 H100 units and 7 A100 units (one is kept back) are for sale",
    "an H100 node",
    "it has exactly the two GPUs that are leased",
    "the metrics say that two H100s are leased",
    "that is what the provider was paid",
    "the tenant has everything else back",
    "nothing is left in the market",
    "no namespace of a lease is left",
  ]) {
    expect(told).toMatch(new RegExp(`✓ .*${fact.replaceAll(/[()]/g, "\\$&")}`));
  }
});
