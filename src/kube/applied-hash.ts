import { createHash } from "node:crypto";
import type { KubeObject } from "./resource.ts";
import { isRecord } from "./status-body.ts";

/** The annotation under which a field manager keeps the hash of what it last asked for. */
export function hashAnnotation(fieldManager: string): string {
  const name = fieldManager.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 63);
  return `applied.berthage.dev/${name}`;
}

/**
 * `desired` with its own hash among its annotations. A field that is no longer desired can be told in no other way from
 * one that somebody else set: the cache keeps no managedFields.
 */
export function withHash<T extends KubeObject>(desired: T, fieldManager: string): T {
  const hash = digests.get(desired) ?? createHash("sha256").update(canonical(desired)).digest("hex").slice(0, 16);
  digests.set(desired, hash);
  const annotations = { ...desired.metadata?.annotations, [hashAnnotation(fieldManager)]: hash };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}

/** Whoever asks for the same object again and again pays for its hash once. Desired objects are never changed. */
const digests = new WeakMap<KubeObject, string>();

/** The hash that an object carries for a field manager. */
export function hashOf(object: KubeObject, fieldManager: string): string | undefined {
  return object.metadata?.annotations?.[hashAnnotation(fieldManager)];
}

/** JSON with sorted keys and without undefined values: equal for equal content. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${canonical(entry)}`).join(",")}}`;
}
