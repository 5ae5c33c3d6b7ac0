import { divide } from "./blocks.ts";

/** The anchors of a document: of its headings, as GitHub makes them, and of `<a id="…">`. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const { prose } = divide(markdown);
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const line of prose) {
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) if (id !== undefined) anchors.add(id);
    const title = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = slugOf(title);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/** GitHub's rule: lower case, letters, digits, `-` and `_` stay, spaces become `-`, all else goes. */
export function slugOf(title: string): string {
  const text = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
