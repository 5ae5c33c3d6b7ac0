import type { Clock } from "./clock.ts";
import type { BreakerState } from "./metrics.ts";

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 20;

/**
 * Circuit breaker of one endpoint: opens on five failures in a row, lets one trial through after 10 s, and then every
 * 20 s for as long as trials fail: an outage should be over for us within seconds of its end.
 */
export class Breaker {
  readonly #clock: Clock;
  #failures = 0;
  #pauseSeconds = FIRST_PAUSE_SECONDS;
  #openUntil: number | undefined;
  #trialRunning = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get state(): BreakerState {
    if (this.#openUntil === undefined) return "closed";
    return this.#clock.monotonic() >= this.#openUntil ? "half-open" : "open";
  }

  /** Whether a request may be made now. */
  get admits(): boolean {
    return this.state === "closed" || (this.state === "half-open" && !this.#trialRunning);
  }

  /** A request begins. */
  started(): void {
    if (this.state === "half-open") this.#trialRunning = true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pauseSeconds = FIRST_PAUSE_SECONDS;
    this.#openUntil = undefined;
    this.#trialRunning = false;
  }

  failed(): void {
    const wasTrial = this.#trialRunning;
    this.#trialRunning = false;
    this.#failures += 1;
    if (wasTrial) this.#pauseSeconds = Math.min(this.#pauseSeconds * 2, LONGEST_PAUSE_SECONDS);
    if (wasTrial || this.#failures >= FAILURES_TO_OPEN) this.pause(this.#pauseSeconds);
  }

  /** The request was given up by its caller: it tells nothing. */
  cancelled(): void {
    this.#trialRunning = false;
  }

  /** Opens for some seconds whatever the count: the endpoint asked for it, or serves the wrong chain. */
  pause(seconds: number): void {
    this.#openUntil = Math.max(this.#openUntil ?? 0, this.#clock.monotonic() + seconds * 1000);
  }
}
