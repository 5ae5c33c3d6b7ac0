import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerLease } from "../../../test/support/controllers/ledger.ts";
import { planHeartbeats } from "./heartbeats.ts";
import { decideAccrual, type Metering, meter, servedSince } from "./metering.ts";

const record: Metering = {
  heartbeatSeconds: 1000,
  billedSeconds: 0,
  servedSeconds: 20,
  sinceSeconds: 1050,
  accruing: true,
};

describe("seconds served", () => {
  test("run on while the lease accrues", () => {
    expect(servedSince(record, 1080)).toBe(50);
    expect(servedSince({ ...record, accruing: false }, 1080)).toBe(20);
  });

  test("are not taken away by a clock that steps back", () => {
    expect(servedSince(record, 900)).toBe(20);
  });
});

describe("the record", () => {
  test("starts empty at the last heartbeat, from now on", () => {
    expect(meter(undefined, ledgerLease({ lastHeartbeatSeconds: 1000, billedSeconds: 9 }), true, 1200)).toEqual({
      heartbeatSeconds: 1000,
      billedSeconds: 9,
      servedSeconds: 0,
      sinceSeconds: 1200,
      accruing: true,
    });
  });

  test("is the very same while nothing changed, so that nothing is written", () => {
    expect(meter(record, ledgerLease(), true, 99_999)).toBe(record);
    const resting = { ...record, accruing: false };
    expect(meter(resting, ledgerLease(), false, 99_999)).toBe(resting);
  });

  test("adds up what was served when accrual stops, and goes on when it starts", () => {
    const stopped = meter(record, ledgerLease(), false, 1080);
    expect(stopped).toEqual({ ...record, servedSeconds: 50, sinceSeconds: 1080, accruing: false });
    const started = meter(stopped, ledgerLease(), true, 1180);
    expect(servedSince(started, 1190)).toBe(60);
  });

  test("counts from the newest heartbeat and keeps what that left out", () => {
    const entry = ledgerLease({ lastHeartbeatSeconds: 1100, billedSeconds: 60 });
    // 20 + 60 served until 1110; 60 billed; only the 10 since the heartbeat can still be claimed.
    expect(meter(record, entry, true, 1110)).toEqual({
      heartbeatSeconds: 1100,
      billedSeconds: 60,
      servedSeconds: 10,
      sinceSeconds: 1110,
      accruing: true,
    });
  });

  test("drops what was served before a heartbeat that came too late to bill it", () => {
    const stoppedAt1500: Metering = { ...record, servedSeconds: 500, sinceSeconds: 1500, accruing: false };
    const entry = ledgerLease({ lastHeartbeatSeconds: 1600, billedSeconds: 300 });
    expect(servedSince(meter(stoppedAt1500, entry, false, 1900), 1900)).toBe(0);
  });

  test("keeps what was served after the heartbeat and before accrual stopped", () => {
    const stoppedAt1500: Metering = { ...record, servedSeconds: 500, sinceSeconds: 1500, accruing: false };
    const entry = ledgerLease({ lastHeartbeatSeconds: 1480, billedSeconds: 300 });
    expect(servedSince(meter(stoppedAt1500, entry, false, 1900), 1900)).toBe(20);
  });

  test("never grows by a heartbeat that a reorganisation took back", () => {
    const after: Metering = { ...record, heartbeatSeconds: 1100, billedSeconds: 60, servedSeconds: 5 };
    expect(meter(after, ledgerLease({ lastHeartbeatSeconds: 1000, billedSeconds: 0 }), true, 1100)).toMatchObject({
      billedSeconds: 0,
      servedSeconds: 55,
    });
  });
});

describe("what accrues", () => {
  const held = { isActive: true, isHeld: true, isSuspended: false, cause: "none" } as const;
  test.each([
    [held, true, "Serving"],
    [{ ...held, cause: "tenant" }, true, "TenantPart"],
    [{ ...held, cause: "provider" }, false, "ProviderPart"],
    [{ ...held, isSuspended: true }, false, "Suspended"],
    [{ ...held, isHeld: false }, false, "NoCapacity"],
    [{ ...held, isActive: false }, false, "NotActive"],
    [{ isActive: false, isHeld: false, isSuspended: true, cause: "provider" }, false, "NotActive"],
  ] as const)("%j: %s, %s", (input, accrues, why) => {
    expect(decideAccrual(input)).toEqual({ accrues, why });
  });
});

