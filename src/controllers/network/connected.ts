import type { Clock } from "../../chain/clock.ts";
import { connectionFailure } from "../../networks/connection-failure.ts";
import type { Intent, LedgerLease, LedgerProvider, Snapshot } from "../../networks/driver.ts";
import type { Network } from "../../networks/network.ts";
import { openManifest } from "../../sealing/manifest.ts";
import type { Ledger } from "./ledger.ts";
import type { Materials } from "./materials.ts";

/** An older view of the head decides nothing: a tenant may have topped up or closed since (laws 1, 4). */
const STALE_SECONDS = 60;

export interface ConnectedSettings {
  readonly name: string;
  readonly network: Network;
  readonly materials: Materials;
  /** What manifests are bound to when they are sealed. */
  readonly sealing: { readonly chainId: number; readonly market: string };
  readonly clock: Clock;
}

/** A connected network as the other controllers see it. */
export class ConnectedLedger implements Ledger {
  readonly network: string;
  readonly #settings: ConnectedSettings;
  #anchor: { readonly hash: string; readonly seconds: number; readonly monotonic: number } | undefined;
  #latestSeconds = 0;
  /** The block at which each listing was seen to change last, by its key: at the first look, all of them. */
  readonly #changedAt = new Map<string, bigint>();

  constructor(settings: ConnectedSettings) {
    this.network = settings.name;
    this.#settings = settings;
    settings.network.ledger.subscribe((key) => {
      const number = this.head?.point.number;
      if (key.startsWith("offer/") && number !== undefined) this.#changedAt.set(key, number);
    });
  }

  get head(): Snapshot | undefined {
    return this.#settings.network.ledger.head;
  }

  /** Undefined, so that nothing can be destroyed on it, while what was final has been replaced (law 2). */
  get final(): Snapshot | undefined {
    return this.#isFinalityBroken() ? undefined : this.#settings.network.ledger.final;
  }

  get provider(): LedgerProvider | undefined {
    return this.head?.provider;
  }

  isListingRecent(offerId: string): boolean {
    const changedAt = this.#changedAt.get(`offer/${offerId}`);
    const final = this.final?.point.number;
    return changedAt === undefined || final === undefined || changedAt >= final;
  }

  hasSynced(): boolean {
    const { ledger } = this.#settings.network;
    return ledger.hasSynced() && (ledger.ageSeconds("head") ?? Number.POSITIVE_INFINITY) < STALE_SECONDS;
  }

  nowSeconds(): number {
    const point = this.head?.point;
    if (point === undefined) return this.#latestSeconds;
    const monotonic = this.#settings.clock.monotonic();
    if (this.#anchor?.hash !== point.hash) {
      this.#anchor = { hash: point.hash, seconds: point.timestampSeconds, monotonic };
    }
    const carried = this.#anchor.seconds + Math.floor((monotonic - this.#anchor.monotonic) / 1000);
    this.#latestSeconds = Math.max(this.#latestSeconds, carried); // a reorganisation must not turn time back
    return this.#latestSeconds;
  }

  /** A lease can't be opened again: no Close goes out while what was final has been replaced. */
  submit(key: string, intent: Intent): void {
    const { lane } = this.#settings.network;
    if (intent.kind === "Close" && this.#isFinalityBroken()) lane.withdraw(key);
    else lane.submit(key, intent, this.head?.point.number ?? 0n);
  }

  withdraw(prefix: string, except: ReadonlySet<string> = new Set()): void {
    const { lane } = this.#settings.network;
    for (const key of lane.keys()) if (key.startsWith(prefix) && !except.has(key)) lane.withdraw(key);
  }

  #isFinalityBroken(): boolean {
    const { ledger } = this.#settings.network;
    const failures = [ledger.lastFailure("final"), ledger.lastFailure("head")];
    return failures.some((failure) => connectionFailure(failure).reason === "FinalityViolated");
  }

  openManifest(envelope: Uint8Array, { tenant }: Pick<LedgerLease, "tenant">): Promise<string> {
    const { sealing, materials } = this.#settings;
    const providerId = this.provider?.id ?? "0";
    return openManifest(envelope, materials.manifestPrivateKey, { ...sealing, providerId, tenant });
  }
}
