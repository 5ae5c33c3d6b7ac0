import { type KubeObject, keyOf } from "./resource.ts";

/** One difference in a store. A recreated object (same name, new UID) is a `deleted` followed by an `added`. */
export interface Change<T> {
  readonly type: "added" | "updated" | "deleted";
  /** The object now; for `deleted` the last state known. */
  readonly object: T;
  /** For `updated`: the object before. */
  readonly old?: T;
}

/** Names of indexes with the values under which an object is found. Must be pure. */
export type Indexers<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** The read side of a cache. Objects are shared: never change one. */
export interface Store<T extends KubeObject> {
  /** @param key `"namespace/name"` or `"name"` */
  get(key: string): T | undefined;
  list(): readonly T[];
  /** Objects whose indexer gave `value`. @throws when there is no such index */
  byIndex(index: string, value: string): readonly T[];
  readonly size: number;
}

/** The cache of one informer: objects by key, with indexes, compared by UID and resourceVersion. */
export class IndexedStore<T extends KubeObject> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Indexers<T>;
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  #list: readonly T[] | undefined;

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) this.#indexes.set(name, new Map());
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    this.#list ??= [...this.#objects.values()];
    return this.#list;
  }

  byIndex(index: string, value: string): readonly T[] {
    const values = this.#indexes.get(index);
    if (values === undefined) throw new Error(`the store has no index "${index}": give its indexer to the informer`);
    return [...(values.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Takes the state of an object. A state older than the one held is ignored (resourceVersions compare, KEP-5504). */
  put(object: T): Change<T>[] {
    return this.#put(object, isNewer);
  }

  #put(object: T, changed: (now: KubeObject, old: KubeObject) => boolean): Change<T>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old === undefined) {
      this.#set(key, object);
      return [{ type: "added", object }];
    }
    if (old.metadata?.uid !== object.metadata?.uid) {
      this.#unset(key, old);
      this.#set(key, object);
      return [
        { type: "deleted", object: old },
        { type: "added", object },
      ];
    }
    if (!changed(object, old)) return [];
    this.#unset(key, old);
    this.#set(key, object);
    return [{ type: "updated", object, old }];
  }

  /** Takes the last state of a deleted object. A deletion of an earlier namesake (other UID) changes nothing. */
  remove(object: T): Change<T>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old === undefined || old.metadata?.uid !== object.metadata?.uid) return [];
    this.#unset(key, old);
    return [{ type: "deleted", object }];
  }

  /**
   * Takes a whole list as the truth, even one with lower versions (etcd restored from a backup). What is not in it was
   * deleted while nobody watched, and is told with its last known state.
   */
  replace(objects: Iterable<T>): Change<T>[] {
    const changes: Change<T>[] = [];
    const seen = new Set<string>();
    for (const object of objects) {
      seen.add(keyOf(object));
      for (const change of this.#put(object, differs)) changes.push(change);
    }
    for (const [key, old] of [...this.#objects]) {
      if (seen.has(key)) continue;
      this.#unset(key, old);
      changes.push({ type: "deleted", object: old });
    }
    return changes;
  }

  #set(key: string, object: T): void {
    this.#list = undefined;
    this.#objects.set(key, object);
    for (const [name, values] of this.#indexes) {
      for (const value of this.#indexers[name]?.(object) ?? []) {
        const keys = values.get(value);
        if (keys === undefined) values.set(value, new Set([key]));
        else keys.add(key);
      }
    }
  }

  #unset(key: string, object: T): void {
    this.#list = undefined;
    this.#objects.delete(key);
    for (const [name, values] of this.#indexes) {
      for (const value of this.#indexers[name]?.(object) ?? []) {
        const keys = values.get(value);
        keys?.delete(key);
        if (keys?.size === 0) values.delete(value); // or the index would grow with every value ever seen
      }
    }
  }
}

const DECIMAL = /^[1-9][0-9]*$/;

function differs(a: KubeObject, b: KubeObject): boolean {
  const version = a.metadata?.resourceVersion;
  return version === undefined || version !== b.metadata?.resourceVersion;
}

/** True when `a` is a later state than `b`. Versions that are no numbers can only be told apart. */
function isNewer(a: KubeObject, b: KubeObject): boolean {
  const [left = "", right = ""] = [a.metadata?.resourceVersion, b.metadata?.resourceVersion];
  if (!DECIMAL.test(left) || !DECIMAL.test(right)) return differs(a, b);
  return left.length === right.length ? left > right : left.length > right.length;
}
