import { chainFaults, StaleHead } from "./chain-faults.ts";
import type { Call, Fault } from "./fault.ts";
import type { Faults } from "./faults.ts";
import { refusals, StaleLists } from "./kube-faults.ts";
import type { Random } from "./random.ts";
import type { LineFault } from "./watch-filter.ts";

/**
 * Lets faults of every kind befall about every tenth call to either server, until the faults are cleared. Now and then an
 * endpoint's head stands still for a while; in every other storm, lists that are asked for again go back to the first one.
 */
export function storm(faults: Faults, random: Random): void {
  const lists = random.chance(0.5) ? new StaleLists() : undefined; // with them no list is streamed
  lists?.freeze();
  faults.api.rule = (call) => (random.chance(0.1) ? apiFault(random, call) : lists?.fault(call));
  faults.watches = () => (random.chance(0.03) ? lineFault(random) : "Pass");
  for (const proxy of faults.chain) {
    const head = new StaleHead();
    proxy.rule = (call) => {
      wander(head, random);
      return (random.chance(0.1) ? random.pick(chainStorm)(call) : undefined) ?? head.fault(call);
    };
  }
}

/** For about a tenth of the calls, some tens in a row. */
function wander(stale: StaleHead, random: Random): void {
  if (random.chance(0.03)) stale.thaw();
  else if (random.chance(0.003)) stale.freeze();
}

/** How often each kind of fault has struck so far, at all proxies together, by its name. */
export function struckFaults({ api, chain }: Faults): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { struck } of [api, ...chain]) {
    for (const [kind, times] of struck) sums.set(kind, (sums.get(kind) ?? 0) + times);
  }
  return sums;
}

const chainStorm: readonly [(call: Call) => Fault | undefined, ...((call: Call) => Fault | undefined)[]] = [
  chainFaults.tooManyRequests,
  chainFaults.badGateway,
  chainFaults.limitExceeded,
  chainFaults.nothing,
  chainFaults.emptyData,
  chainFaults.partialData,
  chainFaults.wrongChain,
  chainFaults.feeSpike,
  chainFaults.underpriced,
  chainFaults.repeatedSend,
  chainFaults.lostSendAnswer,
  chainFaults.swallowedSend,
  (): Fault => ({ kind: "Reset" }),
  (): Fault => ({ kind: "CutAnswer" }),
  (): Fault => ({ kind: "Delay", milliseconds: 500 }),
];

function apiFault(random: Random, { method }: Call): Fault {
  const always: readonly [Fault, ...Fault[]] = [
    refusals.tooMany,
    refusals.internal,
    refusals.unavailable,
    refusals.unauthorized,
    { kind: "Reset" },
    { kind: "LoseAnswer" },
    { kind: "CutAnswer" },
    { kind: "Delay", milliseconds: 500 },
  ];
  if (method === "GET") return random.pick([...always, refusals.gone]);
  return random.pick(method === "POST" ? always : [...always, refusals.conflict]);
}

function lineFault(random: Random): LineFault {
  return random.pick<LineFault>([
    "DropBookmark",
    "Truncate",
    "Expire",
    { holdMilliseconds: random.integer(100, 2000) },
  ]);
}
