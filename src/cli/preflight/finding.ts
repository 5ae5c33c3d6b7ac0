/** One thing that was looked at. `fix` says how to mend it, unless it is all right. */
export interface Finding {
  readonly check: string;
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

export function skipped(check: string, detail: string, fix: string): Finding {
  return { check, result: "skipped", detail, fix };
}
