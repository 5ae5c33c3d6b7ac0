import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

describe("Turns", () => {
  it("start a task only when the one before has ended, failed or not", async () => {
    const turns = new Turns();
    const first = Promise.withResolvers<string>();
    const log: string[] = [];
    const one = turns.next(() => first.promise);
    const two = turns.next(() => Promise.resolve(log.push("two started")));
    log.push("first ends");
    first.reject(new Error("broken"));
    await expect(one).rejects.toThrow("broken");
    await two;
    expect(log).toEqual(["first ends", "two started"]);
  });
});
