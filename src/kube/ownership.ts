import type { KubeClient } from "./client.ts";
import { type KubeObject, type Resource, refTo } from "./resource.ts";
import { isRecord } from "./status-body.ts";

interface ManagedFieldsEntry extends Record<string, unknown> {
  fieldsV1: Record<string, unknown>;
}

/**
 * Makes server-side apply the owner of what this manager once created by POST. The server keeps both apart ("Update"
 * and "Apply"), and apply removes a field only when nobody else owns it, our own creation included (client-go: csaupgrade).
 * @param applied an answer of the API server, with its managedFields
 * @returns true when something was migrated: apply again, then dropped fields go
 */
export async function adoptCreated<T extends KubeObject>(
  client: KubeClient,
  r: Resource<T>,
  applied: T,
  fieldManager: string,
): Promise<boolean> {
  const entries = managedFieldsOf(applied);
  const created = entries.find((entry) => isMine(entry, fieldManager, "Update"));
  const own = entries.find((entry) => isMine(entry, fieldManager, "Apply"));
  if (created === undefined || own === undefined) return false;
  const managedFields = entries
    .filter((entry) => entry !== created)
    .map((entry) => (entry === own ? { ...entry, fieldsV1: union(entry.fieldsV1, created.fieldsV1) } : entry));
  const resourceVersion = applied.metadata?.resourceVersion;
  await client.mergePatch(r, refTo(applied), { metadata: { resourceVersion, managedFields } }, { fieldManager });
  return true;
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
