import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ComputeLease } from "../api/types.gen.ts";
import { expiredManifests } from "./manifest-expiry.ts";
import { checkIntake, type IntakeInput, nextStep } from "./manifest-intake.ts";
import type { StoredManifest } from "./manifest-store.ts";

const limits = { perTenant: 2, newcomers: 3, expirySeconds: 3600 };
const hashOf = (n: number): string => `0x${n.toString(16).padStart(64, "0")}`;
const tenant = "0xaa";

function stored(...manifests: Partial<StoredManifest>[]): ReadonlyMap<string, StoredManifest> {
  return new Map(
    manifests.map((changes, index) => {
      const one = { hash: hashOf(100 + index), tenant, network: "market", createdAt: 0, uid: "", ...changes };
      return [one.hash, one];
    }),
  );
}

function lease(id: number, owner: string, manifestHash?: string, running?: string): ComputeLease {
  return {
    metadata: { name: `market-${id}` },
    spec: {
      networkRef: { name: "market" },
      leaseId: String(id),
      offerRef: { name: "h100" },
      offerId: "1",
      tenant: owner,
      units: 1,
      price: { token: "0x", perHour: "1" },
      ...(manifestHash === undefined ? {} : { manifestHash }),
    },
    ...(running === undefined ? {} : { status: { manifest: { hash: running, services: [] } } }),
  };
}

function decide(input: Partial<IntakeInput>): string {
  const decision = checkIntake({ hash: hashOf(1), tenant, stored: stored(), leases: [], limits, ...input });
  return decision.ok ? decision.value : decision.refusal.code;
}

describe("checkIntake", () => {
  const [mine, others] = [{ tenant }, { tenant: "0xbb" }];
  it.each<[string, Partial<IntakeInput>, string]>([
    ["the first upload of a stranger", {}, "store"],
    [
      "what is there already, even when all is full",
      { hash: hashOf(100), stored: stored(mine, mine, mine) },
      "present",
    ],
    ["one too many of a tenant", { stored: stored(mine, mine) }, "TooManyManifests"],
    [
      "one that a lease's former manifests left room for",
      { stored: stored(mine, mine, mine), leases: [lease(1, "0xAA")] },
      "store",
    ],
    [
      "one too many of a tenant with a lease",
      { stored: stored(mine, mine, mine, mine), leases: [lease(1, tenant)] },
      "TooManyManifests",
    ],
    ["one too many of strangers", { stored: stored(others, { tenant: "0xcc" }, others) }, "ManifestStoreFull"],
    [
      "a tenant with a lease, when strangers filled the room",
      { stored: stored(others, others, others), leases: [lease(1, "0xAA")] },
      "store",
    ],
    [
      "what a lease names, whatever is full",
      { stored: stored(mine, mine, others), leases: [lease(1, "0xdd", hashOf(1))] },
      "store",
    ],
    [
      "a tenant whose other uploads are in use",
      { stored: stored(mine, mine), leases: [lease(1, tenant, hashOf(100), hashOf(101))] },
      "store",
    ],
  ])("%s", (_, input, outcome) => expect(decide(input)).toBe(outcome));

  it("never lets uploads without a lease grow beyond the bounds, whatever comes", () => {
    const upload = fc.record({ hash: fc.nat(40), tenant: fc.constantFrom("0xaa", "0xbb", "0xcc", "0xdd") });
    fc.assert(
      fc.property(fc.array(upload, { maxLength: 60 }), (uploads) => {
        const kept = new Map<string, StoredManifest>();
        for (const one of uploads) {
          const hash = hashOf(one.hash);
          const decision = checkIntake({ hash, tenant: one.tenant, stored: kept, leases: [], limits });
          if (decision.ok && decision.value === "store")
            kept.set(hash, { hash, tenant: one.tenant, network: "market", createdAt: 0, uid: "" });
        }
        expect(kept.size).toBeLessThanOrEqual(limits.newcomers);
        for (const who of ["0xaa", "0xbb"])
          expect([...kept.values()].filter((m) => m.tenant === who).length).toBeLessThanOrEqual(limits.perTenant);
      }),
    );
  });
});

describe("nextStep", () => {
  it("tells whether a lease of the tenant's waits for it", () => {
    expect(nextStep(hashOf(1), tenant, [lease(7, "0xAA", hashOf(1))], limits)).toContain("Lease 7 names");
    expect(nextStep(hashOf(1), tenant, [lease(7, "0xbb", hashOf(1))], limits)).toContain("No lease names");
    expect(nextStep(hashOf(1), tenant, [], limits)).toContain("3600 seconds");
  });
});

describe("expiredManifests", () => {
  const now = 3_600_001;
  const expired = (
    manifests: ReadonlyMap<string, StoredManifest>,
    leases: readonly ComputeLease[] | undefined,
  ): string[] =>
    expiredManifests(manifests.values(), { leases: () => leases }, limits.expirySeconds, now).map(({ hash }) => hash);

  it("names what nobody claimed in time", () => {
    expect(expired(stored({ createdAt: 0 }, { createdAt: 1 }), [])).toEqual([hashOf(100)]);
  });

  it("keeps what any lease asks for or runs, whoever uploaded it", () => {
    expect(expired(stored({}, {}, {}), [lease(1, "0xbb", hashOf(100), hashOf(101))])).toEqual([hashOf(102)]);
  });

  it("keeps all of a network whose leases are not known (law 4)", () => {
    expect(expired(stored({}, {}), undefined)).toEqual([]);
  });

  it("asks each network for its own", () => {
    const leases = (network: string): readonly ComputeLease[] | undefined => (network === "market" ? [] : undefined);
    const manifests = stored({}, { network: "away" });
    expect(expiredManifests(manifests.values(), { leases }, 3600, now)).toMatchObject([{ hash: hashOf(100) }]);
  });
});
