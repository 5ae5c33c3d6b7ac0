import { AbiCoder, id } from "ethers";
import { expect, test } from "vitest";
import { marketAbi, tokenAbi } from "./abi.ts";
import { explainRevert } from "./explain.ts";
import { codeOfReason, reasonOfCode } from "./reasons.ts";

const standard = (signature: string, types: string[], values: unknown[]): string =>
  id(signature).slice(0, 10) + AbiCoder.defaultAbiCoder().encode(types, values).slice(2);

test.each([
  [marketAbi.encodeErrorResult("CapacityExceeded", [3, 2, 1]), "CapacityExceeded(offerId: 3, units: 2, free: 1)"],
  [tokenAbi.encodeErrorResult("ERC20InvalidSender", [`0x${"00".repeat(20)}`]), /^ERC20InvalidSender\(sender: 0x0+\)$/],
  [standard("Error(string)", ["string"], ["paused"]), "Error(paused)"],
  [standard("Panic(uint256)", ["uint256"], [17]), "Panic(17)"],
  ["0x", "reverted without a reason"],
  ["0xdeadbeef", "reverted with 0xdeadbeef"],
  [marketAbi.encodeErrorResult("CapacityExceeded", [3, 2, 1]).slice(0, 20), /^reverted with 0x/],
])("%#: revert data in words", (data, text) => {
  expect(explainRevert(data)).toMatch(text);
});

test("a provider's reasons survive their codes, and strange codes are unspecified", () => {
  const reasons = ["Unplaceable", "NoticeElapsed", "FundsExhausted", "NeverServed", "ManifestTimeout"] as const;
  expect(reasons.map((reason) => reasonOfCode(codeOfReason(reason)))).toEqual(reasons);
  expect([reasonOfCode(1), reasonOfCode(20_001), reasonOfCode(0)]).toEqual([
    "TenantClosed",
    "Abandoned",
    "Unspecified",
  ]);
});
