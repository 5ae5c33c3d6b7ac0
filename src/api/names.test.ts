import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isLeaseId,
  isNetworkName,
  isPaused,
  labels,
  leaseLabels,
  leaseNamespace,
  leaseObjectName,
  parseLeaseObjectName,
  sellsUnisolated,
} from "./names.ts";

const networkNames = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);
const leaseIds = fc.bigInt({ min: 1n, max: 999_999_999_999_999n }).map(String);

describe("names of a lease", () => {
  it("are made from network and id", () => {
    expect(leaseObjectName("market", "7")).toBe("market-7");
    expect(leaseNamespace("market", "7")).toBe("lease-market-7");
  });

  it("are DNS labels, so that a namespace can have them", () => {
    fc.assert(
      fc.property(networkNames, leaseIds, (network, leaseId) => {
        const namespace = leaseNamespace(network, leaseId);
        expect(namespace).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        expect(namespace.length).toBeLessThanOrEqual(63);
      }),
    );
  });

  it("lead back to network and id, so that no two leases share one", () => {
    fc.assert(
      fc.property(networkNames, leaseIds, (network, leaseId) => {
        expect(parseLeaseObjectName(leaseObjectName(network, leaseId))).toEqual({ network, leaseId });
      }),
    );
  });

  it.each([
    "",
    "market",
    "market-",
    "-7",
    "market-07",
    "market-0",
    "market-7x",
    "Market-7",
    "a--7-x",
    "market-1234567890123456",
  ])("%j is no lease's name", (name) => {
    expect(parseLeaseObjectName(name)).toBeUndefined();
  });

  it("are refused for what no network or lease is called", () => {
    expect(() => leaseObjectName("Mar.ket", "7")).toThrow(
      'network name "Mar.ket" is not a DNS label of at most 40 characters',
    );
    expect(() => leaseNamespace("market", "0x7")).toThrow(
      'lease id "0x7" of network market is not a decimal number of at most 15 digits',
    );
  });
});

describe("isNetworkName", () => {
  it.each([
    ["a", true],
    ["a".repeat(40), true],
    ["a".repeat(41), false],
    ["a-b", true],
    ["-a", false],
    ["a-", false],
    ["a.b", false],
    ["A", false],
    ["a\n", false],
    ["", false],
  ])("%j: %s", (name, expected) => {
    expect(isNetworkName(name)).toBe(expected);
  });
});

describe("isLeaseId", () => {
  it.each([
    ["1", true],
    ["281474976710655", true],
    ["1234567890123456", false],
    ["0", false],
    ["01", false],
    ["-1", false],
    ["1.0", false],
    ["1\n", false],
    ["", false],
  ])("%j: %s", (id, expected) => {
    expect(isLeaseId(id)).toBe(expected);
  });
});

describe("leaseLabels", () => {
  const lease = {
    network: "market",
    leaseId: "7",
    offer: "h100",
    tenant: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  };

  it("name network, lease, offer, tenant in lower case, and us", () => {
    expect(leaseLabels(lease)).toEqual({
      "berthage.dev/network": "market",
      "berthage.dev/lease": "7",
      "berthage.dev/offer": "h100",
      "berthage.dev/tenant": "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
      "app.kubernetes.io/managed-by": "berthage",
    });
  });

  it("are the same however a tenant's address is written", () => {
    const other = { ...lease, tenant: lease.tenant.toUpperCase().replace("0X", "0x") };
    expect(leaseLabels(other)[labels.tenant]).toBe(leaseLabels(lease)[labels.tenant]);
  });

  it("are valid label values", () => {
    fc.assert(
      fc.property(networkNames, leaseIds, (network, leaseId) => {
        for (const value of Object.values(leaseLabels({ ...lease, network, leaseId }))) {
          expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
        }
      }),
    );
  });
});

describe("sellsUnisolated", () => {
  it.each([
    [{ metadata: { annotations: { "berthage.dev/sell-unisolated": "true" } } }, true],
    [{ metadata: { annotations: { "berthage.dev/sell-unisolated": "yes" } } }, false],
    [{ metadata: { annotations: { "berthage.dev/paused": "true" } } }, false],
    [{ metadata: {} }, false],
    [{}, false],
  ])("%j: %s", (object, expected) => {
    expect(sellsUnisolated(object)).toBe(expected);
  });
});

describe("isPaused", () => {
  it.each([
    [{ metadata: { annotations: { "berthage.dev/paused": "true" } } }, true],
    [{ metadata: { annotations: { "berthage.dev/paused": "false" } } }, false],
    [{ metadata: { annotations: { "berthage.dev/paused": "" } } }, false],
    [{ metadata: { annotations: {} } }, false],
    [{ metadata: {} }, false],
    [{}, false],
  ])("%j: %s", (object, expected) => {
    expect(isPaused(object)).toBe(expected);
  });
});
