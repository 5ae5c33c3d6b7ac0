import { apiVersionOf, type KubeObject, type Resource } from "./resource.ts";
import { isRecord } from "./status-body.ts";

export interface List<T> {
  items: T[];
  resourceVersion: string;
  /** Asks for the next page; absent on the last one. */
  continue?: string;
}

/**
 * Takes an object of kind `r` from the API server. The server has validated it against the kind's schema, so its
 * identity is checked here and its type is believed: this is the one place where that is done.
 * Items of built-in lists carry no apiVersion and kind: they are filled in.
 * @throws when the value is not an object with a name
 */
export function objectOf<T extends KubeObject>(r: Resource<T>, value: unknown): T {
  const metadata = isRecord(value) ? value["metadata"] : undefined;
  if (!isRecord(value) || !isRecord(metadata) || typeof metadata["name"] !== "string") {
    throw new Error(`the API server sent something that is no ${r.kind}: it has no metadata.name`);
  }
  value["apiVersion"] ??= apiVersionOf(r);
  value["kind"] ??= r.kind;
  return value as unknown as T;
}

export function decode<T extends KubeObject>(r: Resource<T>, text: string): T {
  return objectOf(r, parse(r, text));
}

export function decodeList<T extends KubeObject>(r: Resource<T>, text: string): List<T> {
  const value = parse(r, text);
  if (!isRecord(value) || !isRecord(value["metadata"])) {
    throw new Error(`the API server sent something that is no list of ${r.plural}`);
  }
  const items = value["items"] ?? [];
  if (!Array.isArray(items)) throw new Error(`the API server sent a list of ${r.plural} whose items are no array`);
  const { resourceVersion, continue: next } = value["metadata"];
  return {
    items: items.map((item: unknown) => objectOf(r, item)),
    resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
    ...(typeof next === "string" && next !== "" ? { continue: next } : {}),
  };
}

function parse(r: Resource<KubeObject>, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`the API server sent ${text.length} characters for ${r.plural} that are not JSON`, {
      cause: error,
    });
  }
}
