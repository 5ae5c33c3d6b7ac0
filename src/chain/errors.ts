/** The endpoint understood and refused: the request is wrong, it reverts, or the node will not do it. */
export class RpcError extends Error {
  override readonly name: string = "RpcError";
  readonly endpoint: string;
  readonly method: string;
  readonly code: number;
  /** Revert data, 0x hex, where the node sent any. */
  readonly data: string | undefined;

  constructor(endpoint: string, method: string, code: number, message: string, data?: string) {
    super(`${method} at endpoint ${endpoint}: ${message} (code ${code})`);
    this.endpoint = endpoint;
    this.method = method;
    this.code = code;
    this.data = data;
  }
}

/** No usable answer came: nothing is known, not even whether a send took effect (law 1). Names endpoints, never URLs. */
export class Unreachable extends Error {
  override readonly name: string = "Unreachable";
}

/** The endpoint asks for a pause. */
export class Throttled extends Unreachable {
  override readonly name: string = "Throttled";
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The endpoint serves another chain than the one asked for. */
export class WrongChain extends Unreachable {
  override readonly name: string = "WrongChain";
}

/** The endpoint does not have the block, not yet or no longer: the read must start again from a new header. */
export class BlockUnknown extends Error {
  override readonly name: string = "BlockUnknown";
}

/** Two endpoints gave different answers for the same block: neither is believed. */
export class Disagreement extends Error {
  override readonly name: string = "Disagreement";
}

/** The signer gave no signature, for whatever reason: it is away, refuses, or signed something else. */
export class SignerFailed extends Error {
  override readonly name: string = "SignerFailed";
}

export type HeadRefusal = "Stale" | "Stalled" | "ReorgBeyondBudget" | "FinalityViolated" | "IdentityChanged";

/** A header was read and is not believed; nothing may be decided on it. */
export class HeadRefused extends Error {
  override readonly name: string = "HeadRefused";
  readonly reason: HeadRefusal;

  constructor(reason: HeadRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Whether history that was believed for good was replaced: by a node that errs, or by a chain whose finality broke. */
export function isFinalityViolation(error: unknown): boolean {
  return error instanceof HeadRefused && (error.reason === "FinalityViolated" || error.reason === "ReorgBeyondBudget");
}

/** An unknown thrown value as one line of text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the node ran the call and it reverted, as opposed to not running it. Nodes disagree on the code (geth 3, EDR −32603). */
export function isRevert(error: unknown): error is RpcError {
  return (
    error instanceof RpcError &&
    (error.code === 3 || error.data !== undefined || /\brevert(ed)?\b/i.test(error.message))
  );
}

/** Whether the node says that it lacks the block asked for. Texts of geth, erigon, nethermind, reth, anvil and EDR. */
export function isBlockUnknown(error: unknown): boolean {
  return (
    error instanceof RpcError &&
    (error.code === -32001 ||
      /(unknown block|(block|header|hash) (could )?not (be )?found|header for hash|not (currently )?canonical|missing trie node)/i.test(
        error.message,
      ))
  );
}
