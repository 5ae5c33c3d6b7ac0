import { Agent, request } from "undici";
import { RpcError, Throttled, Unreachable } from "./errors.ts";
import { isRecord } from "./hex.ts";

/** Larger answers are refused; the largest page that this program reads is 128 KiB. */
const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024;
const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** One JSON-RPC 2.0 server over HTTP. Every call is one request: batches fail as a whole and hide the slow one. */
export class JsonRpcTransport {
  readonly #name: string;
  readonly #url: string;
  readonly #agent: Agent;
  #id = 0;

  constructor(name: string, url: string) {
    this.#name = name;
    this.#url = url;
    this.#agent = new Agent({ connections: 16, maxResponseSize: LARGEST_ANSWER_BYTES });
  }

  /**
   * The `result` of a call.
   * @throws RpcError when the server answered with an error, Throttled on 429, Unreachable on anything else; the
   * signal's reason when it aborted
   */
  async call(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    const answer = await this.#post(method, JSON.stringify({ jsonrpc: "2.0", id, method, params }), signal);
    if (!isRecord(answer) || answer["id"] !== id) throw this.#unreachable(method, "the answer is not to this request");
    if (answer["error"] !== undefined && answer["error"] !== null) throw this.#rpcError(method, answer["error"]);
    if (!("result" in answer)) throw this.#unreachable(method, "the answer has neither result nor error");
    return answer["result"];
  }

  async #post(method: string, body: string, signal: AbortSignal): Promise<unknown> {
    let text: string;
    try {
      const response = await request(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal,
        dispatcher: this.#agent,
      });
      text = await response.body.text();
      const { statusCode, headers } = response;
      if (statusCode === 429) throw this.#throttled(method, headers["retry-after"]);
      // Some nodes send errors of the call with status 4xx/5xx and a JSON-RPC body.
      if (statusCode !== 200 && !text.startsWith("{")) throw this.#unreachable(method, `HTTP status ${statusCode}`);
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      if (signal.aborted) throw signal.reason;
      throw this.#unreachable(method, connectionFailure(error));
    }
    try {
      return JSON.parse(text);
    } catch {
      throw this.#unreachable(method, "the answer is not JSON");
    }
  }

  #rpcError(method: string, error: unknown): RpcError {
    const fields = isRecord(error) ? error : {};
    const code = typeof fields["code"] === "number" ? fields["code"] : 0;
    const message = typeof fields["message"] === "string" ? fields["message"] : "an error without a message";
    return new RpcError(this.#name, method, code, message, revertData(fields["data"]));
  }

  #throttled(method: string, retryAfter: string | string[] | undefined): Throttled {
    const seconds = Number(retryAfter);
    const pause = Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_RETRY_AFTER_SECONDS;
    return new Throttled(`endpoint ${this.#name} asks for a pause of ${pause} s (HTTP 429 to ${method})`, pause);
  }

  #unreachable(method: string, why: string): Unreachable {
    return new Unreachable(`endpoint ${this.#name} gave no usable answer to ${method}: ${why}`);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** geth and anvil put revert data in `data`, EDR in `data.data`. An empty revert is `0x`. */
function revertData(data: unknown): string | undefined {
  const value = isRecord(data) ? data["data"] : data;
  return typeof value === "string" && /^0x([0-9a-f]{2})*$/i.test(value) ? value.toLowerCase() : undefined;
}

/** undici's own text may carry the address with its credentials; its code never does. */
function connectionFailure(error: unknown): string {
  const code = isRecord(error) && typeof error["code"] === "string" ? error["code"] : undefined;
  return code ?? (error instanceof Error ? error.name : "connection failed");
}
