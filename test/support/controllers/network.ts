import { rawKeySigner } from "../../../src/chain/signers/raw-key.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import type { LedgerLease, LedgerPoint, NetworkDriver, Snapshot, Tier } from "../../../src/networks/driver.ts";
import { ledgerInformer } from "../../../src/networks/ledger.ts";
import { connectMarket } from "../../../src/networks/market/connect.ts";
import type { Network } from "../../../src/networks/network.ts";
import type { ManualClock } from "../manual-clock.ts";
import { snapshot } from "./ledger.ts";

export const signer = rawKeySigner(`0x${"11".repeat(32)}`);

export interface FedNetwork {
  readonly network: Network;
  /** The informer reads a block with these leases, at both tiers unless told. */
  show(at: LedgerPoint, leases?: readonly LedgerLease[], tiers?: readonly Tier[]): Promise<void>;
  /** The informer's next look at a tier fails. */
  fail(tier: Tier, failure: Error): Promise<void>;
}

/** A market's real informer and lane, by a clock that the test moves; what the chain says comes from the test. Nothing runs. */
export function fedNetwork(clock: ManualClock): FedNetwork {
  let failure: Error | undefined;
  let current = snapshot({ number: 0n, hash: "0x0", timestampSeconds: 0 });
  const endpoints = [{ name: "nobody", url: "http://127.0.0.1:9" }];
  const market = connectMarket(
    { market: { chainId: 31_337, address: `0x${"5f".repeat(20)}`, endpoints } },
    {
      signer,
      journal: { load: async () => undefined, save: async () => undefined },
      fence: async () => true,
      known: () => [],
      clock: systemClock,
      random: () => 0.5,
    },
  );
  const driver: NetworkDriver = {
    ...market.driver,
    point: async () => {
      if (failure !== undefined) throw failure;
      return current.point;
    },
    version: async () => current.version,
    snapshot: async (): Promise<Snapshot> => current,
  };
  const ledger = ledgerInformer({ driver, known: () => [], clock, random: () => 0.5, periodSeconds: 1 });
  return {
    network: { ...market, driver, ledger },
    async show(at, leases = [], tiers = ["head", "final"]) {
      current = snapshot(at, leases);
      for (const tier of tiers) await ledger.look(tier, new AbortController().signal);
    },
    async fail(tier, error) {
      failure = error;
      await ledger.look(tier, new AbortController().signal);
      failure = undefined;
    },
  };
}
