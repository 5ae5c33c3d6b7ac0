/** Why a request was not served: an HTTP status and what the caller reads. */
export interface Refusal {
  readonly status: number;
  /** One CamelCase word for programs. */
  readonly code: string;
  readonly message: string;
  /** How to mend it. */
  readonly hint: string;
  /** The header, parameter or part at fault. */
  readonly field?: string;
}

/** The outcome of a check. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accepted<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refused(
  status: number,
  code: string,
  message: string,
  hint: string,
  field?: string,
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { status, code, message, hint, ...(field === undefined ? {} : { field }) } };
}

/** A refusal on its way to the error handler. */
export class GatewayError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.message, options);
    this.name = "GatewayError";
    this.refusal = refusal;
  }
}

/** The value of a check that passed. @throws GatewayError */
export function required<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new GatewayError(checked.refusal);
  return checked.value;
}

/** Ends the request with a refusal. @throws GatewayError */
export function refuse(status: number, code: string, message: string, hint: string, field?: string): never {
  throw new GatewayError(refused(status, code, message, hint, field).refusal);
}
