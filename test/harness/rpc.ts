/** The node answered a JSON-RPC error object. */
export class ChainRpcError extends Error {
  override readonly name = "ChainRpcError";
  readonly code: number;
  /** For a revert: the ABI-encoded error as hex. */
  readonly data: unknown;

  constructor(method: string, error: { code: number; message: string; data: unknown }) {
    super(`${method} answered ${error.code}: ${error.message}`);
    this.code = error.code;
    this.data = error.data;
  }
}

/** One JSON-RPC 2.0 call over HTTP. */
export async function callRpc(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const answer: unknown = await response.json();
  if (typeof answer === "object" && answer !== null) {
    if ("error" in answer) throw new ChainRpcError(method, parseError(answer.error));
    if ("result" in answer) return answer.result;
  }
  throw new Error(`${method} answered neither result nor error: ${JSON.stringify(answer)}`);
}

function parseError(error: unknown): { code: number; message: string; data: unknown } {
  if (typeof error !== "object" || error === null) return { code: 0, message: String(error), data: undefined };
  return {
    code: "code" in error && typeof error.code === "number" ? error.code : 0,
    message: "message" in error ? String(error.message) : "no message",
    data: "data" in error ? error.data : undefined,
  };
}
