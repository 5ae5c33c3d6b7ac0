import type { Receipt } from "../chain/client.ts";
import type { Clock } from "../chain/clock.ts";
import type { LedgerInformer } from "../chain/informer.ts";
import type { Journal } from "../chain/journal.ts";
import type { Lane } from "../chain/lane.ts";
import type { ChainMetrics } from "../chain/metrics.ts";
import type { EndpointState } from "../chain/pool.ts";
import type { Signer } from "../chain/signer.ts";
import type { Intent, NetworkDriver } from "./driver.ts";
import type { LedgerEntry, NetworkState } from "./ledger.ts";

/** What connecting reads of a ComputeNetwork's spec. */
export interface NetworkSettings {
  readonly market?: MarketSettings;
  readonly budget?: { readonly maxFeePerGasWei?: string; readonly maxSpendPerDayWei?: string };
}

export interface MarketSettings {
  readonly chainId: number;
  readonly address: string;
  readonly endpoints: readonly {
    readonly name: string;
    readonly url: string;
    readonly roles?: readonly ("Read" | "Send")[];
  }[];
  readonly confirmations?: number;
  readonly finalityBlocks?: number;
  readonly pollSeconds?: number;
}

/** What a network needs from the process around it. */
export interface NetworkDependencies {
  readonly signer: Signer;
  readonly journal: Journal;
  /** Whether this process may still write to the network. */
  fence(): Promise<boolean>;
  /** Leases that the cluster knows. */
  known(): readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics?: ChainMetrics;
  /** The newest head that was acted on before a restart. */
  readonly recorded?: { readonly number: bigint; readonly hash: string };
  /** A newest block older than this is not believed. Absent: any age is. */
  readonly stallSeconds?: number;
  /** Default 30. */
  readonly finalPollSeconds?: number;
  /** Which of the intents that are due may be sent now; `writtenAt`: the block of the last transaction. Default: all. */
  admit?(intents: ReadonlyMap<string, Intent>, writtenAt: bigint | undefined): ReadonlyMap<string, Intent>;
  onDone?(keys: readonly string[], receipt: Receipt): void;
  onRefused?(key: string, reason: string): void;
}

/** A connected network: reading, wishing, and what status shows of both. */
export interface Network {
  readonly driver: NetworkDriver;
  readonly ledger: LedgerInformer<LedgerEntry, NetworkState>;
  readonly lane: Lane<Intent>;
  /** The operator's own money for gas. */
  balanceWei(signal: AbortSignal): Promise<bigint>;
  endpoints(): readonly EndpointState[];
  /** Whether a contract account signed a hash (ERC-1271). @throws when the network cannot be asked */
  isValidSignature(contract: string, hash: string, signature: string, signal?: AbortSignal): Promise<boolean>;
  /** Reads until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export type NetworkFactory = (settings: NetworkSettings, dependencies: NetworkDependencies) => Network;
