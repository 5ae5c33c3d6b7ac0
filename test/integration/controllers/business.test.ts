import { expect, test } from "vitest";
import type { ComputeLeaseStatus } from "../../../src/api/types.gen.ts";
import { reportBusiness } from "../../../src/controllers/reports/business.ts";
import { computeLeases, computeOffers } from "../../../src/controllers/resources.ts";
import { applyStatus } from "../../../src/kube/status.ts";
import type { BusinessMetrics, GpuCount, LeaseCount } from "../../../src/telemetry/business-metrics.ts";
import { eventually } from "../../harness/wait.ts";
import { token } from "../../support/controllers/ledger.ts";
import { gpuOffer, h100 } from "../../support/workload/offers.ts";
import { useLab } from "./lab.ts";

const by = { fieldManager: "berthage" };
const context = useLab();

/** What was reported, as told. */
class Told implements BusinessMetrics {
  gpuCounts: GpuCount[] = [];
  leaseCounts: LeaseCount[] = [];
  billedSeconds: number[] = [];
  earnedTokens: (readonly [string, bigint])[] = [];
  gpus(counts: Iterable<GpuCount>): void {
    this.gpuCounts = [...counts];
  }
  leases(counts: Iterable<LeaseCount>): void {
    this.leaseCounts = [...counts];
  }
  billed(seconds: number): void {
    this.billedSeconds.push(seconds);
  }
  earned(of: string, amount: bigint): void {
    this.earnedTokens.push([of, amount]);
  }
}

function money(billedSeconds: number, earned: string): NonNullable<ComputeLeaseStatus["money"]> {
  return { fundedSeconds: 3600, billedSeconds, deposit: "7200", withdrawn: "0", earned };
}

function conditions(...types: readonly string[]): NonNullable<ComputeLeaseStatus["conditions"]> {
  const lastTransitionTime = "2030-01-01T00:00:00Z";
  return types.map((type) => ({ type, status: "True", reason: "Test", message: "x", lastTransitionTime }));
}

async function setStatus(id: string, status: ComputeLeaseStatus): Promise<void> {
  const { lab } = context;
  const written = await applyStatus(lab.client, computeLeases, await lab.leaseObject(id), status, by);
  await eventually("the status is seen", () =>
    lab.informers.leases.store.get(`market-${id}`)?.metadata.resourceVersion === written.metadata.resourceVersion
      ? true
      : undefined,
  );
}

test("leases are counted by state, with their runway until they end", async () => {
  const { lab } = context;
  const told = new Told();
  const collect = reportBusiness(lab.informers, told);
  const states: readonly (readonly [ComputeLeaseStatus, LeaseCount])[] = [
    [{}, { state: "Pending", runwaySeconds: undefined }],
    [
      { conditions: conditions("Provisioned"), money: money(0, "0") },
      { state: "Unready", runwaySeconds: 3600 },
    ],
    [
      { conditions: conditions("Provisioned", "Ready"), money: money(600, "0") },
      { state: "Ready", runwaySeconds: 3000 },
    ],
    [
      { conditions: conditions("Provisioned", "Suspended"), money: money(3600, "0") },
      { state: "Suspended", runwaySeconds: 0 },
    ],
    [
      { conditions: conditions("Ready", "Suspended", "Closed"), money: money(9999, "0") },
      { state: "Closed", runwaySeconds: undefined },
    ],
  ];
  for (const [status] of states) await setStatus(await lab.lease(), status);
  collect();
  expect(told.leaseCounts).toHaveLength(states.length);
  expect(told.leaseCounts).toEqual(expect.arrayContaining(states.map(([, count]) => count)));
});

test("what a heartbeat billed is counted once, and a restart counts nothing again", async () => {
  const { lab } = context;
  const id = await lab.lease();
  await setStatus(id, { money: money(100, "200") });
  const told = new Told();
  reportBusiness(lab.informers, told);
  expect([told.billedSeconds, told.earnedTokens]).toEqual([[], []]);
  await setStatus(id, { money: money(160, "320") });
  await setStatus(id, { money: money(160, "320"), namespace: "elsewhere" });
  expect(told.billedSeconds).toEqual([60]);
  expect(told.earnedTokens).toEqual([[token, 120n]]);
  await setStatus(id, { money: money(90, "180") }); // a reorganisation took a heartbeat back: counters never fall
  expect(told.billedSeconds).toEqual([60]);
});

test("accelerators are counted, not units", async () => {
  const { lab } = context;
  const accelerator = { resource: "nvidia.com/gpu", product: h100, memoryMiB: 81_559, count: 2 };
  await lab.offerObject("pairs", { unit: { ...gpuOffer().unit, accelerator } });
  const status = { capacity: { totalUnits: 5, leasedUnits: 2, freeUnits: 3, largestLeaseUnits: 3 } };
  await applyStatus(lab.client, computeOffers, await lab.client.get(computeOffers, { name: "pairs" }), status, by);
  await lab.caughtUp();
  const told = new Told();
  reportBusiness(lab.informers, told)();
  expect(told.gpuCounts).toContainEqual({ product: h100, offered: 10, leased: 4, free: 6 });
  expect(told.gpuCounts).toContainEqual({ product: h100, offered: 0, leased: 0, free: 0 });
});
