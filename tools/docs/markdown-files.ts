import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

const foreign = new Set(["node_modules", ".git", ".berthage", "coverage", "out", "cache"]);

/** Every Markdown document of the repository by its path from the root, in order. */
export async function markdownFiles(): Promise<ReadonlyMap<string, string>> {
  const paths: string[] = [];
  const exclude = (name: string): boolean => foreign.has(name.slice(name.lastIndexOf("/") + 1));
  for await (const path of glob("**/*.md", { cwd: root, exclude })) paths.push(path);
  paths.sort();
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(`${root}/${path}`, "utf8")] as const)),
  );
}
