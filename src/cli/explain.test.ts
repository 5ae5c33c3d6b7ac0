import { AbiCoder, id } from "ethers";
import { describe, expect, test } from "vitest";
import { RpcError, Unreachable, WrongChain } from "../chain/errors.ts";
import { BadAnswer } from "../chain/hex.ts";
import { Forbidden, NetworkUnknown, NotFound } from "../kube/errors.ts";
import { marketAbi, tokenAbi } from "../networks/market/abi.ts";
import { SealingError } from "../sealing/errors.ts";
import { explain } from "./explain.ts";
import { Failure } from "./failure.ts";
import { remedies } from "./reverts.ts";

const operation = { verb: "list", resource: "computenetworks" };
const failure = { status: 404, message: "the server could not find it", reason: "NotFound", causes: [] };
const capacity = marketAbi.encodeErrorResult("CapacityExceeded", [3, 2, 1]);

describe("explain", () => {
  test.each([
    ["a failure", new Failure("no", "try yes"), "no", "try yes"],
    ["no answer from a node", new Unreachable("endpoint a is away"), "endpoint a is away", /^check --rpc/],
    ["another chain", new WrongChain("endpoint a serves chain 2"), "endpoint a serves chain 2", /^check --rpc/],
    ["nonsense from a node", new BadAnswer("expected a hex quantity"), "expected a hex quantity", /^check --rpc/],
    [
      "a revert",
      new RpcError("a", "eth_call", 3, "execution reverted", capacity),
      "the chain refuses: CapacityExceeded(offerId: 3, units: 2, free: 1)",
      /^take fewer units/,
    ],
    [
      "a revert inside another error",
      new Error("the transaction would revert", { cause: new RpcError("a", "eth_estimateGas", 3, "x", capacity) }),
      "the chain refuses: CapacityExceeded(offerId: 3, units: 2, free: 1)",
      /^take fewer units/,
    ],
    [
      "a revert of an unknown contract",
      new RpcError(
        "a",
        "eth_call",
        3,
        "x",
        `${id("Odd(uint256)").slice(0, 10)}${AbiCoder.defaultAbiCoder().encode(["uint256"], [7]).slice(2)}`,
      ),
      /^the chain refuses: reverted with 0x/,
      /^look at what changed/,
    ],
    [
      "a node's refusal",
      new RpcError("a", "eth_sendRawTransaction", -32000, "txpool is full"),
      /txpool is full/,
      /funds/,
    ],
    ["a kind that is not served", new NotFound(operation, failure), /could not find it/, /kubectl apply/],
    ["a forbidden call", new Forbidden(operation, { ...failure, status: 403 }), /computenetworks/, /^use a user/],
    [
      "a cluster that is away",
      new NetworkUnknown(operation, new Error("ECONNREFUSED"), false),
      /no answer/,
      /--kubeconfig/,
    ],
    ["a sealing error", new SealingError("BadKey", "not a key"), "not a key", /provider's key/],
    ["anything else", new Error("first\n  second"), "first second", /--debug/],
    ["a thrown text", "odd", "odd", /--debug/],
  ])("%s: what and next, a line each", (_, error, what, next) => {
    const explanation = explain(error);
    expect(explanation.what).toMatch(what);
    expect(explanation.next).toMatch(next);
    expect(`${explanation.what}${explanation.next}`).not.toContain("\n");
  });
});

test("every remedy is for an error that the contracts have", () => {
  const known = [marketAbi, tokenAbi].flatMap((abi) => {
    const names: string[] = [];
    abi.forEachError(({ name }) => names.push(name));
    return names;
  });
  expect(Object.keys(remedies).filter((name) => !known.includes(name))).toEqual([]);
});
