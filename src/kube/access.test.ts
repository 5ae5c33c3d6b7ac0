import { describe, expect, it } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { type AccessWait, awaitAccess } from "./access.ts";
import { deployments } from "./core.ts";

const access = { verb: "create", resource: deployments, namespace: "lease-market-1" };

/** Answers what it is told to, then yes; counts what it was asked. */
class Authorizer {
  asked = 0;
  readonly #answers: boolean[];
  constructor(...answers: boolean[]) {
    this.#answers = answers;
  }
  async isAllowed(): Promise<boolean> {
    this.asked += 1;
    return this.#answers.shift() ?? true;
  }
}

const never = { isAllowed: async (): Promise<boolean> => false };

function waiting(clock: ManualClock, rest: Partial<AccessWait> = {}): AccessWait {
  return { clock, random: () => 0.5, timeoutSeconds: 10, ...rest };
}

describe("awaitAccess", () => {
  it("asks once where it is allowed", async () => {
    const authorizer = new Authorizer();
    await awaitAccess(authorizer, access, waiting(new ManualClock()));
    expect(authorizer.asked).toBe(1);
  });

  it("asks again, ever more slowly, until it is allowed", async () => {
    const clock = new ManualClock();
    const authorizer = new Authorizer(false, false, false);
    const done = awaitAccess(authorizer, access, waiting(clock));
    await clock.advance(5 + 10 + 19);
    expect(authorizer.asked).toBe(3);
    await clock.advance(1);
    await done;
    expect(authorizer.asked).toBe(4);
  });

  it("gives up after the deadline, and says where to look", async () => {
    const clock = new ManualClock();
    const refused = awaitAccess(never, access, waiting(clock, { timeoutSeconds: 2 }));
    const message = /may not create deployments in namespace lease-market-1, 2 s after .* RoleBindings/;
    await Promise.all([expect(refused).rejects.toThrow(message), clock.advance(3000)]);
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    const refused = awaitAccess(never, access, waiting(new ManualClock(), { signal: stop.signal }));
    stop.abort(new Error("the operator ends"));
    await expect(refused).rejects.toThrow("the operator ends");
  });
});
