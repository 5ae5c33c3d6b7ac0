import type { Random } from "./backoff.ts";
import type { KubeClient, Selection } from "./client.ts";
import { type Clock, systemClock } from "./clock.ts";
import { errorText, type Logger, silentLogger } from "./logger.ts";
import { type InformerMetrics, noMetrics } from "./metrics.ts";
import { withoutManagedFields } from "./projection.ts";
import { Reflector } from "./reflector.ts";
import type { KubeObject, Resource } from "./resource.ts";
import { type Change, IndexedStore, type Indexers, type Store } from "./store.ts";

/** A change with `initial` true for objects that were there when the informer started. */
export interface InformerChange<T> extends Change<T> {
  readonly initial: boolean;
}

export type ChangeHandler<T> = (change: InformerChange<T>) => void;

export interface InformerOptions<T> extends Selection {
  /** Projects an object before it is kept; managedFields are gone already. May change what it is given. */
  transform?: (object: T) => T;
  indexers?: Indexers<T>;
  /** Seconds of silence before a watch counts as dead; 150 unless told. */
  idleSeconds?: number;
  /** Objects a page where lists are paged; 500 unless told. */
  pageSize?: number;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
  metrics?: InformerMetrics;
}

/** A reflector with its store and handlers: the cache of one kind, or of a selection of it. */
export class Informer<T extends KubeObject> {
  readonly resource: Resource<T>;
  readonly #store: IndexedStore<T>;
  readonly #reflector: Reflector<T>;
  readonly #transform: (object: T) => T;
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #logger: Logger;
  readonly #metrics: InformerMetrics;
  readonly #whenSynced = Promise.withResolvers<void>();
  #synced = false;

  constructor(client: KubeClient, r: Resource<T>, o: InformerOptions<T> = {}) {
    this.resource = r;
    this.#store = new IndexedStore(o.indexers);
    this.#transform = o.transform ?? ((object) => object);
    this.#logger = o.logger ?? silentLogger;
    this.#metrics = o.metrics ?? noMetrics;
    const sink = {
      replace: (objects: readonly T[]) => this.#replace(objects),
      put: (object: T) => this.#tell(this.#store.put(this.#project(object))),
      remove: (object: T) => this.#tell(this.#store.remove(this.#project(object))),
    };
    this.#metrics.informerCreated(r.plural, () => ({
      hasSynced: this.#synced,
      lastEventAgeSeconds: this.lastEventAgeSeconds(),
    }));
    this.#reflector = new Reflector(client, r, sink, {
      selection: selectionOf(o),
      idleSeconds: o.idleSeconds ?? 150,
      pageSize: o.pageSize ?? 500,
      clock: o.clock ?? systemClock,
      random: o.random ?? Math.random,
      logger: this.#logger,
      metrics: this.#metrics,
    });
  }

  get store(): Store<T> {
    return this.#store;
  }

  /** Calls `handler` on every change. One that comes late is first told of all there is. A throw is logged, no more. */
  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.#store.list()) this.#call(handler, { type: "added", object, initial: true });
  }

  /** Watches until the signal aborts. Never throws. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  /** True once the first list is in the store and its handlers were called. */
  hasSynced(): boolean {
    return this.#synced;
  }

  synced(): Promise<void> {
    return this.#whenSynced.promise;
  }

  /** Seconds since the server was last heard, bookmarks included. */
  lastEventAgeSeconds(): number {
    return this.#reflector.lastEventAgeSeconds();
  }

  /** How far the cache is: the version of the last list, event or bookmark. */
  get resourceVersion(): string | undefined {
    return this.#reflector.resourceVersion;
  }

  #project(object: T): T {
    return this.#transform(withoutManagedFields(object));
  }

  #replace(objects: readonly T[]): void {
    this.#tell(this.#store.replace(objects.map((object) => this.#project(object))));
    if (this.#synced) return;
    this.#synced = true;
    this.#whenSynced.resolve();
  }

  #tell(changes: readonly Change<T>[]): void {
    for (const change of changes) {
      for (const handler of this.#handlers) this.#call(handler, { ...change, initial: !this.#synced });
    }
    if (changes.length > 0) this.#metrics.cacheObjects(this.resource.plural, this.#store.size);
  }

  #call(handler: ChangeHandler<T>, change: InformerChange<T>): void {
    try {
      handler(change);
    } catch (error) {
      this.#logger.error("a change handler failed", { resource: this.resource.plural, error: errorText(error) });
    }
  }
}

function selectionOf({ namespace, labelSelector, fieldSelector }: Selection): Selection {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}
