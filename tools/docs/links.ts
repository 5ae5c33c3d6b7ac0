import { posix } from "node:path";
import { divide } from "./blocks.ts";
import { anchorsOf } from "./headings.ts";

export interface Link {
  /** From 1. */
  readonly line: number;
  /** As written. */
  readonly target: string;
}

/** Links and pictures of a document, inline or by reference, outside of code. */
export function linksOf(markdown: string): readonly Link[] {
  return divide(markdown).prose.flatMap((line, index) => {
    const text = line.replaceAll(/`[^`]*`/g, "");
    const inline = [...text.matchAll(/\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/g)];
    const references = [...text.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/g)];
    return [...inline, ...references].map(([, target = ""]) => ({ line: index + 1, target }));
  });
}

/** What the links of a set of documents are checked against. */
export interface Tree {
  /** Markdown documents by path from the root, `/` between folders. */
  readonly documents: ReadonlyMap<string, string>;
  /** Whether a file or folder exists; same paths. */
  exists(path: string): boolean;
}

/**
 * Every relative link that leads nowhere, as `docs/a.md:12: b.md#c: why`. Links with a scheme (https, mailto) are not
 * followed: a test must not depend on the network.
 */
export function brokenLinks({ documents, exists }: Tree): readonly string[] {
  const anchors = new Map([...documents].map(([path, text]) => [path, anchorsOf(text)]));
  const problemOf = (from: string, target: string): string | undefined => {
    const [path = "", anchor] = target.split("#", 2);
    const to = path === "" ? from : posix.normalize(posix.join(posix.dirname(from), decodeURI(path)));
    if (to.startsWith("../")) return "leads out of the repository";
    if (!exists(to)) return `there is no ${to}`;
    if (anchor === undefined || anchors.get(to)?.has(anchor) !== false) return undefined;
    return `${to} has no heading #${anchor}`;
  };
  return [...documents].flatMap(([from, text]) =>
    linksOf(text)
      .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
      .flatMap(({ line, target }) => {
        const problem = problemOf(from, target);
        return problem === undefined ? [] : [`${from}:${line}: ${target}: ${problem}`];
      }),
  );
}
