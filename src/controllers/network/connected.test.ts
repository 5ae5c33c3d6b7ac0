import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerLease, point, provider, tenant } from "../../../test/support/controllers/ledger.ts";
import { type FedNetwork, fedNetwork, signer } from "../../../test/support/controllers/network.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { HeadRefused, Unreachable } from "../../chain/errors.ts";
import { generateManifestKey } from "../../sealing/key.ts";
import { sealManifest } from "../../sealing/manifest.ts";
import { ConnectedLedger } from "./connected.ts";

const sealing = { chainId: 31_337, market: `0x${"5f".repeat(20)}` };
const key = generateManifestKey();

function connected(): FedNetwork & { readonly clock: ManualClock; readonly ledger: ConnectedLedger } {
  const clock = new ManualClock();
  const fed = fedNetwork(clock);
  const materials = {
    signer,
    manifestPrivateKey: key.privateKey,
    manifestPublicKey: key.publicKey,
    version: "1",
  };
  return {
    ...fed,
    clock,
    ledger: new ConnectedLedger({ name: "market", network: fed.network, materials, sealing, clock }),
  };
}

describe("a network that was read", () => {
  test("shows head, finality and the provider", async () => {
    const { ledger, show } = connected();
    expect([ledger.head, ledger.final, ledger.provider]).toEqual([undefined, undefined, undefined]);
    await show(point(5n), [ledgerLease()]);
    expect(ledger.head?.leases.get("7")).toEqual(ledgerLease());
    expect(ledger.final?.point.number).toBe(5n);
    expect(ledger.provider).toEqual(provider);
  });

  test("is synced once both tiers are known, while the head is fresh", async () => {
    const { ledger, show, clock } = connected();
    expect(ledger.hasSynced()).toBe(false);
    await show(point(5n), [], ["head"]);
    expect(ledger.hasSynced()).toBe(false);
    await show(point(5n));
    expect(ledger.hasSynced()).toBe(true);
    await clock.advance(59_000);
    expect(ledger.hasSynced()).toBe(true);
    await clock.advance(1_000);
    expect(ledger.hasSynced()).toBe(false);
    await show(point(6n), [], ["head"]);
    expect(ledger.hasSynced()).toBe(true);
  });
});

describe("final history that was replaced", () => {
  test.each([
    ["final", "FinalityViolated"],
    ["head", "ReorgBeyondBudget"],
  ] as const)(
    "at the %s (%s) is final no more, and no lease is closed, until it is believed again",
    async (tier, reason) => {
      const { ledger, network, show, fail } = connected();
      await show(point(5n), [ledgerLease()]);
      ledger.submit("lease/7/Close", { kind: "Close", leaseId: "7", reason: "FundsExhausted" });
      await fail(tier, new HeadRefused(reason, "block 4 was replaced"));
      expect(ledger.final).toBeUndefined();
      expect(ledger.head?.leases.get("7")).toEqual(ledgerLease());
      ledger.submit("lease/7/Close", { kind: "Close", leaseId: "7", reason: "FundsExhausted" });
      ledger.submit("lease/7/Settle", { kind: "Settle", leaseId: "7" });
      expect([...network.lane.keys()]).toEqual(["lease/7/Settle"]);
      await show(point(6n), [ledgerLease()]);
      expect(ledger.final?.point.number).toBe(6n);
      ledger.submit("lease/7/Close", { kind: "Close", leaseId: "7", reason: "FundsExhausted" });
      expect(network.lane.keys()).toContain("lease/7/Close");
    },
  );

  test("is something else than an endpoint that lags or does not answer", async () => {
    const { ledger, show, fail } = connected();
    await show(point(5n));
    await fail("final", new HeadRefused("Stale", "it lags"));
    await fail("head", new Unreachable("no answer"));
    expect(ledger.final?.point.number).toBe(5n);
  });
});

describe("the network's time", () => {
  test("is the newest block's, carried on by the local clock", async () => {
    const { ledger, show, clock } = connected();
    expect(ledger.nowSeconds()).toBe(0);
    await show(point(5n, 1000));
    expect(ledger.nowSeconds()).toBe(1000);
    await clock.advance(2_900);
    expect(ledger.nowSeconds()).toBe(1002);
    await show(point(6n, 1012));
    expect(ledger.nowSeconds()).toBe(1012);
  });

  test("does not turn back with a reorganisation or a lagging block", async () => {
    const { ledger, show, clock } = connected();
    await show(point(5n, 1000));
    expect(ledger.nowSeconds()).toBe(1000);
    await clock.advance(10_000);
    expect(ledger.nowSeconds()).toBe(1010);
    await show(point(6n, 1001));
    expect(ledger.nowSeconds()).toBe(1010);
    await clock.advance(9_000);
    expect(ledger.nowSeconds()).toBe(1010);
    await clock.advance(1_000);
    expect(ledger.nowSeconds()).toBe(1011);
  });

  test("never falls, and is never behind the newest block", async () => {
    const event = fc.record({
      waitMilliseconds: fc.integer({ min: 0, max: 20_000 }),
      timestampSeconds: fc.option(fc.integer({ min: 1000, max: 1200 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
        const { ledger, show, clock } = connected();
        let last = 0;
        let number = 0n;
        for (const { waitMilliseconds, timestampSeconds } of events) {
          await clock.advance(waitMilliseconds);
          if (timestampSeconds !== undefined) {
            number += 1n;
            await show(point(number, timestampSeconds), [], ["head"]);
          }
          const now = ledger.nowSeconds();
          expect(Number.isInteger(now)).toBe(true);
          expect(now).toBeGreaterThanOrEqual(Math.max(last, ledger.head?.point.timestampSeconds ?? 0));
          last = now;
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("wishes", () => {
  test("are kept by name and taken back by their beginning, but for those that stay", async () => {
    const { ledger, network, show } = connected();
    await show(point(5n));
    ledger.submit("lease/7/Settle", { kind: "Settle", leaseId: "7" });
    ledger.submit("lease/7/Close", { kind: "Close", leaseId: "7", reason: "NeverServed" });
    ledger.submit("lease/77/Settle", { kind: "Settle", leaseId: "77" });
    ledger.withdraw("lease/7/", new Set(["lease/7/Close"]));
    expect([...network.lane.keys()].sort()).toEqual(["lease/7/Close", "lease/77/Settle"]);
    ledger.withdraw("lease/7/");
    expect([...network.lane.keys()]).toEqual(["lease/77/Settle"]);
  });
});

describe("manifests", () => {
  const sealed = async (changes: { tenant?: string; chainId?: number } = {}): Promise<Uint8Array> =>
    new Uint8Array(
      await sealManifest("version: 1", key.publicKey, { ...sealing, providerId: "1", tenant, ...changes }),
    );

  test("open for the tenant whose lease it is", async () => {
    const { ledger, show } = connected();
    await show(point(5n));
    await expect(ledger.openManifest(await sealed(), { tenant })).resolves.toBe("version: 1");
  });

  test("open for no other tenant, chain or provider", async () => {
    const { ledger, show } = connected();
    const other = `0x${"cd".repeat(20)}`;
    await expect(ledger.openManifest(await sealed(), { tenant })).rejects.toThrow(); // no provider yet
    await show(point(5n));
    await expect(ledger.openManifest(await sealed(), { tenant: other })).rejects.toThrow();
    await expect(ledger.openManifest(await sealed({ tenant: other }), { tenant })).rejects.toThrow();
    await expect(ledger.openManifest(await sealed({ chainId: 1 }), { tenant })).rejects.toThrow();
  });
});
