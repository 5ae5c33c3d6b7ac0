/** A pending timer. */
export interface Timer {
  cancel(): void;
}

/** Time as a parameter, so that whatever waits can be tested without waiting. */
export interface Clock {
  /** Wall time, milliseconds since the epoch. For timestamps that others read. */
  now(): number;
  /** Milliseconds that never jump. For judging how long ago something was. */
  monotonic(): number;
  /** Calls back once, `milliseconds` from now. */
  setTimer(milliseconds: number, callback: () => void): Timer;
}

/** setTimeout fires at once beyond 2^31 − 1 milliseconds: longer waits are cut and the caller finds it is not yet time. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER));
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Resolves after `milliseconds`, or as soon as the signal aborts: the caller looks at the signal next. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = clock.setTimer(milliseconds, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}
