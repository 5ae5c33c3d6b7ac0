import { parseArgs } from "node:util";

/** How much to measure. */
export interface BenchOptions {
  /** Leases a throughput run. */
  readonly leases: number;
  /** Throughput runs of each writer, and restarts. */
  readonly repetitions: number;
  /** Leases that stand when the operator restarts. */
  readonly restartLeases: number;
  /** Openings, one at a time, whose latency is measured. */
  readonly openings: number;
  /** Whole lease lives whose calls are counted. */
  readonly lives: number;
  /** How long a converged operator is watched. */
  readonly quietSeconds: number;
  /** Where the results go. */
  readonly output: string;
}

const full = { leases: 200, repetitions: 3, "restart-leases": 2000, openings: 30, lives: 5, "quiet-seconds": 60 };
const quick: typeof full = {
  ...full,
  leases: 40,
  repetitions: 2,
  "restart-leases": 120,
  openings: 5,
  lives: 1,
  "quiet-seconds": 10,
};

/**
 * Parses the flags of `npm run bench`. A quick run is a check that the bench works: its figures go beside the real ones.
 * @throws for an unknown flag or a size that is not a whole number above zero
 */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: "boolean", default: false },
      leases: text,
      repetitions: text,
      "restart-leases": text,
      openings: text,
      lives: text,
      "quiet-seconds": text,
      output: text,
    },
  });
  const sizes = values.quick ? quick : full;
  const size = (name: keyof typeof full): number => {
    const value = Number(values[name] ?? sizes[name]);
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw new Error(`--${name} must be a whole number above zero, not ${values[name]}`);
  };
  return {
    leases: size("leases"),
    repetitions: size("repetitions"),
    restartLeases: size("restart-leases"),
    openings: size("openings"),
    lives: size("lives"),
    quietSeconds: size("quiet-seconds"),
    output: values.output ?? (values.quick ? ".berthage/bench-quick.md" : "bench/results.md"),
  };
}
