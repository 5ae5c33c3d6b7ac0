import { describe, expect, test } from "vitest";
import { point, provider } from "../../../test/support/controllers/ledger.ts";
import { fedNetwork } from "../../../test/support/controllers/network.ts";
import { computeNetwork } from "../../../test/support/controllers/objects.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { ComputeNetwork, Condition } from "../../api/types.gen.ts";
import type { Network } from "../../networks/network.ts";
import { withConditions } from "../conditions.ts";
import { type NetworkFacts, networkConditionsOf } from "./connection-conditions.ts";
import { networkStatus } from "./status.ts";

const facts: NetworkFacts = {
  connection: { kind: "connected", endpoints: "1 of 1 endpoints answer.", aheadSeconds: 0 },
  signerProblem: undefined,
  operatorAddress: provider.operator,
  provider,
  expectedPayout: undefined,
  manifestKey: undefined,
  balanceWei: 100n,
  minBalanceWei: 0n,
  spending: "ok",
};

function conditionsOf(resource: ComputeNetwork, about: NetworkFacts = facts): Condition[] {
  return withConditions(resource.status?.conditions, networkConditionsOf(about), 1, Date.UTC(2030, 0, 1));
}

function afterPass(resource: ComputeNetwork, network: Network | undefined, about = facts): ComputeNetwork {
  const status = networkStatus(resource, conditionsOf(resource, about), about, network);
  return status === undefined ? resource : { ...resource, status };
}

/** The same network after a transaction of its lane. */
function withTransaction(network: Network, hash: string): Network {
  const state = { ...network.lane.state(), lastTransaction: hash };
  return { ...network, lane: Object.assign(Object.create(network.lane), { state: () => state }) };
}

describe("the status of a network", () => {
  test("shows what a person asks for", async () => {
    const { network, show } = fedNetwork(new ManualClock());
    await show(point(5n, 1234));
    expect(afterPass(computeNetwork(), network).status).toEqual({
      observedGeneration: 1,
      providerId: "1",
      conditions: conditionsOf(computeNetwork()),
      head: { number: "5", hash: point(5n).hash, timestampSeconds: 1234 },
      finalized: { number: "5", hash: point(5n).hash },
      operator: { address: provider.operator, balanceWei: "100" },
    });
  });

  test("is not written for a new block or another balance alone", async () => {
    const { network, show } = fedNetwork(new ManualClock());
    await show(point(5n));
    const resource = afterPass(computeNetwork(), network);
    await show(point(6n));
    const about = { ...facts, balanceWei: 99n };
    expect(networkStatus(resource, conditionsOf(resource, about), about, network)).toBeUndefined();
  });

  test("notes the head with the next change", async () => {
    const { network, show } = fedNetwork(new ManualClock());
    await show(point(5n));
    const resource = afterPass(computeNetwork(), network);
    await show(point(6n));
    const about = { ...facts, balanceWei: 0n };
    expect(networkStatus(resource, conditionsOf(resource, about), about, network)).toMatchObject({
      head: { number: "6" },
      operator: { balanceWei: "0" },
    });
  });

  test("is written for another operator, another generation and a transaction", async () => {
    const { network, show } = fedNetwork(new ManualClock());
    await show(point(5n));
    const resource = afterPass(computeNetwork(), network);
    const other = { ...facts, operatorAddress: provider.owner };
    expect(networkStatus(resource, conditionsOf(resource, other), other, network)?.operator?.address).toBe(
      provider.owner,
    );
    const edited = { ...resource, metadata: { ...resource.metadata, generation: 2 } };
    expect(networkStatus(edited, conditionsOf(resource), facts, network)?.observedGeneration).toBe(2);
    const hash = `0x${"aa".repeat(32)}`;
    const busy = withTransaction(network, hash);
    expect(afterPass(resource, busy).status?.lane).toEqual({ depth: 0, lastTransaction: hash });
    expect(networkStatus(afterPass(resource, busy), conditionsOf(resource), facts, busy)).toBeUndefined();
  });

  test("keeps what was known while the network is away", async () => {
    const { network, show } = fedNetwork(new ManualClock());
    await show(point(5n));
    const before = afterPass(computeNetwork(), network);
    const away: NetworkFacts = {
      ...facts,
      connection: { kind: "failed", reason: "Unreachable", message: "no answer" },
      provider: undefined,
      operatorAddress: undefined,
      balanceWei: undefined,
    };
    const { status } = afterPass(before, undefined, away);
    expect(status).toMatchObject({ providerId: "1", head: before.status?.head, operator: before.status?.operator });
    expect(status?.conditions).toMatchObject([{ reason: "Unreachable" }, {}, {}, { reason: "NotConnected" }]);
  });
});
