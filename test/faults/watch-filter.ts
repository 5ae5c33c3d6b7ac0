import type { StreamFilter, StreamOutput } from "./proxy.ts";

/** What befalls the next line of a watch. */
export type LineFault =
  | "Pass"
  /** A bookmark that never comes. Any other event must not be lost alone: a real server ends the watch then. */
  | "DropBookmark"
  /** The line breaks off in the middle, and the connection with it. */
  | "Truncate"
  /** The connection stays open, and nothing more comes. */
  | "Silence"
  /** The server says that the version is too old (410), and ends. */
  | "Expire"
  | { readonly holdMilliseconds: number };

export interface WatchFilterOptions {
  /** Asked for each line. */
  fault(event: WatchEvent): LineFault;
  readonly expiredEvent: string;
}

export interface WatchEvent {
  readonly type: string;
  /** `namespace/name`, or `name`; empty for bookmarks and errors. */
  readonly key: string;
}

/** Lets the events of one watch through in their order: held ones hold back what follows, and come out coalesced. */
export function watchFilter({ fault, expiredEvent }: WatchFilterOptions): StreamFilter {
  let held: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isSilent = false;
  const release = (out: StreamOutput): void => {
    timer = undefined;
    for (const line of coalesced(held)) out.write(`${line}\n`);
    held = [];
  };
  return {
    line(line, out) {
      if (isSilent || line === "") return;
      if (timer !== undefined) {
        held.push(line);
        return;
      }
      const event = watchEvent(line);
      const found = fault(event);
      if (found === "Pass") out.write(`${line}\n`);
      else if (found === "DropBookmark") {
        if (event.type !== "BOOKMARK") out.write(`${line}\n`);
      } else if (found === "Silence") isSilent = true;
      else if (found === "Truncate") {
        out.write(line.slice(0, Math.floor(line.length / 2)));
        out.cut();
        isSilent = true;
      } else if (found === "Expire") {
        out.write(`${expiredEvent}\n`);
        out.cut();
        isSilent = true;
      } else {
        held = [line];
        timer = setTimeout(() => release(out), found.holdMilliseconds);
      }
    },
    end: () => clearTimeout(timer),
  };
}

/**
 * What a client sees that was away while these events happened: of each object its last state only, in the order of those.
 * An object that came and went again is not seen at all.
 */
export function coalesced(lines: readonly string[]): readonly string[] {
  const first = new Map<string, string>();
  const last = new Map<string, { line: string; type: string }>();
  const others: string[] = [];
  for (const line of lines) {
    const { type, key } = watchEvent(line);
    if (key === "") {
      others.push(line);
      continue;
    }
    if (!first.has(key)) first.set(key, type);
    last.delete(key); // to stand in the order of its last event
    last.set(key, { line, type });
  }
  const events = [...last].flatMap(([key, { line, type }]) => {
    const isNew = first.get(key) === "ADDED";
    if (type === "DELETED") return isNew ? [] : [line];
    return [isNew && type === "MODIFIED" ? line.replace('"type":"MODIFIED"', '"type":"ADDED"') : line];
  });
  return [...events, ...others.slice(-1)];
}

export function watchEvent(line: string): WatchEvent {
  const parsed: unknown = JSON.parse(line);
  const { type, object } = record(parsed);
  const metadata = record(record(object)["metadata"]);
  const [name, namespace] = [metadata["name"], metadata["namespace"]].map((part) =>
    typeof part === "string" ? part : "",
  );
  const isObject = type === "ADDED" || type === "MODIFIED" || type === "DELETED";
  return {
    type: typeof type === "string" ? type : "",
    key: !isObject || !name ? "" : namespace ? `${namespace}/${name}` : name,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
