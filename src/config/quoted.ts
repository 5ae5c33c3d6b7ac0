const LONGEST_CHARACTERS = 100;

/** A text that was given, for a message: on one line, in ASCII, and never more than a bit of it. */
export function quoted(text: string): string {
  const shown = text.length <= LONGEST_CHARACTERS ? text : `${text.slice(0, LONGEST_CHARACTERS)}...`;
  return JSON.stringify(shown).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
