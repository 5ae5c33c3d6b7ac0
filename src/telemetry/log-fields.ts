import { REDACTED, type Redactor } from "./redactor.ts";
import { isSensitiveField } from "./sensitive-names.ts";

/** A value that JSON can carry. */
export type LogValue = string | number | boolean | null | readonly LogValue[] | { readonly [name: string]: LogValue };

const DEEPEST = 8;
const LONGEST_TEXT = 8192;
const MOST_ITEMS = 200;

/**
 * Turns what a caller hands to the logger into plain JSON without secrets. Never throws and always ends: cycles, deep
 * or large values and throwing getters become short notes, since a log call must not be able to break its caller.
 */
export function logFields(fields: object, redactor: Redactor): { [name: string]: LogValue } {
  try {
    return entriesOf(fields, { redactor, seen: new Set([fields]), depth: 0 });
  } catch {
    return { fields: "[unreadable]" };
  }
}

interface Walk {
  readonly redactor: Redactor;
  readonly seen: ReadonlySet<object>;
  readonly depth: number;
}

/** The text of one message or value, masked and bounded. */
export function logText(text: string, redactor: Redactor): string {
  const masked = redactor.text(text);
  return masked.length <= LONGEST_TEXT ? masked : `${masked.slice(0, LONGEST_TEXT)}… (${masked.length} characters)`;
}

function plain(value: unknown, walk: Walk): LogValue {
  switch (typeof value) {
    case "string":
      return logText(value, walk.redactor);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : plainObject(value, walk);
    default:
      return String(value);
  }
}

function plainObject(value: object, walk: Walk): LogValue {
  if (walk.seen.has(value)) return "[circular]";
  if (walk.depth >= DEEPEST) return "[too deep]";
  const inner: Walk = { ...walk, seen: new Set([...walk.seen, value]), depth: walk.depth + 1 };
  if (value instanceof Error) return plainError(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof URL) return logText(value.href, walk.redactor);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return entriesOf(Object.fromEntries(value), inner);
  if (value instanceof Set || Array.isArray(value)) return plainList([...value], inner);
  return entriesOf(value, inner);
}

function plainList(items: readonly unknown[], walk: Walk): LogValue {
  const shown = items.slice(0, MOST_ITEMS).map((item) => plain(item, walk));
  return items.length <= MOST_ITEMS ? shown : [...shown, `[${items.length - MOST_ITEMS} more]`];
}

/** Name, message and stack, then the error's own fields (`code`, …), then its cause, masked like anything else. */
function plainError(error: Error, walk: Walk): LogValue {
  const { name, message, stack = "", cause } = error;
  const own = entriesOf(error, walk);
  return {
    ...own,
    name: plain(name, walk),
    message: plain(message, walk),
    stack: plain(stack, walk),
    ...(cause === undefined ? {} : { cause: plain(cause, walk) }),
    ...(error instanceof AggregateError ? { errors: plainList(error.errors, walk) } : {}),
  };
}

function entriesOf(value: object, walk: Walk): { [name: string]: LogValue } {
  const names = Object.keys(value);
  const isSecretObject = read(value, "kind") === "Secret";
  const result: { [name: string]: LogValue } = {};
  for (const name of names.slice(0, MOST_ITEMS)) {
    const field = read(value, name);
    if (field === undefined) continue;
    const hidden = isSensitiveField(name, field) || (isSecretObject && name === "data");
    result[logText(name, walk.redactor)] = hidden ? REDACTED : plain(field, walk);
  }
  if (names.length > MOST_ITEMS) result["…"] = `[${names.length - MOST_ITEMS} more]`;
  return result;
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return "[unreadable]";
  }
}
