import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StreamOutput } from "./proxy.ts";
import { coalesced, type LineFault, watchEvent, watchFilter } from "./watch-filter.ts";

function event(type: string, name: string, version: number): string {
  return JSON.stringify({ type, object: { metadata: { name, resourceVersion: String(version) } } });
}

/** What a store holds after these events, as a client-go reflector would fill it. */
function stored(lines: readonly string[], before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const store = new Map(before);
  for (const line of lines) {
    const { type, key } = watchEvent(line);
    if (type === "DELETED") store.delete(key);
    else if (key !== "") store.set(key, JSON.parse(line).object.metadata.resourceVersion);
  }
  return store;
}

/** Histories that a server could send: what is added was not there, what is changed or deleted was. */
const history = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()), { maxLength: 20 }).map((steps) => {
  const there = new Set<string>();
  return steps.map(([name, isEnd], i) => {
    const type = !there.has(name) ? "ADDED" : isEnd ? "DELETED" : "MODIFIED";
    if (type === "DELETED") there.delete(name);
    else there.add(name);
    return event(type, name, i);
  });
});

describe("coalesced", () => {
  test("leaves a client where all the events would have left it, with one event an object at the most", () => {
    fc.assert(
      fc.property(history, fc.nat(20), (lines, cut) => {
        const before = stored(lines.slice(0, cut));
        const seen = coalesced(lines.slice(cut));
        expect(stored(seen, before)).toEqual(stored(lines));
        const keys = seen.map((line) => watchEvent(line).key);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  test("keeps the last bookmark", () => {
    const lines = [event("BOOKMARK", "", 1), event("ADDED", "a", 2), event("BOOKMARK", "", 3)];
    expect(coalesced(lines)).toEqual([lines[1], lines[2]]);
  });
});

describe("watchFilter", () => {
  const lines = [event("ADDED", "a", 1), event("BOOKMARK", "", 2), event("MODIFIED", "a", 3)];

  function through(fault: (type: string) => LineFault): { out: string; isCut: boolean } {
    const seen = { out: "", isCut: false };
    const output: StreamOutput = {
      write: (bytes) => {
        seen.out += bytes;
      },
      cut: () => {
        seen.isCut = true;
      },
    };
    const filter = watchFilter({ fault: ({ type }) => fault(type), expiredEvent: "expired" });
    for (const line of lines) filter.line(line, output);
    filter.end();
    return seen;
  }

  test("passes everything on", () => {
    expect(through(() => "Pass")).toEqual({ out: `${lines.join("\n")}\n`, isCut: false });
  });

  test("drops bookmarks, and never another event alone", () => {
    expect(through(() => "DropBookmark").out).toBe(`${lines[0]}\n${lines[2]}\n`);
  });

  test("breaks a line off with its connection", () => {
    const { out, isCut } = through((type) => (type === "MODIFIED" ? "Truncate" : "Pass"));
    expect(isCut).toBe(true);
    expect(lines[2]?.startsWith(out.split("\n").at(-1) ?? "none")).toBe(true);
    expect(out).not.toContain(lines[2]);
  });

  test("falls silent with the connection open", () => {
    expect(through((type) => (type === "BOOKMARK" ? "Silence" : "Pass"))).toEqual({
      out: `${lines[0]}\n`,
      isCut: false,
    });
  });

  test("says that the version is too old, and ends", () => {
    expect(through((type) => (type === "BOOKMARK" ? "Expire" : "Pass"))).toEqual({
      out: `${lines[0]}\nexpired\n`,
      isCut: true,
    });
  });
});
