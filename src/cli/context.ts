import type { Clock } from "../kube/clock.ts";
import type { Terminal } from "./terminal.ts";

/** The world, as a command sees it. */
export interface Context {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** That many bytes from a cryptographic source. */
  readonly random: (bytes: number) => Uint8Array;
}

/** Whole seconds since the epoch. */
export function nowSeconds(context: Context): number {
  return Math.floor(context.clock.now() / 1000);
}
