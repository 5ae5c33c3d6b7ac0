import type { Clock, Timer } from "../../src/kube/clock.ts";

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #started: number;
  readonly #pending = new Set<Pending>();

  constructor(startMilliseconds: number = Date.UTC(2030, 0, 1)) {
    this.#now = startMilliseconds;
    this.#started = startMilliseconds;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#started;
  }

  setTimer(milliseconds: number, callback: () => void): Timer {
    const pending = { at: this.#now + milliseconds, callback };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#pending.size;
  }

  /** Milliseconds until the earliest timer; infinite when none waits. */
  get untilNext(): number {
    return Math.min(...[...this.#pending].map(({ at }) => at)) - this.#now;
  }

  /** Moves time on, firing timers in order of their time, and lets promise continuations run after each. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settle();
      const due = [...this.#pending].filter((p) => p.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#pending.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets every promise continuation that is ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
