/** A set of keys served by priority, higher first, and in order of arrival within one. */
export class ReadySet<K> {
  /** Priorities in descending order: there are few. */
  readonly #levels: { readonly priority: number; readonly keys: Set<K> }[] = [];
  readonly #priorities = new Map<K, number>();

  get size(): number {
    return this.#priorities.size;
  }

  /** Adds a key, or raises its priority; true when it is new. */
  add(key: K, priority: number): boolean {
    const known = this.#priorities.get(key);
    if (known !== undefined && known >= priority) return false;
    if (known !== undefined) this.#level(known).delete(key);
    this.#priorities.set(key, priority);
    this.#level(priority).add(key);
    return known === undefined;
  }

  take(): K | undefined {
    for (const { keys } of this.#levels) {
      for (const key of keys) {
        keys.delete(key);
        this.#priorities.delete(key);
        return key;
      }
    }
    return undefined;
  }

  #level(priority: number): Set<K> {
    let index = this.#levels.findIndex((level) => level.priority <= priority);
    if (index < 0) index = this.#levels.length;
    const found = this.#levels[index];
    if (found?.priority === priority) return found.keys;
    const keys = new Set<K>();
    this.#levels.splice(index, 0, { priority, keys });
    return keys;
  }
}
