import { Interface } from "ethers";
import { marketAbi, tokenAbi } from "./abi.ts";

const builtIn = new Interface(["error Error(string message)", "error Panic(uint256 code)"]);

/** Revert data in words: `CapacityExceeded(offerId: 3, units: 2, free: 1)`. Data that no known error explains is shown as it is. */
export function explainRevert(revertData: string): string {
  if (revertData === "" || revertData === "0x") return "reverted without a reason";
  for (const abi of [marketAbi, tokenAbi, builtIn]) {
    const error = parseError(abi, revertData);
    if (error !== undefined) return error;
  }
  return `reverted with ${revertData.slice(0, 138)}`;
}

function parseError(abi: Interface, revertData: string): string | undefined {
  try {
    const error = abi.parseError(revertData);
    if (error === null) return undefined;
    const fields = error.fragment.inputs.map((input, index) => `${input.name}: ${String(error.args[index])}`);
    return `${error.name}(${fields.join(", ")})`;
  } catch {
    return undefined; // the selector is known but the rest is not its arguments
  }
}
