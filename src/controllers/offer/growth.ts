import type { Clock } from "../../kube/clock.ts";
import type { PublicationPlan } from "./publication-plan.ts";

/** Remembers since when an offer could list more than it does. Lost on restart, which only delays the growth once more. */
export class GrowthWatch {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly capacityUnits: number; readonly since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds for which this very growth has been seen; 0 when it is new or there is none. */
  seenForSeconds(offer: string, { current, capacityUnits }: PublicationPlan): number {
    if (current === undefined || capacityUnits <= current.capacityUnits) {
      this.#seen.delete(offer);
      return 0;
    }
    const seen = this.#seen.get(offer);
    const since = seen?.capacityUnits === capacityUnits ? seen.since : this.#clock.monotonic();
    this.#seen.set(offer, { capacityUnits, since });
    return (this.#clock.monotonic() - since) / 1000;
  }

  forget(offer: string): void {
    this.#seen.delete(offer);
  }
}
