import { type KubeObject, keyOf, type Ref, type Resource } from "./resource.ts";

/** Why an API call failed; each subclass of ApiError has one. */
export type ApiErrorKind =
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Invalid"
  | "BadRequest"
  | "Forbidden"
  | "ForbiddenQuota"
  | "Unauthorized"
  | "TooManyRequests"
  | "ServerUnavailable"
  | "NetworkUnknown";

/** One field's complaint, as in `Status.details.causes`. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What was asked of what: named in every error's message. */
export interface Operation {
  readonly verb: string;
  /** Plural of the resource. */
  readonly resource: string;
  readonly ref?: Ref;
}

/** The part of a `v1.Status` that errors carry. */
export interface Failure {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly message: string;
  readonly reason: string;
  readonly causes: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/**
 * A failed API call. The message holds verb, resource, name and the server's own words, never headers or bodies:
 * those carry secrets.
 */
export abstract class ApiError extends Error {
  abstract readonly kind: ApiErrorKind;
  readonly operation: Operation;
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly Cause[];
  /** How long the server asks to wait, when it does. */
  readonly retryAfterSeconds: number | undefined;

  constructor(operation: Operation, failure: Failure, options?: ErrorOptions) {
    super(`${describe(operation)}: ${failure.message}`, options);
    this.name = new.target.name;
    this.operation = operation;
    this.status = failure.status;
    this.reason = failure.reason;
    this.causes = failure.causes;
    this.retryAfterSeconds = failure.retryAfterSeconds;
  }
}

/** No such object, or no such kind (its CRD is not installed). */
export class NotFound extends ApiError {
  readonly kind = "NotFound";
}
export class AlreadyExists extends ApiError {
  readonly kind = "AlreadyExists";
}
/** The object changed in between (resourceVersion or UID precondition): read again and decide again. */
export class Conflict extends ApiError {
  readonly kind = "Conflict";
}
/** The resourceVersion or continue token is too old: list again. */
export class Gone extends ApiError {
  readonly kind = "Gone";
}
/** Validation refused the object; `causes` name the fields. Repeating the call cannot help. */
export class Invalid extends ApiError {
  readonly kind = "Invalid";
}
/** The request itself is wrong (unknown field, unsupported verb or media type, too large). */
export class BadRequest extends ApiError {
  readonly kind = "BadRequest";
}
/** RBAC or admission refused. */
export class Forbidden extends ApiError {
  readonly kind = "Forbidden";
}
/** A ResourceQuota refused, or has no status yet: may pass later. */
export class ForbiddenQuota extends ApiError {
  readonly kind = "ForbiddenQuota";
}
export class Unauthorized extends ApiError {
  readonly kind = "Unauthorized";
}
/** The server sheds load; nothing was done. */
export class TooManyRequests extends ApiError {
  readonly kind = "TooManyRequests";
}
/** The server failed (5xx). Whether a write was applied is not certain. */
export class ServerUnavailable extends ApiError {
  readonly kind = "ServerUnavailable";
}
/** No answer came. `maybeApplied` is false only when the request cannot have reached the server or was a read. */
export class NetworkUnknown extends ApiError {
  readonly kind = "NetworkUnknown";
  readonly maybeApplied: boolean;

  constructor(operation: Operation, cause: unknown, maybeApplied: boolean) {
    const message = `no answer from the API server (${causeText(cause)})${maybeApplied ? "; it may have been applied" : ""}`;
    super(operation, { status: 0, message, reason: "NetworkUnknown", causes: [] }, { cause });
    this.maybeApplied = maybeApplied;
  }
}

/** undici nests what happened: the outer message alone may be empty (AggregateError of several addresses). */
function causeText(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(causeText).join(", ");
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function describe({ verb, resource, ref }: Operation): string {
  return ref === undefined ? `${verb} ${resource}` : `${verb} ${resource} ${keyOf({ metadata: ref })}`;
}

/** The operation of a call, for error messages. */
export function operation(verb: string, r: Resource<KubeObject>, ref?: Ref): Operation {
  return ref === undefined ? { verb, resource: r.plural } : { verb, resource: r.plural, ref };
}

/** Refusals by the ResourceQuota admission plug-in carry no cause code: only their text tells them from RBAC. */
const QUOTA = /is forbidden: (exceeded quota|status unknown for quota|failed quota|insufficient quota)/;

/** A patch that names the UID of an earlier namesake: built-in kinds call that invalid, custom ones a conflict. */
function isOtherUid({ causes }: Failure): boolean {
  return causes.length > 0 && causes.every(({ field }) => field === "metadata.uid");
}

/** The API server answers 500 to an apply with a field that the schema lacks; repeating it cannot help. */
const UNTYPED_PATCH = /failed to create typed patch object/;

/** The typed error of a failed answer or of an in-stream ERROR event. */
export function apiError(op: Operation, failure: Failure): ApiError {
  const { status, reason } = failure;
  if (reason === "AlreadyExists") return new AlreadyExists(op, failure);
  if (reason === "Expired") return new Gone(op, failure);
  if (status === 500 && UNTYPED_PATCH.test(failure.message)) return new BadRequest(op, failure);
  switch (status) {
    case 401:
      return new Unauthorized(op, failure);
    case 403:
      return QUOTA.test(failure.message) ? new ForbiddenQuota(op, failure) : new Forbidden(op, failure);
    case 404:
      return new NotFound(op, failure);
    case 409:
      return new Conflict(op, failure);
    case 410:
      return new Gone(op, failure);
    case 422:
      return isOtherUid(failure) ? new Conflict(op, failure) : new Invalid(op, failure);
    case 429:
      return new TooManyRequests(op, failure);
    default:
      return status >= 500 ? new ServerUnavailable(op, failure) : new BadRequest(op, failure);
  }
}
