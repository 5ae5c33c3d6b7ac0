import { Disagreement, errorText, HeadRefused, isFinalityViolation, WrongChain } from "../chain/errors.ts";

export interface ConnectionFailure {
  readonly reason: "Unreachable" | "WrongChain" | "NoContract" | "Stalled" | "EndpointsDisagree" | "FinalityViolated";
  readonly message: string;
}

/** Why a network can't be read, in a word that an admin can act on. Whatever is not known for sure is Unreachable (law 1). */
export function connectionFailure(error: unknown): ConnectionFailure {
  const message = errorText(error);
  if (error instanceof Disagreement) return { reason: "EndpointsDisagree", message };
  if (isFinalityViolation(error)) return { reason: "FinalityViolated", message };
  if (error instanceof WrongChain) return { reason: "WrongChain", message };
  if (error instanceof HeadRefused) {
    if (error.reason === "Stalled") return { reason: "Stalled", message };
    if (error.reason === "IdentityChanged") {
      return { reason: message.includes("no contract") ? "NoContract" : "WrongChain", message };
    }
  }
  return { reason: "Unreachable", message };
}
