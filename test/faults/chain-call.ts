import type { Call } from "./fault.ts";

/** One JSON-RPC request. */
export interface ChainCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Undefined for what is no single JSON-RPC request. */
export function chainCall({ body }: Pick<Call, "body">): ChainCall | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { id, method, params }: { id?: unknown; method?: unknown; params?: unknown } = value;
  if (typeof method !== "string") return undefined;
  return { id, method, params: Array.isArray(params) ? params : [] };
}
