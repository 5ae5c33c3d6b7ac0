import { type Clock, systemClock } from "./clock.ts";
import type { ClusterConfig } from "./config.ts";
import { decode, decodeList, type List } from "./decode.ts";
import { NotFound, operation } from "./errors.ts";
import { noMetrics, type RequestMetrics } from "./metrics.ts";
import { apiVersionOf, type KubeObject, pathOf, type Ref, type Resource, refTo } from "./resource.ts";
import { isRecord } from "./status-body.ts";
import { type Call, Transport } from "./transport.ts";

export interface ClientOptions {
  userAgent?: string;
  /** Pooled connections for requests, 24 unless told; watches come on top. */
  connections?: number;
  metrics?: RequestMetrics;
  clock?: Clock;
}

/** `signal` ends the call early; the error is then the signal's reason. */
export interface CallOptions {
  signal?: AbortSignal;
}

export interface Selection {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ListOptions extends Selection, CallOptions {
  limit?: number;
  continue?: string;
}

export interface WatchOptions extends Selection {
  /** Where to go on from; unset with `sendInitialEvents` for everything there is. */
  resourceVersion?: string;
  sendInitialEvents?: boolean;
  timeoutSeconds: number;
  signal: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  fieldManager: string;
  dryRun?: boolean;
}

export interface SubresourceOptions extends WriteOptions {
  subresource?: "status";
}

export interface ApplyOptions extends SubresourceOptions {
  /** Take fields over from other managers; true unless told. */
  force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  uid?: string;
  resourceVersion?: string;
  propagationPolicy?: "Foreground" | "Background" | "Orphan";
}

/** What the client's user may want to do in a namespace. */
export interface Access {
  readonly verb: string;
  readonly resource: Resource<KubeObject>;
  readonly namespace: string;
}

/** An apply configuration for `/status`: identity and the owned part of the status. */
export interface StatusApply extends KubeObject {
  status: object;
}

/**
 * Typed calls to one API server. Bodies are raw JSON, so unknown fields survive. Every method throws the typed errors
 * of errors.ts.
 */
export class KubeClient {
  /** The namespace of the credentials in use. */
  readonly namespace: string;
  readonly #transport: Transport;

  constructor(config: ClusterConfig, options: ClientOptions = {}) {
    const { userAgent = "berthage", connections = 24, metrics = noMetrics, clock = systemClock } = options;
    this.namespace = config.namespace;
    this.#transport = new Transport(config, { userAgent, connections, metrics, clock });
  }

  /** Reads one object live. @throws NotFound */
  async get<T extends KubeObject>(r: Resource<T>, ref: Ref, o: CallOptions = {}): Promise<T> {
    const path = pathOf(r, ref.namespace, ref.name);
    const text = await this.#transport.request({ operation: operation("get", r, ref), method: "GET", path, ...o });
    return decode(r, text);
  }

  /** Reads one object live; undefined when there is none. */
  async find<T extends KubeObject>(r: Resource<T>, ref: Ref, o: CallOptions = {}): Promise<T | undefined> {
    try {
      return await this.get(r, ref, o);
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** One page, or everything when no limit is given. `continue` in the answer asks for the next page. */
  async list<T extends KubeObject>(r: Resource<T>, o: ListOptions = {}): Promise<List<T>> {
    const query = selectionQuery(o);
    if (o.limit !== undefined) query["limit"] = String(o.limit);
    if (o.continue !== undefined) query["continue"] = o.continue;
    const path = pathOf(r, o.namespace);
    const text = await this.#transport.request({
      operation: operation("list", r),
      method: "GET",
      path,
      query,
      signal: o.signal,
    });
    return decodeList(r, text);
  }

  /** The raw stream of a watch: one JSON event a line. The reflector reads it. */
  watch(r: Resource<KubeObject>, o: WatchOptions): Promise<AsyncIterable<Buffer>> {
    const query = selectionQuery(o);
    query["watch"] = "true";
    query["allowWatchBookmarks"] = "true";
    query["timeoutSeconds"] = String(o.timeoutSeconds);
    if (o.resourceVersion !== undefined) query["resourceVersion"] = o.resourceVersion;
    if (o.sendInitialEvents) {
      query["sendInitialEvents"] = "true";
      query["resourceVersionMatch"] = "NotOlderThan";
    }
    const path = pathOf(r, o.namespace);
    return this.#transport.stream({ operation: operation("watch", r), method: "GET", path, query, signal: o.signal });
  }

