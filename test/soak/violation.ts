/** A promise of Berthage's that was not kept. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export function demand(isSo: boolean, what: () => string): asserts isSo {
  if (!isSo) throw new Violation(what());
}
