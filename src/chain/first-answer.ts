import type { Clock, Timer } from "./clock.ts";

export interface FirstAnswerOptions {
  readonly clock: Clock;
  /** The second attempt starts after this long without an answer (a hedged read). */
  readonly hedgeMilliseconds: number;
  /** Whether another attempt would fail in the same way. */
  isFinal(error: unknown): boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The first answer of several attempts that are started one after the other: the next one when one fails, the second
 * also when the first is slow. Those that lose are aborted.
 * @throws the first final error, or the last error when all failed
 */
export async function firstAnswer<T>(
  attempts: readonly ((signal: AbortSignal) => Promise<T>)[],
  options: FirstAnswerOptions,
): Promise<T> {
  const losers = new AbortController();
  const signal = options.signal === undefined ? losers.signal : AbortSignal.any([options.signal, losers.signal]);
  let hedge: Timer | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      let started = 0;
      let running = 0;
      const startNext = (): void => {
        const attempt = attempts[started];
        if (attempt === undefined || signal.aborted) return;
        started += 1;
        running += 1;
        attempt(signal).then(resolve, (error: unknown) => {
          running -= 1;
          if (options.signal?.aborted || options.isFinal(error)) return reject(error);
          startNext();
          if (running === 0) reject(error);
        });
      };
      startNext();
      hedge = options.clock.setTimer(options.hedgeMilliseconds, () => {
        if (started === 1) startNext();
      });
    });
  } finally {
    hedge?.cancel();
    losers.abort(new Error("another endpoint answered first"));
  }
}
