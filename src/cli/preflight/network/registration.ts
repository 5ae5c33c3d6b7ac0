import type { LedgerProvider } from "../../../networks/driver.ts";
import { type Finding, fail, ok } from "../finding.ts";

export interface Expected {
  /** The account that signs. */
  readonly operator: string;
  /** Where earnings must go, when the resource says so. */
  readonly payout: string | undefined;
  /** The key that the Secret holds, when it could be read. */
  readonly manifestKey: string | undefined;
}

/** Whether the market knows the operator, and as what it is meant to be: the reasons of condition Registered. Pure. */
export function registrationFinding(
  { operator, payout, manifestKey }: Expected,
  provider: LedgerProvider | undefined,
): Finding {
  const check = "Registration";
  if (provider === undefined) {
    const fix = `register it with the owner's key: \`berthage provider register --operator ${operator}\``;
    return fail(check, `${operator} serves no provider`, fix);
  }
  const served = `${operator} serves provider ${provider.id}`;
  if (payout !== undefined && !isSame(payout, provider.payout)) {
    const detail = `${served}, whose earnings go to ${provider.payout} and not to ${payout}`;
    return fail(check, detail, "`berthage provider register --update --payout …`, or correct spec.payout");
  }
  if (manifestKey !== undefined && !isSame(manifestKey, provider.manifestKey)) {
    const detail = `${served}, to which tenants seal with ${provider.manifestKey}; the Secret opens ${manifestKey}`;
    return fail(check, detail, "`berthage provider register --update --manifest-public-key …`, or restore the Secret");
  }
  return ok(check, served);
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase().replace(/^0x/, "") === b.toLowerCase().replace(/^0x/, "");
}
