import { Failure } from "../failure.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs `work` with a signal that aborts when a person (^C) or the system asks to end, so that it can clean up first. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort(new Failure("interrupted", "run it again when you have time"));
  for (const name of signals) process.once(name, end);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of signals) process.off(name, end);
  }
}
