import { ChainClient } from "../../../../src/chain/client.ts";
import type { FeePolicy } from "../../../../src/chain/fees.ts";
import type { Journal } from "../../../../src/chain/journal.ts";
import { Lane } from "../../../../src/chain/lane.ts";
import type { LaneSettings, LaneTimings } from "../../../../src/chain/lane-settings.ts";
import { MemoryJournal } from "../../../../src/chain/memory-journal.ts";
import type { Signer } from "../../../../src/chain/signer.ts";
import { systemClock } from "../../../../src/kube/clock.ts";
import type { Intent } from "../../../../src/networks/driver.ts";
import { bundleCalls, encodeIntents } from "../../../../src/networks/market/encode.ts";
import { explainRevert } from "../../../../src/networks/market/explain.ts";
import type { Chain } from "../../../harness/chain.ts";
import { type Market, poolOf } from "./market.ts";

export interface LaneOptions {
  readonly urls?: readonly string[];
  readonly journal?: Journal;
  readonly signer?: Signer;
  readonly fees?: FeePolicy;
  readonly confirmations?: number;
  readonly timings?: Partial<LaneTimings>;
  readonly fence?: () => Promise<boolean>;
  readonly admit?: LaneSettings<Intent>["admit"];
}

export interface RunningLane {
  readonly lane: Lane<Intent>;
  readonly journal: Journal;
  /** Keys of each transaction that was done, in order. */
  readonly done: string[][];
  /** Ends the process as a crash would: nothing is tidied up. */
  stop(): Promise<void>;
}

/** A lane of the market's operator that looks often and waits little. */
export function runLane(chain: Chain, market: Market, options: LaneOptions = {}): RunningLane {
  const endpoints = (options.urls ?? [chain.url]).map((url, index) => ({ name: `node-${index}`, url }));
  const client = new ChainClient(poolOf(chain, endpoints));
  const journal = options.journal ?? new MemoryJournal();
  const done: string[][] = [];
  const lane = new Lane<Intent>({
    client,
    signer: options.signer ?? market.operator,
    journal,
    clock: systemClock,
    fees: options.fees ?? {},
    confirmations: options.confirmations ?? 0,
    timings: { pollSeconds: 0.02, rebroadcastSeconds: 0.2, showSeconds: 0.05, bumpSeconds: 3600, ...options.timings },
    encode: (intents) => encodeIntents(market.address, market.providerId, intents),
    bundle: (calls) => bundleCalls(market.address, calls),
    explain: explainRevert,
    fence: options.fence ?? (async () => true),
    ...(options.admit === undefined ? {} : { admit: options.admit }),
    onDone: (keys) => void done.push([...keys]),
  });
  const ending = new AbortController();
  const running = lane.run(ending.signal);
  return {
    lane,
    journal,
    done,
    async stop() {
      ending.abort();
      await running;
      await client.pool.close();
    },
  };
}
