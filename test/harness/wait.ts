import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** Gives up after this long. Default 30. */
  readonly timeoutSeconds?: number;
  /** Pause between two looks. Default 50. */
  readonly intervalMilliseconds?: number;
}

/**
 * Looks until `probe` returns something other than undefined, and returns that; an exception counts as "not yet".
 * The error at the timeout says what was awaited and the last exception.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutSeconds = 30, intervalMilliseconds = 50 } = options;
  const deadline = performance.now() + timeoutSeconds * 1000;
  let failure: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) break;
    await delay(intervalMilliseconds);
  }
  const last = failure === undefined ? "" : `; the last look failed: ${describe(failure)}`;
  throw new Error(`waited ${timeoutSeconds} s in vain for ${what}${last}`, { cause: failure });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
