import { objectOf } from "./decode.ts";
import { type ApiError, apiError, operation } from "./errors.ts";
import type { KubeObject, Resource } from "./resource.ts";
import { failureOf, isRecord } from "./status-body.ts";

/** One line of a watch. */
export type WatchEvent<T> =
  | { readonly type: "added" | "modified" | "deleted"; readonly object: T; readonly resourceVersion: string }
  | { readonly type: "bookmark"; readonly resourceVersion: string; readonly initialEventsEnd: boolean }
  | { readonly type: "error"; readonly error: ApiError };

/** Marks the bookmark behind the last of the initial events (KEP-3157). */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** Reads one line. @throws when it is not a watch event: the stream cannot be trusted any further */
export function watchEventOf<T extends KubeObject>(r: Resource<T>, line: string): WatchEvent<T> {
  const value: unknown = JSON.parse(line);
  const { type, object } = isRecord(value) ? value : {};
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const typed = objectOf(r, object);
      const kind = type === "ADDED" ? "added" : type === "MODIFIED" ? "modified" : "deleted";
      return { type: kind, object: typed, resourceVersion: typed.metadata?.resourceVersion ?? "" };
    }
    case "BOOKMARK":
      return bookmarkOf(object);
    case "ERROR":
      return { type: "error", error: apiError(operation("watch", r), failureOf(500, object)) };
    default:
      throw new Error(`the watch of ${r.plural} sent an event of unknown type ${JSON.stringify(type)}`);
  }
}

function bookmarkOf(object: unknown): WatchEvent<never> {
  const metadata = isRecord(object) && isRecord(object["metadata"]) ? object["metadata"] : {};
  const annotations = isRecord(metadata["annotations"]) ? metadata["annotations"] : {};
  const version = metadata["resourceVersion"];
  return {
    type: "bookmark",
    resourceVersion: typeof version === "string" ? version : "",
    initialEventsEnd: annotations[INITIAL_EVENTS_END] === "true",
  };
}
