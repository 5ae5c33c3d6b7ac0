import { explain } from "../explain.ts";

/** One thing that was looked at. `fix` says how to mend it, unless it is all right. */
export interface Finding {
  readonly check: string;
  /** Which one of its kind, where there may be several: an offer, an endpoint, a network. */
  readonly subject?: string;
  readonly result: "ok" | "warn" | "fail" | "skipped";
  readonly detail: string;
  readonly fix?: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, result: "ok", detail };
}

/** Works, but sells less or less safely than it could. */
export function warn(check: string, detail: string, fix: string): Finding {
  return { check, result: "warn", detail, fix };
}

/** Berthage will not work like this. */
export function fail(check: string, detail: string, fix: string): Finding {
  return { check, result: "fail", detail, fix };
}

/** Not looked at, and why; `fix` says what would let it be. */
export function skipped(check: string, detail: string, fix: string): Finding {
  return { check, result: "skipped", detail, fix };
}

/** The finding about one of several. */
export function about(subject: string | undefined, finding: Finding): Finding {
  if (subject === undefined) return finding;
  const { check, result, detail, fix } = finding;
  return { check, subject, result, detail, ...(fix === undefined ? {} : { fix }) };
}

/** What a check finds; what it throws is a finding too, so that one failure never hides the rest. */
export async function attempt(
  check: string,
  look: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    const found = await look();
    return "check" in found ? [found] : found;
  } catch (error) {
    const { what, next } = explain(error);
    return [fail(check, what, next)];
  }
}
