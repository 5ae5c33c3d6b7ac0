export type Rule =
  | "size"
  | "syntax"
  | "nesting"
  | "duplicate"
  | "unknown"
  | "required"
  | "type"
  | "format"
  | "range"
  | "count"
  | "consistency"
  | "denied"
  | "choice"
  | "capacity"
  | "offer";

/**
 * Why a manifest is refused. Texts never repeat a value of the manifest: a misplaced secret would otherwise end up in a
 * condition or a log (law 8).
 */
export interface Problem {
  /** Where: `services[0].resources.cpu`; empty for the whole document. */
  readonly path: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly rule: Rule;
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
}

/** One line for a person: `services[0].image (line 3): is missing; name a container image`. */
export function formatProblem({ path, line, message, hint }: Problem): string {
  const where = path === "" ? "manifest" : path;
  return `${where}${line === undefined ? "" : ` (line ${line})`}: ${message}; ${hint}`;
}

/** The first problems in one line, short enough for a condition's message. */
export function summarizeProblems(problems: readonly Problem[], shown = 3): string {
  const rest = problems.length - shown;
  const lines = problems.slice(0, shown).map(formatProblem);
  return lines.join(" · ") + (rest > 0 ? ` · and ${rest} more` : "");
}
