import { ZeroHash } from "ethers";
import { describe, expect, test } from "vitest";
import type { LedgerLease } from "../../networks/driver.ts";
import { renderDocument } from "../output/document.ts";
import { leaseFields, leaseRecord } from "./lease-record.ts";

const token = { address: "0x5FbDB2315678afecb367f032d93F642f64180aa3", symbol: "BTD", decimals: 6 };
const lease: LedgerLease = {
  id: "7",
  offerId: "1",
  tenant: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  units: 2,
  state: "Active",
  token: token.address,
  pricePerHour: 5_000_000n,
  deposit: 10_000_000n,
  withdrawn: 1_000_000n,
  fundedSeconds: 7200,
  billedSeconds: 1001,
  lastHeartbeatSeconds: 1_800_000_000,
  heartbeatWindowSeconds: 7200,
  manifestHash: ZeroHash,
  noticeEndsAtSeconds: undefined,
  closeReason: undefined,
};

const recordOf = (changes: Partial<LedgerLease> = {}) =>
  leaseRecord({ lease: { ...lease, ...changes }, providerId: "3" }, token);

describe("an active lease", () => {
  test("is shown in the token's decimals", () => {
    expect(leaseFields(recordOf())).toEqual([
      ["Lease", "7"],
      ["State", "Active"],
      ["Offer", "1 of provider 3"],
      ["Tenant", lease.tenant],
      ["Units", "2"],
      ["Price", "5 BTD an hour"],
      ["Deposit", "10 BTD (2h)"],
      ["Billed", "1.390277 BTD (16m 41s)"],
      ["Paid out", "1 BTD"],
      ["Runway", "1h 43m"],
      ["Heartbeat", "2027-01-15 08:00:00Z"],
      ["Notice ends", undefined],
      ["Manifest", "none yet: send one with `berthage manifest send`"],
    ]);
  });

  test("tells a notice and its manifest", () => {
    const fields = new Map(
      leaseFields(recordOf({ noticeEndsAtSeconds: 1_800_003_600, manifestHash: `0x${"ab".repeat(32)}` })),
    );
    expect(fields.get("Notice ends")).toBe("2027-01-15 09:00:00Z");
    expect(fields.get("Manifest")).toBe(`0x${"ab".repeat(32)}`);
  });
});

test("a closed lease says why, has no runway, and does not claim that all was paid out", () => {
  const record = recordOf({ state: "Closed", closeReason: "FundsExhausted", withdrawn: 10_000_000n });
  const fields = new Map(leaseFields(record));
  expect(fields.get("State")).toBe("Closed (FundsExhausted)");
  expect([fields.get("Runway"), fields.get("Paid out")]).toEqual([undefined, undefined]);
  expect(record.runwaySeconds).toBe(0);
});

test("as JSON its field names are these, and stay", () => {
  const document: unknown = JSON.parse(renderDocument(recordOf({ noticeEndsAtSeconds: 5 }), "json"));
  expect(Object.keys(Object(document))).toEqual([
    "id",
    "offerId",
    "providerId",
    "tenant",
    "state",
    "units",
    "token",
    "pricePerHour",
    "deposit",
    "earned",
    "withdrawn",
    "billedSeconds",
    "fundedSeconds",
    "runwaySeconds",
    "lastHeartbeatSeconds",
    "noticeEndsAtSeconds",
  ]);
});
