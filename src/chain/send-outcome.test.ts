import { describe, expect, test } from "vitest";
import { RpcError, Unreachable } from "./errors.ts";
import { judgeSend } from "./send-outcome.ts";

const taken = { endpoint: "a", error: undefined };
const dead = { endpoint: "b", error: new Unreachable("endpoint b gave no usable answer") };
const said = (message: string) => ({
  endpoint: "c",
  error: new RpcError("c", "eth_sendRawTransaction", -32000, message),
});

describe("texts of nodes", () => {
  test.each([
    ["geth", "already known", "Accepted"],
    ["nethermind", "AlreadyKnown", "Accepted"],
    ["besu", "Known transaction", "Accepted"],
    ["geth", "replacement transaction underpriced", "Underpriced"],
    ["geth", "transaction underpriced: gas tip cap 1, minimum needed 1000000", "Underpriced"],
    ["geth", "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1, baseFee: 7", "Underpriced"],
    ["EDR", "maxFeePerGas (1) is too low for the next block, which has a baseFeePerGas of 7", "Underpriced"],
    ["geth", "nonce too low: next nonce 5, tx nonce 4", "NonceTooLow"],
    ["anvil", "nonce too low", "NonceTooLow"],
    ["EDR", "Nonce too low. Expected nonce to be 5 but got 4.", "NonceTooLow"],
    ["arbitrum", "nonce too high: address 0x1, tx: 9 state: 4", "NonceTooHigh"],
    ["geth", "insufficient funds for gas * price + value: balance 0", "InsufficientFunds"],
    ["anvil", "Insufficient funds for gas * price + value", "InsufficientFunds"],
    ["EDR", "Sender doesn't have enough funds to send tx.", "InsufficientFunds"],
    ["geth", "intrinsic gas too low", "Rejected"],
    ["any", "sender is on a list", "Rejected"],
  ])("%s: %s", (_node, text, verdict) => {
    expect(judgeSend([said(text)]).verdict).toBe(verdict);
  });
});

describe("several endpoints", () => {
  test("one that took it is enough", () => {
    expect(judgeSend([said("insufficient funds"), dead, taken]).verdict).toBe("Accepted");
  });

  test("silence is unknown, never refusal", () => {
    expect(judgeSend([dead]).verdict).toBe("Unknown");
    expect(judgeSend([dead, said("sender is on a list")]).verdict).toBe("Unknown");
    expect(judgeSend([]).verdict).toBe("Unknown");
  });

  test("all answers are told", () => {
    expect(judgeSend([taken, dead, said("nonce too low")]).text).toMatch(/a: taken; endpoint b .*; .*nonce too low/);
  });
});
