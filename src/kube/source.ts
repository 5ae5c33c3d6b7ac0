import type { Informer, InformerChange } from "./informer.ts";
import { LOW_PRIORITY } from "./queue.ts";
import type { KubeObject } from "./resource.ts";

/** Something that tells a controller which keys to look at. */
export interface Source {
  subscribe(enqueue: (key: string, priority?: number) => void): void;
  /** False while the source has not yet seen all there is: no controller decides before. */
  hasSynced(): boolean;
}

/**
 * Enqueues the keys that `map` gives for each changed object, for an update those of its old state too (an object
 * that moves from one owner to another concerns both). Objects of the first list have low priority.
 */
export function informerSource<T extends KubeObject>(
  informer: Pick<Informer<T>, "onChange" | "hasSynced">,
  map: (object: T) => readonly string[],
  predicate: (change: InformerChange<T>) => boolean = () => true,
): Source {
  return {
    subscribe(enqueue) {
      informer.onChange((change) => {
        if (!predicate(change)) return;
        const keys = new Set(map(change.object));
        if (change.old !== undefined) for (const key of map(change.old)) keys.add(key);
        for (const key of keys) enqueue(key, change.initial ? LOW_PRIORITY : 0);
      });
    },
    hasSynced: () => informer.hasSynced(),
  };
}

/** A predicate that passes what changes the desired state: everything but updates of the status. */
export function specChanged<T extends KubeObject>({ object, old }: InformerChange<T>): boolean {
  if (old === undefined) return true;
  const [now, before] = [object.metadata, old.metadata];
  return (
    now?.generation !== before?.generation ||
    now?.deletionTimestamp !== before?.deletionTimestamp ||
    JSON.stringify([now?.labels, now?.annotations, now?.finalizers]) !==
      JSON.stringify([before?.labels, before?.annotations, before?.finalizers])
  );
}
