/** Words that are no metric although no `(` follows. */
const keywords = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan", "group_left", "group_right"]);

const string = /"(?:[^"\\]|\\.)*"/.source;
/** What reads no series: texts, ranges, numbers and durations, and lists of labels. */
const skipped = [
  string,
  /\[[^\]]*\]/.source,
  /\b\d[\w.]*/.source,
  /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/.source,
];
/** A name with its matchers; a name before `(` or `by` is a function. */
const vector = `(?<name>[a-zA-Z_:][\\w:]*)(?<matchers>\\{(?:[^}"]|${string})*\\})?(?<call>\\s*(?:\\(|(?=(?:by|without)\\b)))?`;
const token = new RegExp([...skipped, vector].join("|"), "g");

/** The vector selectors of a PromQL expression, such as `up{job="berthage"}`, each once, without ranges. */
export function selectorsIn(expr: string): readonly string[] {
  const found = [...expr.matchAll(token)].flatMap(({ groups }) => {
    const { name, matchers = "", call } = groups ?? {};
    return name === undefined || call !== undefined || keywords.has(name.toLowerCase()) ? [] : [`${name}${matchers}`];
  });
  return [...new Set(found)];
}

/** The metrics that an expression reads, as they are called on the page: without the suffixes of a histogram's series. */
export function metricsIn(expr: string): readonly string[] {
  const names = selectorsIn(expr).map((one) => one.replace(/\{.*$/s, ""));
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))];
}