/** A step in a lease's life, as the operator lives it. Seconds. */
type Step =
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "look"; readonly accruing: boolean }
  /** The operator's clock is wrong for one look. */
  | { readonly kind: "skewedLook"; readonly back: number }
  /** The chain credits what the schedule claimed, up to a cap (a shortage of gas, an older claim). */
  | { readonly kind: "heartbeat"; readonly cap: number }
  /** The chain credits nothing, but the beat counts. */
  | { readonly kind: "emptyHeartbeat" }
  /** The process dies and comes back: what is not in the record is lost. */
  | { readonly kind: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 0, max: 500 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("look" as const), accruing: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("skewedLook" as const), back: fc.integer({ min: 1, max: 2000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("heartbeat" as const), cap: fc.integer({ min: 0, max: 600 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "emptyHeartbeat" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

const windowSeconds = 300;

/** A lease with its chain, its record and the truth beside them. */
class Life {
  now = 1000;
  record: Metering | undefined;
  entry = ledgerLease({ lastHeartbeatSeconds: 1000, heartbeatWindowSeconds: windowSeconds, fundedSeconds: 5000 });
  /** Truly served, in all and since the last heartbeat. */
  served = 0;
  servedInInterval = 0;
  /** What all heartbeats together may have billed: of each interval, at most a window. */
  billable = 0;

  run(step: Step): void {
    switch (step.kind) {
      case "wait": {
        this.now += step.seconds;
        const served = this.record?.accruing === true ? step.seconds : 0;
        this.served += served;
        this.servedInInterval += served;
        return;
      }
      case "look":
        this.record = meter(this.record, this.entry, step.accruing, this.now);
        return;
      case "skewedLook":
        this.record = meter(this.record, this.entry, this.record?.accruing ?? false, this.now - step.back);
        return;
      case "heartbeat":
        this.heartbeat(step.cap);
        return;
      case "emptyHeartbeat":
        this.heartbeat(0);
        return;
      case "restart":
        this.record = this.record === undefined ? undefined : { ...this.record };
    }
  }

  /** The contract's rule: min(claimed, elapsed, window, runway). */
  heartbeat(cap: number): void {
    const { entry, now } = this;
    // A record that the newest heartbeat has overtaken claims nothing until a look brings it up to date.
    const plan =
      this.record?.heartbeatSeconds !== entry.lastHeartbeatSeconds
        ? []
        : planHeartbeats(
            [
              {
                leaseId: entry.id,
                metering: this.record,
                windowSeconds,
                fundedSeconds: entry.fundedSeconds,
                isUrgent: true,
              },
            ],
            now,
          ).heartbeats;
    const claimed = Math.min(plan[0]?.servedSeconds ?? 0, cap);
    const elapsed = now - entry.lastHeartbeatSeconds;
    const runway = entry.fundedSeconds - entry.billedSeconds;
    const credited = Math.min(claimed, elapsed, windowSeconds, runway);
    this.entry = { ...entry, lastHeartbeatSeconds: now, billedSeconds: entry.billedSeconds + credited };
    this.billable += Math.min(this.servedInInterval, windowSeconds);
    this.servedInInterval = 0;
  }
}

describe("over any life", () => {
  const lives = fc.array(step, { maxLength: 40 });
  const assertOver = (holds: (life: Life) => void): void =>
    fc.assert(
      fc.property(lives, (steps) => {
        const life = new Life();
        for (const one of steps) {
          life.run(one);
          holds(life);
        }
      }),
      { numRuns: 500 },
    );

  test("no more is billed than was served, and no second is claimed twice", () => {
    assertOver((life) => {
      const seen = meter(life.record, life.entry, life.record?.accruing ?? false, life.now);
      const unbilled = servedSince(seen, life.now);
      expect(life.entry.billedSeconds + unbilled).toBeLessThanOrEqual(life.served);
    });
  });

  test("silence longer than the window is never billed, not even later", () => {
    assertOver((life) => {
      expect(life.entry.billedSeconds).toBeLessThanOrEqual(life.billable);
    });
  });

  test("no more is billed than is funded", () => {
    assertOver((life) => {
      expect(life.entry.billedSeconds).toBeLessThanOrEqual(life.entry.fundedSeconds);
    });
  });

  test("a provider that beats in time loses nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: windowSeconds }), { minLength: 1, maxLength: 15 }), (waits) => {
        const life = new Life();
        life.run({ kind: "look", accruing: true });
        for (const seconds of waits) {
          life.run({ kind: "wait", seconds });
          life.run({ kind: "restart" });
          life.run({ kind: "heartbeat", cap: windowSeconds });
          life.run({ kind: "look", accruing: true });
        }
        expect(life.entry.billedSeconds).toBe(Math.min(life.served, 5000));
      }),
    );
  });

  test("looking twice changes nothing", () => {
    assertOver((life) => {
      if (life.record === undefined) return;
      const { accruing } = life.record;
      const once = meter(life.record, life.entry, accruing, life.now);
      expect(meter(once, life.entry, accruing, life.now + 10)).toBe(once);
    });
  });
});
