import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import type { BlockPoint } from "./block.ts";
import { Disagreement, HeadRefused, Unreachable } from "./errors.ts";
import type { Tier } from "./head.ts";
import { changedKeys, LedgerInformer, type LedgerState } from "./informer.ts";
import { noMetrics } from "./metrics.ts";

type State = LedgerState<string>;

/** A ledger in memory that counts what is asked of it. */
class Ledger {
  entries = new Map<string, string>();
  finalEntries = new Map<string, string>();
  version = 1;
  block = 1n;
  isDown = false;
  snapshots = 0;

  async point(tier: Tier): Promise<BlockPoint> {
    if (this.isDown) throw new Error("no endpoint can be read from");
    return { number: this.block, hash: `${tier}/${this.block}`, timestampSeconds: 0 };
  }

  async versionAt(): Promise<string> {
    return String(this.version);
  }

  async snapshot(point: BlockPoint): Promise<State> {
    this.snapshots += 1;
    const entries = point.hash.startsWith("final") ? this.finalEntries : this.entries;
    return { point, version: String(this.version), entries: new Map(entries) };
  }

  set(key: string, value: string | undefined): void {
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, value);
    this.version += 1;
    this.block += 1n;
  }
}

let clock: ManualClock;
let ledger: Ledger;
let informer: LedgerInformer<string, State>;
let keys: string[];
let ending: AbortController;
let running: Promise<void>;

beforeEach(() => {
  [clock, ledger, keys, ending] = [new ManualClock(), new Ledger(), [], new AbortController()];
  informer = new LedgerInformer<string, State>({
    source: {
      point: (tier) => ledger.point(tier),
      version: () => ledger.versionAt(),
      snapshot: (point) => ledger.snapshot(point),
    },
    clock,
    random: () => 0.5,
    periodSeconds: 2,
  });
  informer.subscribe((key) => void keys.push(key));
  running = Promise.resolve();
});

afterEach(async () => {
  ending.abort();
  await running;
});

async function start(): Promise<void> {
  running = informer.run(ending.signal);
  await clock.advance(0);
}

describe("ledger informer", () => {
  test("is synced when both tiers were read, and enqueues everything then", async () => {
    ledger.set("a", "1");
    expect(informer.hasSynced()).toBe(false);
    await start();
    expect(informer.hasSynced()).toBe(true);
    expect(keys).toEqual(["a"]);
  });

  test("enqueues what appeared, changed or vanished, and nothing else", async () => {
    for (const key of ["a", "b", "c"]) ledger.set(key, "1");
    await start();
    keys.length = 0;
    ledger.set("a", "2");
    ledger.set("b", undefined);
    ledger.set("d", "1");
    await clock.advance(2000);
    expect(keys.toSorted()).toEqual(["a", "b", "d"]);
    expect(informer.head?.entries.get("a")).toBe("2");
  });

  test("takes no snapshot while the version stands, but moves with the block", async () => {
    await start();
    const before = ledger.snapshots;
    ledger.block = 7n;
    await clock.advance(4000);
    expect([ledger.snapshots, informer.head?.point.number]).toEqual([before, 7n]);
  });

  test("reads in full every ten minutes, lest a version lie, and when refreshed", async () => {
    await start();
    ledger.entries.set("a", "unversioned");
    ledger.block += 1n;
    await clock.advance(598_000);
    expect(keys).toEqual([]);
    await clock.advance(4000);
    expect(keys).toEqual(["a"]);
    ledger.entries.set("b", "unversioned");
    informer.refresh();
    await clock.advance(0);
    expect(keys).toEqual(["a", "b"]);
  });

  test("looks at the head at once when woken", async () => {
    await start();
    ledger.set("a", "1");
    informer.wake();
    await clock.advance(0);
    expect(keys).toEqual(["a"]);
  });

  test("looks at what is final every half minute", async () => {
    await start();
    ledger.finalEntries.set("a", "1");
    ledger.set("x", undefined);
    await clock.advance(29_000);
    expect(informer.final?.entries.has("a")).toBe(false);
    await clock.advance(2000);
    expect([informer.final?.entries.has("a"), keys]).toEqual([true, ["a"]]);
  });

  test("keeps its state through an outage, tells it, looks less often, and heals", async () => {
    ledger.set("a", "1");
    await start();
    ledger.isDown = true;
    await clock.advance(600_000);
    expect(informer.head?.entries.get("a")).toBe("1");
    expect(informer.hasSynced()).toBe(true);
    expect(informer.lastError("head")).toBe("no endpoint can be read from");
    expect(informer.ageSeconds("head")).toBe(600);
    ledger.isDown = false;
    ledger.set("a", "2");
    await clock.advance(60_000);
    expect([informer.head?.entries.get("a"), informer.lastError("head")]).toEqual(["2", undefined]);
    expect(informer.ageSeconds("head")).toBeLessThan(3);
  });

  test("is never synced by failures", async () => {
    ledger.isDown = true;
    await start();
    await clock.advance(60_000);
    expect([informer.hasSynced(), informer.head, informer.ageSeconds("head")]).toEqual([false, undefined, undefined]);
  });
});

test("whoever applies the changed keys of two states to the first has the second", () => {
  const states = fc
    .dictionary(fc.constantFrom("a", "b", "c", "d", "e"), fc.nat(2))
    .map((o) => new Map(Object.entries(o)));
  fc.assert(
    fc.property(states, states, (old, next) => {
      const patched = new Map(old);
      const changed = changedKeys(old, next);
      for (const key of changed) {
        const entry = next.get(key);
        if (entry === undefined) patched.delete(key);
        else patched.set(key, entry);
      }
      expect(patched).toEqual(next);
      expect(changed.every((key) => old.get(key) !== next.get(key))).toBe(true);
    }),
  );
});

test.each([
  [new Disagreement("two endpoints differ"), "disagreement"],
  [new HeadRefused("Stalled", "the chain stands still"), "refused"],
  [new Error("no endpoint can be read from"), "error"],
  [undefined, "snapshot"],
] as const)("a look that meets %s counts as %s", async (failure, outcome) => {
  const told: string[] = [];
  const one = new LedgerInformer<string, State>({
    source: {
      point: (tier) => (failure === undefined ? ledger.point(tier) : Promise.reject(failure)),
      version: () => ledger.versionAt(),
      snapshot: (point) => ledger.snapshot(point),
    },
    clock,
    random: () => 0.5,
    periodSeconds: 2,
    metrics: { ...noMetrics, ledgerTick: (tier, how) => void told.push(`${tier} ${how}`) },
  });
  await one.look("final", ending.signal);
  expect(told).toEqual([`final ${outcome}`]);
});

test("an outage after a change of what was final does not hide it; a look that succeeds ends it", async () => {
  let failure: Error | undefined = new HeadRefused("FinalityViolated", "block 3 was replaced");
  const one = new LedgerInformer<string, State>({
    source: {
      point: (tier) => (failure === undefined ? ledger.point(tier) : Promise.reject(failure)),
      version: () => ledger.versionAt(),
      snapshot: (point) => ledger.snapshot(point),
    },
    clock,
    random: () => 0.5,
    periodSeconds: 2,
  });
  await one.look("final", ending.signal);
  failure = new Unreachable("no answer");
  await one.look("final", ending.signal);
  expect(one.lastError("final")).toBe("block 3 was replaced");
  failure = undefined;
  await one.look("final", ending.signal);
  expect(one.lastError("final")).toBeUndefined();
});
