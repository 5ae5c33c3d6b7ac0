import type { CloseReason, ProviderCloseReason } from "../driver.ts";

/** The contract's reason codes: below 10000 the tenant, from 10000 the provider, from 20000 the network. */
const codes = {
  TenantClosed: 1,
  Unplaceable: 10_001,
  NoticeElapsed: 10_002,
  FundsExhausted: 10_003,
  NeverServed: 10_004,
  ManifestTimeout: 10_005,
  Abandoned: 20_001,
} as const satisfies Record<Exclude<CloseReason, "Unspecified">, number>;

const reasons: ReadonlyMap<number, CloseReason> = new Map([
  [codes.TenantClosed, "TenantClosed"],
  [codes.Unplaceable, "Unplaceable"],
  [codes.NoticeElapsed, "NoticeElapsed"],
  [codes.FundsExhausted, "FundsExhausted"],
  [codes.NeverServed, "NeverServed"],
  [codes.ManifestTimeout, "ManifestTimeout"],
  [codes.Abandoned, "Abandoned"],
]);

/** The code that stands for a reason on chain. */
export function codeOfReason(reason: ProviderCloseReason): number {
  return codes[reason];
}

/** The reason that a code stands for; codes of later versions are `Unspecified`. */
export function reasonOfCode(code: number): CloseReason {
  return reasons.get(code) ?? "Unspecified";
}
