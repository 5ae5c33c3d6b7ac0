import { expect, test } from "vitest";
import { Disagreement, HeadRefused, Unreachable, WrongChain } from "../chain/errors.ts";
import { connectionFailure } from "./connection-failure.ts";

test.each([
  ["endpoints that differ", new Disagreement("a and b differ"), "EndpointsDisagree"],
  ["another chain", new WrongChain("chain 1, not 10"), "WrongChain"],
  ["a head that stands still", new HeadRefused("Stalled", "the newest block is 901 s old"), "Stalled"],
  ["a market that is not there", new HeadRefused("IdentityChanged", "a has no contract at 0x1"), "NoContract"],
  ["another genesis", new HeadRefused("IdentityChanged", "a serves another genesis"), "WrongChain"],
  ["a reorganisation too deep", new HeadRefused("ReorgBeyondBudget", "65 blocks"), "FinalityViolated"],
  ["another block where a final one was", new HeadRefused("FinalityViolated", "block 9"), "FinalityViolated"],
  ["an endpoint that lags", new HeadRefused("Stale", "it lags"), "Unreachable"],
  ["no answer", new Unreachable("endpoint a did not answer"), "Unreachable"],
  ["anything else", "out of memory", "Unreachable"],
])("%s", (_what, error, reason) => {
  const message = error instanceof Error ? error.message : error;
  expect(connectionFailure(error)).toEqual({ reason, message });
});
