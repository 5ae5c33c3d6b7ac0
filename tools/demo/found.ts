/** What a pattern's first group found in a tool's output. @throws when it found nothing: the tool prints something else now */
export function found(output: string, pattern: RegExp): string {
  const match = pattern.exec(output)?.[1];
  if (match === undefined) throw new Error(`${pattern} is not in this output:\n${output}`);
  return match;
}
