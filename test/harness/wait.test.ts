import { describe, expect, it } from "vitest";
import { eventually } from "./wait.ts";

const soon = { timeoutSeconds: 0.05, intervalMilliseconds: 1 };

describe("eventually", () => {
  it("returns the first value that is not undefined, be it false, null or zero", async () => {
    for (const value of [false, null, 0, ""]) {
      const answers = [undefined, undefined, value, "too late"];
      expect(await eventually("a value", () => answers.shift(), { intervalMilliseconds: 1 })).toBe(value);
    }
  });

  it("takes an exception for `not yet`", async () => {
    let looks = 0;
    const probe = async (): Promise<number> => {
      looks += 1;
      if (looks < 3) throw new Error("not yet");
      return looks;
    };
    expect(await eventually("the third look", probe, { intervalMilliseconds: 1 })).toBe(3);
  });

  it("says at the timeout what it waited for and why the last look failed", async () => {
    const probe = (): never => {
      throw new Error("the pod is Pending");
    };
    await expect(eventually("the pod to run", probe, soon)).rejects.toThrow(
      "waited 0.05 s in vain for the pod to run; the last look failed: the pod is Pending",
    );
  });

  it("does not blame an exception that was followed by a look without one", async () => {
    let looks = 0;
    const probe = (): undefined => {
      looks += 1;
      if (looks === 1) throw new Error("refused");
    };
    await expect(eventually("a lease", probe, soon)).rejects.toThrow(/for a lease$/);
  });

  it("looks once even when there is no time", async () => {
    expect(await eventually("now", () => "here", { timeoutSeconds: 0 })).toBe("here");
  });
});
