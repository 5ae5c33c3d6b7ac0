import { sameQuantity } from "./quantity.ts";
import { isRecord } from "./status-body.ts";

/** Lists that server-side apply merges by key: items of other managers may stand beside ours. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ["type"],
  containers: ["name"],
  env: ["name"],
  ephemeralContainers: ["name"],
  hostAliases: ["ip"],
  imagePullSecrets: ["name"],
  initContainers: ["name"],
  ownerReferences: ["uid"],
  resourceClaims: ["name"],
  volumeDevices: ["devicePath"],
  volumeMounts: ["mountPath"],
  volumes: ["name"],
};

/** Sets of scalars: order and strangers do not matter. */
const SETS = new Set(["finalizers"]);

/** Maps whose values are quantities, and single fields that are one. */
const QUANTITIES = new Set([
  "allocatable",
  "capacity",
  "default",
  "defaultRequest",
  "hard",
  "limits",
  "max",
  "maxLimitRequestRatio",
  "min",
  "overhead",
  "podFixed",
  "requests",
]);
const QUANTITY_FIELDS = new Set(["sizeLimit"]);

/** Fields that the server leaves out when they are false or 0, as their Go type is no pointer. */
const OMITTED_ZERO = new Set([
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "initialDelaySeconds",
  "minReadySeconds",
  "paused",
  "publishNotReadyAddresses",
  "readOnly",
  "stdin",
  "stdinOnce",
  "tty",
  "unschedulable",
]);

/**
 * Whether `observed` has everything that `desired` says, so that applying `desired` would change nothing it names.
 * What `desired` does not name (defaults, other managers' fields) is left alone; differences that the server makes
 * by storing (quantities, empty values, Secret `stringData`) are none.
 */
export function isSubset(desired: unknown, observed: unknown): boolean {
  return fits(desired, observed, "", "");
}

/** @param field the field's own name, `parent` the one above it */
function fits(desired: unknown, observed: unknown, field: string, parent: string): boolean {
  if (desired === undefined) return true;
  if (observed === undefined || observed === null) return isOmitted(desired, field);
  if (Array.isArray(desired)) return Array.isArray(observed) && listFits(desired, observed, field);
  if (isRecord(desired)) return isRecord(observed) && mapFits(desired, observed, field);
  if (desired === observed) return true;
  return isQuantity(field, parent) && sameQuantity(String(desired), String(observed));
}

function mapFits(desired: Record<string, unknown>, observed: Record<string, unknown>, field: string): boolean {
  return Object.entries(desired).every(([name, value]) => {
    if (name === "stringData" && field === "" && isRecord(value)) return secretFits(value, observed["data"]);
    return fits(value, observed[name], name, field);
  });
}

/** `stringData` is write-only: the server keeps it as base64 in `data`. */
function secretFits(stringData: Record<string, unknown>, data: unknown): boolean {
  return Object.entries(stringData).every(
    ([name, value]) => isRecord(data) && data[name] === Buffer.from(String(value)).toString("base64"),
  );
}

function listFits(desired: readonly unknown[], observed: readonly unknown[], field: string): boolean {
  if (SETS.has(field)) return desired.every((value) => observed.includes(value));
  const keys = LIST_KEYS[field];
  if (keys === undefined) {
    return desired.length === observed.length && desired.every((item, i) => fits(item, observed[i], field, ""));
  }
  return desired.every((item) => {
    const twin = observed.find((other) => keys.every((key) => fieldOf(other, key) === fieldOf(item, key)));
    return twin !== undefined && fits(item, twin, field, "");
  });
}

function fieldOf(item: unknown, key: string): unknown {
  return isRecord(item) ? item[key] : undefined;
}

function isOmitted(desired: unknown, field: string): boolean {
  if (desired === null || desired === "") return true;
  if (Array.isArray(desired)) return desired.length === 0;
  if (isRecord(desired)) return Object.values(desired).every((value) => value === undefined);
  return (desired === false || desired === 0) && OMITTED_ZERO.has(field);
}

function isQuantity(field: string, parent: string): boolean {
  return QUANTITIES.has(parent) || QUANTITY_FIELDS.has(field);
}