  /** @throws AlreadyExists, Invalid, Forbidden, ForbiddenQuota */
  create<T extends KubeObject>(r: Resource<T>, object: NoInfer<T>, o: WriteOptions): Promise<T> {
    const ref = refTo(object);
    return this.#write(r, object, o, {
      operation: operation("create", r, ref),
      method: "POST",
      path: pathOf(r, ref.namespace),
      contentType: "application/json",
    });
  }

  /** Server-side apply: creates or updates exactly the given fields. Typos in field names are errors. */
  apply<T extends KubeObject>(r: Resource<T>, object: NoInfer<T> | StatusApply, o: ApplyOptions): Promise<T> {
    const ref = refTo(object);
    return this.#write(r, object, o, {
      operation: operation("apply", r, ref),
      method: "PATCH",
      path: pathOf(r, ref.namespace, ref.name, o.subresource),
      contentType: "application/apply-patch+yaml", // JSON is YAML
      query: { force: String(o.force ?? true) },
    });
  }

  /** Replaces the object; its resourceVersion is the precondition. @throws Conflict, NotFound */
  update<T extends KubeObject>(r: Resource<T>, object: NoInfer<T>, o: SubresourceOptions): Promise<T> {
    const ref = refTo(object);
    return this.#write(r, object, o, {
      operation: operation("update", r, ref),
      method: "PUT",
      path: pathOf(r, ref.namespace, ref.name, o.subresource),
      contentType: "application/json",
    });
  }

  /** JSON merge patch (RFC 7386). A resourceVersion in the patch's metadata is a precondition. @throws Conflict */
  async mergePatch<T extends KubeObject>(r: Resource<T>, ref: Ref, patch: object, o: SubresourceOptions): Promise<T> {
    const text = await this.#transport.request({
      operation: operation("patch", r, ref),
      method: "PATCH",
      path: pathOf(r, ref.namespace, ref.name, o.subresource),
      contentType: "application/merge-patch+json",
      query: writeQuery(o),
      body: JSON.stringify(patch),
      signal: o.signal,
    });
    return decode(r, text);
  }

  /** Deletes; an object already gone is success. @throws Conflict when a precondition fails */
  async delete(r: Resource<KubeObject>, ref: Ref, o: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, propagationPolicy = "Background" } = o;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    try {
      await this.#transport.request({
        operation: operation("delete", r, ref),
        method: "DELETE",
        path: pathOf(r, ref.namespace, ref.name),
        contentType: "application/json",
        body: JSON.stringify({ kind: "DeleteOptions", apiVersion: "v1", propagationPolicy, preconditions }),
        signal: o.signal,
      });
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
  }

  /** Whether the client's own user may do something now (SelfSubjectAccessReview); every user may ask that. */
  async isAllowed({ verb, resource: r, namespace }: Access, o: CallOptions = {}): Promise<boolean> {
    const resourceAttributes = { verb, group: r.group, resource: r.plural, namespace };
    const review = { ...selfSubjectAccessReview, spec: { resourceAttributes } };
    const text = await this.#transport.request({
      operation: { verb: "create", resource: "selfsubjectaccessreviews" },
      method: "POST",
      path: `/apis/${selfSubjectAccessReview.apiVersion}/selfsubjectaccessreviews`,
      contentType: "application/json",
      body: JSON.stringify(review),
      signal: o.signal,
    });
    const answer: unknown = JSON.parse(text);
    const status = isRecord(answer) ? answer["status"] : undefined;
    return isRecord(status) && status["allowed"] === true;
  }

  /** Ends all connections, watches included. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #write<T extends KubeObject>(
    r: Resource<T>,
    object: KubeObject,
    o: WriteOptions,
    call: Omit<Call, "body">,
  ): Promise<T> {
    const body = JSON.stringify({ ...object, apiVersion: apiVersionOf(r), kind: r.kind });
    const query = { ...call.query, ...writeQuery(o) };
    return decode(r, await this.#transport.request({ ...call, query, body, signal: o.signal }));
  }
}

const selfSubjectAccessReview = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" };

function selectionQuery(o: Selection): Record<string, string> {
  return {
    ...(o.labelSelector === undefined ? {} : { labelSelector: o.labelSelector }),
    ...(o.fieldSelector === undefined ? {} : { fieldSelector: o.fieldSelector }),
  };
}

function writeQuery(o: WriteOptions): Record<string, string> {
  return { fieldManager: o.fieldManager, fieldValidation: "Strict", ...(o.dryRun ? { dryRun: "All" } : {}) };
}
