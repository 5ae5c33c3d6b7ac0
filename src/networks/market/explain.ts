import type { Interface } from "ethers";
import { marketAbi, tokenAbi } from "./abi.ts";

/** A token may revert with any text: no more of it than a line goes into conditions and logs. */
const LONGEST_CHARACTERS = 300;

/** Revert data in words: `CapacityExceeded(offerId: 3, units: 2, free: 1)`. Data that no known error explains is shown as it is. */
export function explainRevert(revertData: string): string {
  if (revertData === "" || revertData === "0x") return "reverted without a reason";
  for (const abi of [marketAbi, tokenAbi]) {
    const error = parseError(abi, revertData);
    if (error !== undefined) return oneLine(error);
  }
  return `reverted with ${revertData.slice(0, 138)}`;
}

function parseError(abi: Interface, revertData: string): string | undefined {
  try {
    const error = abi.parseError(revertData);
    if (error === null) return undefined;
    // Solidity's own Error and Panic have no names for their arguments.
    const fields = error.fragment.inputs.map(({ name }, index) => `${name && `${name}: `}${String(error.args[index])}`);
    return `${error.name}(${fields.join(", ")})`;
  } catch {
    return undefined; // the selector is known but the rest is not its arguments
  }
}

function oneLine(text: string): string {
  const printable = text.slice(0, LONGEST_CHARACTERS).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return text.length > LONGEST_CHARACTERS ? `${printable}…` : printable;
}
