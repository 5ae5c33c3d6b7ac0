/** What a probe found out about a cluster's network policies. */
export interface IsolationReport {
  readonly isEnforced: boolean;
  /** One sentence for people: what was reached, or what was not. */
  readonly message: string;
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
}

/** The ConfigMap in the operator's namespace in which the newest report stands. */
export const isolationReportName = "isolation-probe";

const results = { enforced: "Enforced", notEnforced: "NotEnforced" } as const;

/** A report as the ConfigMap's data. */
export function isolationReportData({ isEnforced, message, timeSeconds }: IsolationReport): Record<string, string> {
  return {
    result: isEnforced ? results.enforced : results.notEnforced,
    message,
    time: new Date(timeSeconds * 1000).toISOString(),
  };
}

/** The reverse. What nobody wrote so is no report: unknown is not unhealthy (law 1). */
export function parseIsolationReport(data: Readonly<Record<string, string>> | undefined): IsolationReport | undefined {
  const { result, message = "", time = "" } = data ?? {};
  const milliseconds = Date.parse(time);
  if ((result !== results.enforced && result !== results.notEnforced) || Number.isNaN(milliseconds)) return undefined;
  return { isEnforced: result === results.enforced, message, timeSeconds: Math.floor(milliseconds / 1000) };
}
