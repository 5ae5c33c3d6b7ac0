/** A pending timer. */
export interface Timer {
  cancel(): void;
}

/** Time as a parameter. The same shape as the Kubernetes runtime's clock, so that one instance serves both. */
export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonic(): number;
  /** Calls back once, `milliseconds` from now. */
  setTimer(milliseconds: number, callback: () => void): Timer;
}

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

/** Runs `work` with a signal that aborts with `late()` after `milliseconds`, or when `signal` does. */
export async function withDeadline<T>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal | undefined,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.setTimer(milliseconds, () => deadline.abort(late()));
  try {
    return await work(signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]));
  } finally {
    timer.cancel();
  }
}
