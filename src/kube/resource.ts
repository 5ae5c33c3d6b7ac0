export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

/** What every object has; the types of kubernetes-models and the generated CRD types both fit. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** One kind as the API server serves it. `T` is the type of its objects; the core group is `""`. */
export interface Resource<T extends KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Carries the type only; never present. */
  readonly _type?: T;
}

export function resource<T extends KubeObject>(r: Omit<Resource<T>, "_type">): Resource<T> {
  return r;
}

/** Names one object. `namespace` is for namespaced kinds. */
export interface Ref {
  name: string;
  namespace?: string;
}

/** `"namespace/name"`, or `"name"` for cluster-scoped objects: the key of stores and queues. */
export function keyOf(object: KubeObject): string {
  const { name = "", namespace } = object.metadata ?? {};
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The reverse of `keyOf`. */
export function refOf(key: string): Ref {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The reference of an object that has a name. */
export function refTo(object: KubeObject): Ref {
  return refOf(keyOf(object));
}

/** `"v1"` or `"apps/v1"`. */
export function apiVersionOf(r: Resource<KubeObject>): string {
  return r.group === "" ? r.version : `${r.group}/${r.version}`;
}

/**
 * The owner reference that makes `owner` the controller of an object, so that garbage collection is its teardown.
 * @throws when `owner` was not read from the server (no uid)
 */
export function controllerOf(r: Resource<KubeObject>, owner: KubeObject): OwnerReference {
  const { name, uid } = owner.metadata ?? {};
  if (name === undefined || uid === undefined) {
    throw new Error(`${r.kind} ${keyOf(owner)} cannot own objects: it has no uid; read it from the API server first`);
  }
  return { apiVersion: apiVersionOf(r), kind: r.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The path of a collection, an object or a subresource below the server's address. Names are escaped. */
export function pathOf(r: Resource<KubeObject>, namespace?: string, name?: string, subresource?: string): string {
  const parts = r.group === "" ? ["api", r.version] : ["apis", r.group, r.version];
  if (namespace !== undefined && r.namespaced) parts.push("namespaces", namespace);
  parts.push(r.plural);
  if (name !== undefined) parts.push(name);
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join("/")}`;
}
