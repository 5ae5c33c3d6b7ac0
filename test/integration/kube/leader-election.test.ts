import { beforeEach, describe, expect, test } from "vitest";
import { KubeClient } from "../../../src/kube/client.ts";
import { leases } from "../../../src/kube/core.ts";
import { type LeaderElectionOptions, LeaderElector } from "../../../src/kube/leader-election.ts";
import { eventually } from "../../harness/wait.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { useCluster } from "./fixture.ts";
import { type Interposer, startInterposer, statusBody } from "./interposer.ts";

const fixture = useCluster();
let namespace: string;

beforeEach(async () => {
  namespace = await fixture.namespace();
});

interface Candidate {
  readonly elector: LeaderElector;
  readonly happened: string[];
  readonly clock: ManualClock;
  stop(): Promise<void>;
  readonly ended: Promise<void>;
}

/** A running candidate with a clock of its own, so that a test decides when it tries. */
function candidate(identity: string, client = fixture.client, options: Partial<LeaderElectionOptions> = {}): Candidate {
  const clock = new ManualClock();
  const elector = new LeaderElector(client, { namespace, name: "lock", identity, clock, random: () => 0, ...options });
  const happened: string[] = [];
  const controller = new AbortController();
  const ended = elector.run(controller.signal, {
    onStarted: (signal) => {
      happened.push("started");
      signal.addEventListener("abort", () => happened.push("aborted"));
    },
    onStopped: (reason) => void happened.push(reason),
  });
  const stop = async (): Promise<void> => {
    controller.abort();
    await ended;
  };
  fixture.cleanup(stop);
  return { elector, happened, clock, stop, ended };
}

/** Moves a candidate's clock on by its retry period until `fact` holds. */
function until(what: string, { clock }: Candidate, fact: () => boolean): Promise<true> {
  return eventually(what, async () => {
    if (!fact()) await clock.advance(2_000);
    return fact() || undefined;
  });
}

const holder = async (): Promise<string | undefined> =>
  (await fixture.client.get(leases, { namespace, name: "lock" })).spec?.holderIdentity;

const leads = (a: Candidate): Promise<true> => eventually("a leader", () => a.elector.isLeader() || undefined);

