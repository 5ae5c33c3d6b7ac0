import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideMaintenance, NOTICE_LEAD_SECONDS } from "./maintenance.ts";

const announced = "2030-01-01T12:00:00Z";
const atSeconds = Date.parse(announced) / 1000;
const day = 86_400;

describe("a maintenance", () => {
  test("that nobody announced asks nothing", () => {
    expect(decideMaintenance({ announced: undefined, noticeSeconds: day, nowSeconds: atSeconds })).toEqual({
      kind: "none",
    });
  });

  test.each([
    ["a week ahead", 7 * day, "announced"],
    ["a second before the notice must be given", day + NOTICE_LEAD_SECONDS + 1, "announced"],
    ["when the notice must be given", day + NOTICE_LEAD_SECONDS, "due"],
    ["too late for a notice to end in time", day - 1, "due"],
    ["under way", 0, "due"],
    ["long over, and still announced", -day, "due"],
  ] as const)("%s", (_name, aheadSeconds, kind) => {
    const dueAtSeconds = atSeconds - day - NOTICE_LEAD_SECONDS;
    const nowSeconds = atSeconds - aheadSeconds;
    expect(decideMaintenance({ announced, noticeSeconds: day, nowSeconds })).toEqual({ kind, atSeconds, dueAtSeconds });
  });

  test.each([
    ["with an offset", "2030-01-01T14:00:00+02:00"],
    ["with fractions", "2030-01-01T12:00:00.999Z"],
  ])("may be told %s", (_name, text) => {
    expect(decideMaintenance({ announced: text, noticeSeconds: 0, nowSeconds: 0 })).toMatchObject({ atSeconds });
  });

  test.each(["", "soon", "tomorrow 12:00", "1893499200", "2030-01-01", "2030-01-01T12:00:00", "2030-13-01T12:00:00Z"])(
    "at %j is none that can be read: nothing moves for it",
    (text) => {
      expect(decideMaintenance({ announced: text, noticeSeconds: 0, nowSeconds: 4e9 })).toEqual({
        kind: "unreadable",
        announced: text,
      });
    },
  );

  test("that a notice given when it falls due always ends before, however long the notice", () => {
    const seconds = fc.integer({ min: 0, max: 2 ** 24 - 1 });
    fc.assert(
      fc.property(seconds, seconds, (noticeSeconds, aheadSeconds) => {
        const nowSeconds = atSeconds - aheadSeconds;
        const decision = decideMaintenance({ announced, noticeSeconds, nowSeconds });
        if (decision.kind !== "announced" && decision.kind !== "due") throw new Error("it was announced");
        expect(decision.dueAtSeconds + noticeSeconds).toBeLessThan(atSeconds);
        expect(decision.kind === "due").toBe(nowSeconds >= decision.dueAtSeconds);
      }),
    );
  });
});
