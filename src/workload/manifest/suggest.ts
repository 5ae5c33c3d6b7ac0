/** What people coming from Kubernetes, Compose or Akash write first. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["gpu", "accelerators"],
  ["gpus", "accelerators"],
  ["storage", "ephemeralStorage"],
  ["mountpath", "mount"],
  ["entrypoint", "command"],
  ["environment", "env"],
  ["secrets", "secretEnv"],
  ["runasuser", "user"],
  ["count", "replicas"],
]);

/** The known word that is most probably meant, when one is near enough to be a slip. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  const lower = word.toLowerCase();
  const synonym = synonyms.get(lower);
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein's. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
