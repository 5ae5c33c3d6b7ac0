import { formatDuration } from "../../output/duration.ts";
import { about, type Finding, fail, ok, warn } from "../finding.ts";
import type { EndpointReading } from "./endpoint-reading.ts";

/** No chain of interest is as slow. */
const STALE_SECONDS = 600;
/** The operator reads from no endpoint that is further behind. */
const MAX_LAG_BLOCKS = 2n;
/** Blocks are never stamped further ahead than clocks differ. */
const AHEAD_SECONDS = 15;

const CHECK = "Endpoint";

/** What is to be said of each endpoint, by itself and beside the others. Pure. */
export function endpointFindings(
  readings: readonly EndpointReading[],
  wantedChainId: bigint | undefined,
  nowSeconds: number,
): readonly Finding[] {
  const heads = readings.flatMap(({ latest }) => (latest === undefined ? [] : [latest.number]));
  const highest = heads.toSorted((a, b) => Number(a - b)).at(-1) ?? 0n;
  const chainId = wantedChainId ?? readings.find((one) => one.chainId !== undefined)?.chainId;
  const hashes = new Set(readings.flatMap(({ sharedHash }) => sharedHash ?? []));
  return readings.map((reading) => {
    const finding =
      problemOf(reading, chainId, heads.length > 0) ??
      (hashes.size > 1 ? disagreement(reading) : undefined) ??
      lagOf(reading, highest, nowSeconds) ??
      ok(CHECK, describe(reading, nowSeconds));
    return about(reading.name, finding);
  });
}

function problemOf(
  { error, chainId, finalityError }: EndpointReading,
  wanted: bigint | undefined,
  isAnyAlive: boolean,
): Finding | undefined {
  if (error !== undefined) {
    const fix = "check its url, and that the operator's network policy lets it out; until then it serves nothing";
    return isAnyAlive ? warn(CHECK, error, fix) : fail(CHECK, error, fix);
  }
  if (chainId !== wanted) {
    const fix = "correct its url, or spec.market.chainId";
    return fail(CHECK, `it serves chain ${chainId}, not chain ${wanted}`, fix);
  }
  if (finalityError === undefined) return undefined;
  const fix = "set spec.market.finalityBlocks to a depth that it serves, or take another endpoint";
  return fail(CHECK, `it does not tell what is final: ${finalityError}`, fix);
}

function disagreement({ sharedHash }: EndpointReading): Finding {
  const fix = "find out which endpoint is wrong, and remove it: while they differ nothing final is decided";
  return fail(CHECK, `the endpoints differ on a final block; here it is ${sharedHash ?? "not there"}`, fix);
}

function lagOf({ latest }: EndpointReading, highest: bigint, nowSeconds: number): Finding | undefined {
  if (latest === undefined) return undefined;
  const behind = highest - latest.number;
  if (behind > MAX_LAG_BLOCKS) {
    return warn(CHECK, `it is ${behind} blocks behind the others`, "it is not read from meanwhile: ask who runs it");
  }
  const age = nowSeconds - latest.timestampSeconds;
  if (age > STALE_SECONDS) {
    const fix = "check that the node follows its chain, and that the clock here is right";
    return warn(CHECK, `its newest block ${latest.number} is ${formatDuration(age)} old`, fix);
  }
  if (age >= -AHEAD_SECONDS) return undefined;
  const fix = "the clock here is behind the chain's: let NTP set it";
  return warn(CHECK, `its newest block ${latest.number} is ${formatDuration(-age)} in the future`, fix);
}

function describe({ chainId, latest, finalized }: EndpointReading, nowSeconds: number): string {
  const age = formatDuration(Math.max(0, nowSeconds - (latest?.timestampSeconds ?? nowSeconds)));
  return `chain ${chainId}, block ${latest?.number}, ${age} old, final up to ${finalized?.number}`;
}
