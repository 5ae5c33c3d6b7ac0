import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { provider } from "../../../test/support/controllers/ledger.ts";
import { conditions as known } from "../../api/conditions.ts";
import type { ConnectionFailure } from "../../networks/connection-failure.ts";
import { type NetworkFacts, networkConditionsOf } from "./connection-conditions.ts";

const operator = provider.operator;
const well: NetworkFacts = {
  connection: { kind: "connected", endpoints: "2 of 2 endpoints answer.", aheadSeconds: -3 },
  signerProblem: undefined,
  operatorAddress: operator,
  provider,
  expectedPayout: provider.payout,
  manifestKey: provider.manifestKey,
  balanceWei: 100n,
  minBalanceWei: 50n,
  spending: "ok",
};
const failed = (reason: ConnectionFailure["reason"]): Partial<NetworkFacts> => ({
  connection: { kind: "failed", reason, message: `the endpoint: ${reason}` },
  balanceWei: undefined,
});

const ahead = (aheadSeconds: number): Partial<NetworkFacts> => ({
  connection: { kind: "connected", endpoints: "1 of 1 endpoints answer.", aheadSeconds },
});

function reasonsOf(changes: Partial<NetworkFacts>): Record<string, string> {
  return Object.fromEntries(networkConditionsOf({ ...well, ...changes }).map(({ type, reason }) => [type, reason]));
}

function messageOf(type: string, changes: Partial<NetworkFacts>): string | undefined {
  return networkConditionsOf({ ...well, ...changes }).find((condition) => condition.type === type)?.message;
}

const rows: readonly (readonly [string, Partial<NetworkFacts>, Record<string, string>])[] = [
  ["all is well", {}, { Connected: "Connected", Registered: "Registered", Funded: "Funded", Ready: "Ready" }],
  [
    "nothing was read yet",
    { connection: { kind: "connecting" }, provider: undefined, balanceWei: undefined },
    { Connected: "NotObserved", Registered: "NotObserved", Funded: "NotObserved", Ready: "NotConnected" },
  ],
  ["no endpoint answers", failed("Unreachable"), { Connected: "Unreachable", Registered: "NotObserved" }],
  ["it is another chain", failed("WrongChain"), { Connected: "WrongChain", Ready: "NotConnected" }],
  ["there is no market", failed("NoContract"), { Connected: "NoContract", Ready: "NotConnected" }],
  ["endpoints differ", failed("EndpointsDisagree"), { Connected: "EndpointsDisagree", Ready: "NotConnected" }],
  ["the clock is behind", ahead(301), { Connected: "ClockSkew", Registered: "Registered", Ready: "Ready" }],
  ["blocks come in bursts", ahead(300), { Connected: "Connected", Ready: "Ready" }],
  ["the chain stands still", failed("Stalled"), { Connected: "Stalled", Ready: "NotConnected" }],
  [
    "the key can't be read",
    { signerProblem: "Secret a/b has no key key" },
    { Connected: "Connected", Registered: "SignerUnavailable", Ready: "NotRegistered" },
  ],
  [
    "neither key nor endpoint",
    { ...failed("Unreachable"), signerProblem: "no Secret" },
    { Connected: "Unreachable", Registered: "SignerUnavailable" },
  ],
  ["nobody registered", { provider: undefined }, { Registered: "NotRegistered", Ready: "NotRegistered" }],
  ["the payout differs", { expectedPayout: `0x${"09".repeat(20)}` }, { Registered: "PayoutMismatch" }],
  ["tenants seal to another key", { manifestKey: "05".repeat(32) }, { Registered: "KeyMismatch" }],
  ["no payout is expected", { expectedPayout: undefined }, { Registered: "Registered" }],
  ["the balance is low", { balanceWei: 49n }, { Funded: "BalanceLow", Ready: "Ready" }],
  ["the balance is just enough", { balanceWei: 50n }, { Funded: "Funded" }],
  ["the account is empty", { balanceWei: 0n }, { Funded: "BalanceEmpty", Ready: "NotFunded" }],
  ["the account pays for nothing", { spending: "BalanceEmpty" }, { Funded: "BalanceEmpty", Ready: "NotFunded" }],
  ["the budget is spent", { spending: "BudgetSpent" }, { Funded: "BudgetSpent", Ready: "NotFunded" }],
  ["gas is too dear", { spending: "FeeCeiling" }, { Funded: "FeeCeiling", Ready: "NotFunded" }],
];

describe("the conditions of a network", () => {
  test.each(rows)("when %s", (_name, changes, expected) => {
    expect(reasonsOf(changes)).toMatchObject(expected);
  });

  test("compare addresses and keys whatever their case and prefix", () => {
    const mixed = `0x${"aB".repeat(20)}`;
    const shouting = { ...provider, payout: mixed.toUpperCase().replace("0X", "0x"), manifestKey: "AB".repeat(32) };
    const changes = { provider: shouting, expectedPayout: mixed, manifestKey: `0x${"ab".repeat(32)}` };
    expect(reasonsOf(changes)["Registered"]).toBe("Registered");
  });

  test("tell how to mend it", () => {
    expect(messageOf("Registered", { provider: undefined })).toContain(`--operator ${operator}`);
    expect(messageOf("Registered", { expectedPayout: "0x1" })).toContain(provider.payout);
    expect(messageOf("Registered", { signerProblem: "Secret a/b has no key key" })).toBe("Secret a/b has no key key");
    expect(messageOf("Funded", { balanceWei: 1n })).toContain("50 wei");
    expect(messageOf("Connected", failed("Stalled"))).toBe("the endpoint: Stalled");
    expect(messageOf("Connected", {})).toBe("2 of 2 endpoints answer.");
  });

  test("are all there with known reasons, and Ready sums them up", () => {
    const facts = fc.record({
      connection: fc.constantFrom(
        well.connection,
        { kind: "connecting" as const },
        { kind: "failed" as const, reason: "Stalled" as const, message: "old" },
      ),
      signerProblem: fc.constantFrom(undefined, "gone"),
      operatorAddress: fc.constantFrom(undefined, operator),
      provider: fc.constantFrom(undefined, provider),
      expectedPayout: fc.constantFrom(undefined, provider.payout, "0x01"),
      manifestKey: fc.constantFrom(undefined, provider.manifestKey, "01"),
      balanceWei: fc.constantFrom(undefined, 0n, 1n, 100n),
      minBalanceWei: fc.constantFrom(0n, 50n),
      spending: fc.constantFrom("ok" as const, "BudgetSpent" as const, "FeeCeiling" as const, "BalanceEmpty" as const),
    });
    const table: Readonly<Record<string, Readonly<Record<string, { status: string }>>>> = known.ComputeNetwork;
    fc.assert(
      fc.property(facts, (all) => {
        const conditions = networkConditionsOf(all);
        expect(conditions.map(({ type }) => type)).toEqual(["Connected", "Registered", "Funded", "Ready"]);
        for (const { type, reason, status } of conditions) expect(table[type]?.[reason]?.status).toBe(status);
        const [connected, registered, funded, ready] = conditions;
        const pays = funded?.status === "True" || funded?.reason === "BalanceLow";
        const isReady = connected?.status === "True" && registered?.status === "True" && pays;
        expect(ready?.status === "True").toBe(isReady);
      }),
    );
  });
});
