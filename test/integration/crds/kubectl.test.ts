import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crdFolder } from "../../../tools/crds/schema.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";
import { hash, type JsonObject, lease, network, offer, tenant } from "./examples.ts";

const since = "2026-01-01T00:00:00Z";
const ready = { type: "Ready", status: "True", reason: "Ready", message: "All is well.", lastTransitionTime: since };

const statuses: readonly [string, JsonObject][] = [
  [
    "cnet/market",
    {
      providerId: "3",
      head: { number: "1200", hash, timestampSeconds: 1 },
      operator: { address: tenant, balanceWei: "990000000000000000" },
      conditions: [ready],
    },
  ],
  [
    "coffer/h100",
    {
      offerId: "5",
      capacity: { totalUnits: 15, leasedUnits: 2, freeUnits: 13, largestLeaseUnits: 8 },
      conditions: [ready],
    },
  ],
  [
    "clease/market-7",
    {
      allocation: { node: "gpu-1", units: 2, timeSeconds: 1 },
      money: { fundedSeconds: 7200, billedSeconds: 600, deposit: "10000000", withdrawn: "0", earned: "833333" },
      conditions: [{ ...ready, status: "False", reason: "CrashLoop" }],
    },
  ],
];

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ manifests: [crdFolder] });
  for (const object of [network, offer, lease]) {
    // A new kind is served a moment after its definition is accepted.
    await eventually(`${object.kind} stored`, () => cluster.kubectl(["apply", "-f", "-"], JSON.stringify(object)));
  }
  for (const [name, status] of statuses) {
    await cluster.kubectl(["patch", name, "--subresource=status", "--type=merge", "-p", JSON.stringify({ status })]);
  }
});
afterAll(async () => await cluster?.stop());

/** The table that kubectl prints, as rows by column. Columns are cut where their headings start. */
async function table(...args: string[]): Promise<Record<string, string>[]> {
  const [heading = "", ...lines] = (await cluster.kubectl(["get", ...args])).trimEnd().split("\n");
  const starts = [...heading.matchAll(/\S+/g)].map((match) => ({ name: match[0], at: match.index }));
  return lines.map((line) =>
    Object.fromEntries(starts.map(({ name, at }, n) => [name, line.slice(at, starts[n + 1]?.at).trim()])),
  );
}

describe("kubectl get", () => {
  it("shows what a person wants to know of a network", async () => {
    expect(await table("cnet")).toEqual([
      {
        NAME: "market",
        DRIVER: "Market",
        CHAIN: "31337",
        PROVIDER: "3",
        READY: "True",
        REASON: "Ready",
        AGE: expect.any(String),
      },
    ]);
    expect(await table("cnet", "-o", "wide")).toEqual([
      expect.objectContaining({ BALANCE: "990000000000000000", HEAD: "1200" }),
    ]);
  });

  it("shows what a person wants to know of an offer", async () => {
    expect(await table("coffer")).toEqual([
      {
        NAME: "h100",
        GPU: "NVIDIA-H100-80GB-HBM3",
        COUNT: "1",
        PRICE: "2500000",
        LEASED: "2",
        TOTAL: "15",
        READY: "True",
        AGE: expect.any(String),
      },
    ]);
    expect(await table("coffer", "-o", "wide")).toEqual([
      expect.objectContaining({ NETWORK: "market", OFFER: "5", FREE: "13", REASON: "Ready" }),
    ]);
  });

  it("shows what a person wants to know of a lease", async () => {
    expect(await table("clease")).toEqual([
      {
        NAME: "market-7",
        OFFER: "h100",
        UNITS: "2",
        READY: "False",
        REASON: "CrashLoop",
        FUNDED: "7200",
        BILLED: "600",
        AGE: expect.any(String),
      },
    ]);
    expect(await table("clease", "-o", "wide")).toEqual([
      expect.objectContaining({ NODE: "gpu-1", TENANT: tenant, NETWORK: "market" }),
    ]);
  });

  it.each(["berthage", "cnet,coffer,clease", "computenetworks,computeoffers,computeleases"])(
    "finds all three as %s",
    async (names) => {
      const found = (await cluster.kubectl(["get", names, "-o", "name"])).trim().split("\n").sort();
      expect(found).toEqual([
        "computelease.berthage.dev/market-7",
        "computenetwork.berthage.dev/market",
        "computeoffer.berthage.dev/h100",
      ]);
    },
  );

  it("leaves them out of `get all`", async () => {
    expect(await cluster.kubectl(["get", "all", "-o", "name"])).not.toContain("berthage.dev");
  });

  it.each([
    ["clease", "spec.leaseId=7", "computelease.berthage.dev/market-7"],
    ["clease", "spec.leaseId=8", ""],
    ["clease", "spec.offerRef.name=h100", "computelease.berthage.dev/market-7"],
    ["clease", "spec.offerRef.name=a100", ""],
    ["clease", "spec.networkRef.name=market", "computelease.berthage.dev/market-7"],
    ["clease", "spec.networkRef.name=other", ""],
    ["coffer", "spec.networkRef.name=market", "computeoffer.berthage.dev/h100"],
    ["coffer", "spec.networkRef.name=other", ""],
  ])("selects %s by %s", async (kind, selector, found) => {
    expect((await cluster.kubectl(["get", kind, "--field-selector", selector, "-o", "name"])).trim()).toBe(found);
  });
});

describe("kubectl explain", () => {
  it.each([
    ["cnet.spec.market.confirmations", "Blocks that the head stays behind"],
    ["coffer.spec.terms.heartbeatWindowSeconds", "Longest time that one heartbeat can bill"],
    ["clease.status.money.fundedSeconds", "Seconds that the deposit pays for"],
  ])("tells what %s is", async (path, text) => {
    // The published schema follows the definitions after a moment.
    const said = await eventually(`an explanation of ${path}`, () => cluster.kubectl(["explain", path]));
    expect(said).toContain(text);
  });
});
