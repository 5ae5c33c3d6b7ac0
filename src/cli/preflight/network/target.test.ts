import { expect, test } from "vitest";
import { computeNetwork } from "../../../../test/support/controllers/objects.ts";
import { targetOf } from "./target.ts";

test("a ComputeNetwork says all that is to be checked", () => {
  const resource = computeNetwork("spare");
  expect(targetOf(resource)).toEqual({
    resource,
    chainId: 31_337n,
    market: `0x${"5f".repeat(20)}`,
    endpoints: [{ name: "local", url: "http://127.0.0.1:9" }],
    finalityBlocks: undefined,
  });
});
