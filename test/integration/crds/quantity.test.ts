import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCpuMillis,
  parseCpuMillis,
  parseQuantity,
  type Quantity,
} from "../../../src/api/quantity.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(async () => await cluster?.stop());

const quotaOf = (quantity: Quantity, n: number): object => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: `q${n}`, namespace: "default" },
  spec: { hard: { "requests.cpu": quantity } },
});

/** The quantities in the words of the API server, which keeps them in thousandths, rounded up. */
async function canonical(quantities: readonly Quantity[]): Promise<string[]> {
  const list = { apiVersion: "v1", kind: "List", items: quantities.map(quotaOf) };
  // Applied to each object of the list by itself.
  const path = "jsonpath={.spec.hard.requests\\.cpu}{'\\n'}";
  const text = await cluster.kubectl(["create", "--dry-run=server", "-o", path, "-f", "-"], JSON.stringify(list));
  return text.trimEnd().split("\n");
}

const number = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.option(fc.stringMatching(/^[0-9]{0,12}$/)))
  .map(([whole, fraction]) => (fraction === null ? `${whole}` : `${whole}.${fraction}`));
const suffix = fc.constantFrom(
  "",
  "n",
  "u",
  "m",
  "k",
  "M",
  "G",
  "T",
  "P",
  "E",
  "Ki",
  "Mi",
  "Gi",
  "Ti",
  "Pi",
  "Ei",
  "e3",
  "E-3",
  "e-7",
  "e+15",
);
/** Beyond 2^63 thousandths the API server overflows (1000000000000G comes back as 1). */
const countable = 2n ** 63n * 10n ** 6n;
const quantity = fc
  .tuple(number, suffix)
  .map(([digits, unit]) => digits + unit)
  .filter((text) => parseQuantity(text) < countable);

describe("quantities", () => {
  it("are worth to us what they are worth to the API server", async () => {
    const sent = [...fc.sample(quantity, { numRuns: 150, seed: 7 }), "0.1n", ".5", "1.", "+2", 3];
    const got = await canonical(sent);
    expect(got).toHaveLength(sent.length);
    for (const [n, text] of got.entries()) {
      const original = sent[n] ?? "";
      expect({ original, millis: parseCpuMillis(original) }).toEqual({ original, millis: parseCpuMillis(text) });
    }
  });

  it("are written as the API server writes them", async () => {
    const amounts = fc.sample(fc.bigInt({ min: 0n, max: 2n ** 53n }), { numRuns: 30, seed: 7 });
    const sent = amounts.flatMap((amount) => [
      formatCpuMillis(amount),
      formatBytes(amount),
      formatBytes(amount << 10n),
    ]);
    expect(await canonical(sent)).toEqual(sent);
  });
});
