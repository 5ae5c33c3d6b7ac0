import { describe, expect, test } from "vitest";
import type { ComputeLease, ComputeNetwork, ComputeOffer, Condition } from "../../api/types.gen.ts";
import { leaseRow, networkRow, offerRow, totalsOf } from "./rows.ts";

const token = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const otherToken = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";

function ready(status: Condition["status"], reason: string): Condition {
  return { type: "Ready", status, reason, message: "", lastTransitionTime: "2030-01-01T00:00:00Z" };
}

function lease(id: string, changes: { token?: string; status?: ComputeLease["status"] } = {}): ComputeLease {
  return {
    metadata: { name: `market-${id}` },
    spec: {
      networkRef: { name: "market" },
      leaseId: id,
      offerRef: { name: "h100" },
      offerId: "1",
      tenant: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
      units: 2,
      price: { token: changes.token ?? token, perHour: "5000000" },
    },
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
}

const money = (earned: string, withdrawn: string) => ({
  money: { fundedSeconds: 7200, billedSeconds: 720, deposit: "10000000", withdrawn, earned },
});

describe("a resource that no controller has looked at yet", () => {
  test("is shown with what its spec says, and its readiness is unknown", () => {
    const network: ComputeNetwork = {
      metadata: { name: "market" },
      spec: {
        driver: "Market",
        market: { chainId: 8453, address: token, endpoints: [{ name: "a", url: "https://rpc.example" }] },
        signer: { rawKey: { secretRef: { name: "operator" } } },
        manifestKey: { secretRef: { name: "manifest" } },
      },
    };
    expect(networkRow(network)).toMatchObject({ name: "market", chainId: 8453, market: token, ready: "Unknown" });
    expect(leaseRow(lease("7"))).toMatchObject({
      leaseId: "7",
      billedSeconds: 0,
      runwaySeconds: 0,
      earned: 0n,
      closeReason: undefined,
      ready: "Unknown",
    });
  });
});

describe("offerRow", () => {
  const offer: ComputeOffer = {
    metadata: { name: "cpu" },
    spec: {
      networkRef: { name: "market" },
      unit: { cpu: "8", memory: "64Gi", ephemeralStorage: "100Gi" },
      capacity: { maxUnits: 16 },
      price: { token, perUnitHour: "100" },
      terms: { minSeconds: 0, heartbeatWindowSeconds: 60, noticeSeconds: 0, unfundedGraceSeconds: 0 },
    },
  };

  test("says what a unit is, with and without accelerators", () => {
    expect(offerRow(offer).sells).toBe("8 CPU, 64Gi");
    const accelerator = { resource: "nvidia.com/gpu", product: "NVIDIA-H100-80GB-HBM3", count: 2 };
    const unit = { ...offer.spec.unit, accelerator };
    expect(offerRow({ ...offer, spec: { ...offer.spec, unit } }).sells).toBe("2 × NVIDIA-H100-80GB-HBM3");
  });

  test("says why it is not ready", () => {
    const status = { conditions: [ready("False", "NothingFits")] };
    expect(offerRow({ ...offer, status }).ready).toBe("False (NothingFits)");
    expect(offerRow({ ...offer, status: { conditions: [ready("True", "Ready")] } }).ready).toBe("True");
  });
});

describe("leaseRow", () => {
  test("has the runway that is not billed, never less than none", () => {
    expect(leaseRow(lease("7", { status: money("1", "0") })).runwaySeconds).toBe(6480);
    const spent = { money: { ...money("1", "0").money, billedSeconds: 7300 } };
    expect(leaseRow(lease("7", { status: spent })).runwaySeconds).toBe(0);
  });

  test("tells how it ended", () => {
    const status = { close: { reason: "TenantClosed", tier: "Final", atSeconds: 1 } } as const;
    expect(leaseRow(lease("7", { status })).closeReason).toBe("TenantClosed");
  });
});

describe("totalsOf", () => {
  test("adds up by token, and counts the hourly income of ready leases only", () => {
    const isReady = { conditions: [ready("True", "Ready")] };
    const rows = [
      lease("1", { status: { ...money("1000000", "400000"), ...isReady } }),
      lease("2", { status: money("500000", "0") }),
      lease("3", { token: otherToken, status: { ...money("7", "7"), ...isReady } }),
    ].map(leaseRow);
    expect(totalsOf(rows)).toEqual([
      { token, earned: 1_500_000n, withdrawn: 400_000n, perHour: 5_000_000n },
      { token: otherToken, earned: 7n, withdrawn: 7n, perHour: 5_000_000n },
    ]);
  });

  test("is empty without leases", () => {
    expect(totalsOf([])).toEqual([]);
  });
});
