import type { Call } from "./preflight.ts";

/** A transaction's call with the gas to give it. */
export interface SizedCall {
  readonly call: Call;
  readonly gasLimit: bigint;
}

/** What an estimate said: gas, or why the call reverts. */
export type Estimate = { readonly gas: bigint } | { readonly reverts: string };

export type Bundled = SizedCall | { readonly call: Call; readonly reason: string };

/** EIP-7825 lets a transaction have 16,777,216. */
export const GAS_CEILING = 16_000_000n;

/**
 * As many calls, from the first, as one transaction can hold: all, or half as often as they exceed the gas limit or revert together
 * though each passed alone. With a single call left, why it cannot be sent.
 */
export async function bundleThatFits(
  calls: readonly [Call, ...Call[]],
  bundle: (calls: readonly Call[]) => Call,
  estimate: (call: Call) => Promise<Estimate>,
): Promise<Bundled> {
  const call = bundle(calls);
  const answer = await estimate(call);
  if ("gas" in answer && answer.gas <= GAS_CEILING) return { call, gasLimit: withMargin(answer.gas) };
  const [first, ...rest] = calls;
  if (rest.length > 0)
    return await bundleThatFits([first, ...rest.slice(0, Math.floor(calls.length / 2) - 1)], bundle, estimate);
  const reason = "gas" in answer ? `needs ${answer.gas} gas, more than ${GAS_CEILING}` : answer.reverts;
  return { call, reason };
}

/** State may move between the estimate and the block: a fifth more. */
function withMargin(gas: bigint): bigint {
  const wanted = (gas * 6n) / 5n;
  return wanted < GAS_CEILING ? wanted : GAS_CEILING;
}
