import type { KubeClient } from "./client.ts";
import { type KubeObject, type Resource, refTo } from "./resource.ts";
import { isRecord } from "./status-body.ts";

interface ManagedFieldsEntry extends Record<string, unknown> {
  fieldsV1: Record<string, unknown>;
}

/**
 * Makes server-side apply the owner of what this manager once created by POST. The server keeps both apart ("Update"
 * and "Apply"), and apply removes a field only when nobody else owns it, our own creation included (client-go: csaupgrade).
 * Done before the apply that needs it: dying in between leaves an apply to be done, never a field that nobody drops.
 * @param live an answer of the API server, with its managedFields
 * @throws Conflict when the object changed since it was read
 */
export async function adoptCreated<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  live: T,
  fieldManager: string,
): Promise<void> {
  const entries = managedFieldsOf(live);
  const created = entries.find((entry) => isMine(entry, fieldManager, "Update"));
  if (created === undefined) return;
  const own = entries.find((entry) => isMine(entry, fieldManager, "Apply"));
  const fieldsV1 = own === undefined ? created.fieldsV1 : union(own.fieldsV1, created.fieldsV1);
  const others = entries.filter((entry) => entry !== created && entry !== own);
  const managedFields = [...others, { ...created, ...own, operation: "Apply", fieldsV1 }];
  const resourceVersion = live.metadata?.resourceVersion;
  await client.mergePatch(r, refTo(live), { metadata: { resourceVersion, managedFields } }, { fieldManager });
}

function managedFieldsOf(object: KubeObject): ManagedFieldsEntry[] {
  const metadata: unknown = object.metadata;
  const fields = isRecord(metadata) ? metadata["managedFields"] : undefined;
  return Array.isArray(fields) ? fields.filter(isEntry) : [];
}

function isEntry(value: unknown): value is ManagedFieldsEntry {
  return isRecord(value) && isRecord(value["fieldsV1"]);
}

function isMine(entry: ManagedFieldsEntry, manager: string, by: "Update" | "Apply"): boolean {
  return entry["manager"] === manager && entry["operation"] === by && (entry["subresource"] ?? "") === "";
}

/** FieldsV1 is a tree of keys: the union is a deep merge. */
function union(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const result = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const mine = result[name];
    result[name] = isRecord(mine) && isRecord(value) ? union(mine, value) : value;
  }
  return result;
}
