import type { Clock, Timer } from "./clock.ts";

interface Entry<K> {
  readonly key: K;
  readonly at: number;
}

/** Keys that become due at a time; one timer serves all of them. A key added twice keeps its earlier time. */
export class DelayedSet<K> {
  readonly #clock: Clock;
  readonly #due: (key: K) => void;
  readonly #times = new Map<K, number>();
  /** A binary heap by time. Entries whose time is no longer the one in `#times` are left over and skipped. */
  readonly #heap: Entry<K>[] = [];
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, due: (key: K) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#times.size;
  }

  add(key: K, milliseconds: number): void {
    const at = this.#clock.monotonic() + milliseconds;
    const known = this.#times.get(key);
    if (known !== undefined && known <= at) return;
    this.#times.set(key, at);
    this.#push({ key, at });
    this.#arm();
  }

  /** Forgets all keys and stops the timer. */
  clear(): void {
    this.#times.clear();
    this.#heap.length = 0;
    this.#arm();
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    for (let head = this.#heap[0]; head !== undefined && head.at <= now; head = this.#heap[0]) {
      this.#pop();
      if (this.#times.get(head.key) !== head.at) continue;
      this.#times.delete(head.key);
      this.#due(head.key);
    }
    this.#arm();
  }

  #arm(): void {
    const at = this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
    if (this.#timer !== undefined && at >= this.#timerAt && at !== Number.POSITIVE_INFINITY) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.setTimer(Math.max(0, at - this.#clock.monotonic()), () => this.#fire());
  }

  #push(entry: Entry<K>): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index);
      const below = child === undefined ? undefined : heap[child];
      if (child === undefined || below === undefined || below.at >= last.at) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }

  #smallerChild(index: number): number | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    if (left === undefined) return undefined;
    return right !== undefined && right.at < left.at ? 2 * index + 2 : 2 * index + 1;
  }
}
