import { Interface } from "ethers";
import market from "./contract/ComputeMarket.json" with { type: "json" };
import token from "./contract/TestToken.json" with { type: "json" };

/** The market contract's interface: functions, events and typed errors. */
export const marketAbi = new Interface(market.abi);

/** ERC-20 with ERC-2612 permit, and `mint` for the test token. */
export const tokenAbi = new Interface(token.abi);

/** Creation code of both contracts, 0x hex. */
export const marketBytecode = market.bytecode;
export const testTokenBytecode = token.bytecode;

/**
 * The only result of a view, decoded.
 * @throws when the answer is none of that view, without the answer: ethers' own error quotes all of it
 */
export function decodeResult(functionName: string, data: string): unknown {
  try {
    const [value] = marketAbi.decodeFunctionResult(functionName, data);
    return value;
  } catch {
    const answer = `${data.slice(0, 74)}${data.length > 74 ? "…" : ""}`;
    throw new Error(
      `the market answered ${functionName} with what it never answers, ${answer}: is the address a market of this version?`,
    );
  }
}
