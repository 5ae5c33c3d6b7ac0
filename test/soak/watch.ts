import { setTimeout as delay } from "node:timers/promises";
import { LedgerWatch } from "./ledger-watch.ts";
import { PodWatch } from "./pod-watch.ts";
import type { Stage } from "./stage.ts";
import { Violation } from "./violation.ts";

/** Looks at chain and pods all the time, and remembers the first promise that was not kept. */
export class Watch {
  readonly ledger: LedgerWatch;
  readonly pods: PodWatch;
  #violation: Violation | undefined;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(stage: Stage) {
    this.ledger = new LedgerWatch(stage);
    this.pods = new PodWatch(stage);
    this.#running = Promise.all([this.ledger, this.pods].map((one) => this.#run(() => one.look())));
  }

  /** @throws the Violation that was seen, if one was */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(look: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await look();
      } catch (error) {
        if (error instanceof Violation) this.#violation ??= error; // anything else: a block that was replaced meanwhile
      }
      await delay(300, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}
