import { isRevert, RpcError, Unreachable } from "../chain/errors.ts";
import { BadAnswer } from "../chain/hex.ts";
import { ApiError } from "../kube/errors.ts";
import { explainRevert } from "../networks/market/explain.ts";
import { SealingError } from "../sealing/errors.ts";
import { Failure } from "./failure.ts";
import { nextAfterRevert } from "./reverts.ts";

export interface Explanation {
  readonly what: string;
  readonly next: string;
}

/** Any error as what went wrong and what to do next, a line each. */
export function explain(error: unknown): Explanation {
  const { what, next } = describe(error);
  return { what: oneLine(what), next: oneLine(next) };
}

function describe(error: unknown): Explanation {
  if (error instanceof Failure) return { what: error.message, next: error.next };
  if (error instanceof Unreachable || error instanceof BadAnswer) {
    return { what: error.message, next: "check --rpc (BERTHAGE_RPC), and that the node there runs" };
  }
  const revert = revertOf(error);
  if (revert !== undefined) return { what: `the chain refuses: ${revert}`, next: nextAfterRevert(revert) };
  if (error instanceof RpcError)
    return { what: error.message, next: "the node said so: check your key's funds and try again" };
  if (error instanceof ApiError) return { what: error.message, next: nextAfterApiError(error) };
  if (error instanceof SealingError) return { what: error.message, next: "check the manifest and the provider's key" };
  const what = error instanceof Error ? error.message : String(error);
  return { what, next: "run it again with --debug to see where it came from" };
}

/** The contract's own error, whether the node's answer was wrapped or not. */
function revertOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isRevert(cause)) return cause.data === undefined ? cause.message : explainRevert(cause.data);
  }
  return undefined;
}

function nextAfterApiError({ kind }: ApiError): string {
  switch (kind) {
    case "NetworkUnknown":
    case "ServerUnavailable":
    case "TooManyRequests":
      return "check that the cluster of --kubeconfig is up and can be reached, then try again";
    case "Unauthorized":
      return "log in to the cluster again, or choose another user with --kubeconfig and --context";
    case "Forbidden":
    case "ForbiddenQuota":
      return "use a user that may do this: --kubeconfig, --context";
    case "NotFound":
      return "install Berthage's resource definitions: `kubectl apply -f crds/`";
    default:
      return "run it again with --debug to see where it came from";
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}
