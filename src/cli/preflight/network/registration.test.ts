import { describe, expect, test } from "vitest";
import { registrationFinding } from "./registration.ts";

describe("the registration", () => {
  const provider = { id: "7", owner: "0xa1", operator: "0x11", payout: "0xAbC1", manifestKey: "0xFf" };
  const expected = { operator: "0x11", payout: undefined, manifestKey: undefined };

  test.each([
    ["nobody said more", expected, provider, "ok", "0x11 serves provider 7"],
    ["payout and key are as meant", { ...expected, payout: "0xabc1", manifestKey: "ff" }, provider, "ok", "provider 7"],
    ["there is none", expected, undefined, "fail", "serves no provider"],
    ["the payout differs", { ...expected, payout: "0xabc2" }, provider, "fail", "go to 0xAbC1 and not to 0xabc2"],
    ["the key differs", { ...expected, manifestKey: "fe" }, provider, "fail", "the Secret opens fe"],
  ])("when %s", (_what, wanted, found, result, words) => {
    expect(registrationFinding(wanted, found)).toMatchObject({ result, detail: expect.stringContaining(words) });
  });
});
