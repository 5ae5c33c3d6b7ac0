import type { Header } from "./block.ts";
import { HeadRefused } from "./errors.ts";

/** Points remembered; older reorganisations than these reach would go unseen only past any budget. */
const REMEMBERED_POINTS = 256;

/** The points of one tier that were believed, newest last: tells a new block from a lagging endpoint and from a reorganisation. */
export class Lineage {
  readonly #budgetBlocks: number;
  readonly #refusal: "ReorgBeyondBudget" | "FinalityViolated";
  #points: { readonly number: bigint; readonly hash: string }[] = [];
  #reorganisations = 0;

  constructor(
    budgetBlocks: number,
    refusal: "ReorgBeyondBudget" | "FinalityViolated",
    recorded?: { readonly number: bigint; readonly hash: string },
  ) {
    if (recorded !== undefined) this.#points.push(recorded);
    this.#budgetBlocks = budgetBlocks;
    this.#refusal = refusal;
  }

  get reorganisations(): number {
    return this.#reorganisations;
  }

  /**
   * Believes a header or refuses it. `hashAt` asks the header's own endpoint for the hash at a lower height; it is
   * called only when neither hash nor parent continues what is known.
   * @throws HeadRefused
   */
  async accept(header: Header, hashAt: (number: bigint) => Promise<string>): Promise<void> {
    const last = this.#points.at(-1);
    if (last === undefined || (last.number + 1n === header.number && last.hash === header.parentHash)) {
      return this.#push(header);
    }
    if (last.hash === header.hash) return;
    const kept = await this.#commonPoints(header, hashAt);
    const first = this.#points[kept];
    if (first === undefined) return this.#push(header);
    if (first.number > header.number) {
      throw new HeadRefused(
        "Stale",
        `the endpoint is at block ${header.number} but ${last.number} was read before: it lags`,
      );
    }
    this.#refuseDeep(first.number, last.number);
    this.#points = this.#points.slice(0, kept);
    this.#reorganisations += 1;
    this.#push(header);
  }

  /** How many of the remembered points, from the oldest, stand on the header's chain. */
  async #commonPoints(header: Header, hashAt: (number: bigint) => Promise<string>): Promise<number> {
    for (let kept = this.#points.length; kept > 0; kept -= 1) {
      const point = this.#points[kept - 1];
      if (point === undefined || point.number > header.number) continue;
      const hash = point.number === header.number ? header.hash : await hashAt(point.number);
      if (hash === point.hash) return kept;
    }
    return 0;
  }

  #refuseDeep(firstReplaced: bigint, last: bigint): void {
    const depth = last - firstReplaced + 1n;
    if (depth <= BigInt(this.#budgetBlocks)) return;
    throw new HeadRefused(
      this.#refusal,
      `block ${firstReplaced} was replaced, ${depth} deep, more than the ${this.#budgetBlocks} blocks allowed: check the endpoints, then restart to believe this chain`,
    );
  }

  #push({ number, hash }: Header): void {
    this.#points.push({ number, hash });
    if (this.#points.length > REMEMBERED_POINTS) this.#points.shift();
  }
}