describe("of two electors", () => {
  test("one leads, renews with microseconds, and hands over when it stops", async () => {
    const a = candidate("a");
    await leads(a);
    const b = candidate("b");
    await eventually("b's look at the lease", () => (b.elector.holder() === "a" ? true : undefined));
    expect(b.elector.isLeader()).toBe(false);

    const before = await fixture.client.get(leases, { namespace, name: "lock" });
    expect(before.spec).toMatchObject({ holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(before.spec?.renewTime).toMatch(/\.\d{6}Z$/);
    await a.clock.advance(2_000);
    await eventually("a renewal", async () => {
      const now = await fixture.client.get(leases, { namespace, name: "lock" });
      return now.spec?.renewTime !== before.spec?.renewTime || undefined;
    });

    await a.stop();
    expect(a.happened).toEqual(["started", "aborted", "released"]);
    expect(await holder()).toBe("");
    await until("b's turn", b, () => b.elector.isLeader());
    const after = await fixture.client.get(leases, { namespace, name: "lock" });
    expect(after.spec).toMatchObject({ holderIdentity: "b", leaseTransitions: 1 });
  });

  test("is released also when the lease was written since the holder saw it last", async () => {
    const a = candidate("a");
    await leads(a);
    const metadata = { annotations: { touched: "by hand, as a renewal whose answer was lost would" } };
    await fixture.client.mergePatch(leases, { namespace, name: "lock" }, { metadata }, { fieldManager: "hand" });
    await a.stop();
    expect(await holder()).toBe("");
  });

  test("the second takes over only after the first was silent for the lease's duration, as it saw it", async () => {
    const a = candidate("a");
    await leads(a);
    const b = candidate("b");
    await eventually("b's look at the lease", () => (b.elector.holder() === "a" ? true : undefined));
    await b.clock.advance(14_000); // a's clock stands still: it does not renew
    expect(b.elector.isLeader()).toBe(false);
    await until("b's turn", b, () => b.elector.isLeader());
    expect(await holder()).toBe("b");

    await until("a's discovery", a, () => a.happened.includes("lost"));
    expect(a.happened).toEqual(["started", "aborted", "lost"]);
    expect(a.elector.isLeader()).toBe(false);
    await a.ended;
    expect(await holder()).toBe("b"); // what is lost is not released
  });

  test("a clock an hour ahead or behind changes nothing", async () => {
    const a = candidate("a");
    await leads(a);
    for (const hours of [-1, 1]) {
      const clock = new ManualClock(Date.UTC(2030, 0, 1) + hours * 3_600_000);
      const b = candidate(`b${hours}`, fixture.client, { clock });
      await eventually("its look at the lease", () => (b.elector.holder() === "a" ? true : undefined));
      expect(b.elector.isLeader()).toBe(false);
    }
  });
});

describe("a leader", () => {
  let proxy: Interposer;
  beforeEach(async () => {
    proxy = await startInterposer(fixture.cluster);
    fixture.cleanup(() => proxy.close());
  });
  const connect = (): KubeClient => {
    const client = new KubeClient(proxy.config);
    fixture.cleanup(() => client.close());
    return client;
  };

  test("that was paused knows before its next call that it may lead no more", async () => {
    const a = candidate("a");
    await leads(a);
    await a.clock.advance(0);
    const paused = a.clock.monotonic;
    Object.defineProperty(a.clock, "monotonic", { value: () => paused.call(a.clock) + 20_000 });
    expect(a.elector.isLeader()).toBe(false);
  });

  test("stays leader through a short outage", async () => {
    const a = candidate("a", connect());
    await leads(a);
    proxy.fault = () => ({ kind: "answer", status: 500, body: statusBody(500, "InternalError") });
    const asked = proxy.seen.length;
    await a.clock.advance(2_000);
    await eventually("a failed renewal", () => (proxy.seen.length > asked ? true : undefined));
    proxy.fault = () => undefined;
    const failed = proxy.seen.length;
    await until("a renewal that works", a, () => proxy.seen.length > failed);
    expect(a.elector.isLeader()).toBe(true);
    expect(a.happened).toEqual(["started"]);
  });

  test("gives up when it cannot renew within its deadline", async () => {
    const a = candidate("a", connect());
    await leads(a);
    proxy.fault = () => ({ kind: "answer", status: 500, body: statusBody(500, "InternalError") });
    await until("the end", a, () => a.happened.includes("lost"));
    expect(a.happened).toEqual(["started", "aborted", "lost"]);
  });

  test("that loses its lease to another's hand ends at once", async () => {
    const a = candidate("a", connect());
    await leads(a);
    const spec = { holderIdentity: "thief" };
    await fixture.client.mergePatch(leases, { namespace, name: "lock" }, { spec }, { fieldManager: "test" });
    await until("the end", a, () => a.happened.includes("lost"));
    expect(a.clock.monotonic()).toBeLessThan(10_000); // by what it read, not by the deadline
  });

  test("renews a lease that somebody deleted by making it again", async () => {
    const a = candidate("a");
    await leads(a);
    await fixture.client.delete(leases, { namespace, name: "lock" });
    await eventually("a new lease", async () => {
      await a.clock.advance(1_000);
      return (await holder()) === "a" || undefined;
    });
    expect(a.happened).toEqual(["started"]);
  });
});

test("impossible periods are refused", () => {
  const options = { namespace: "n", name: "l", identity: "i", leaseDurationSeconds: 10 };
  expect(() => new LeaderElector(fixture.client, options)).toThrow(/leaseDurationSeconds > renewDeadlineSeconds/);
});
