import { chainCall } from "./chain-call.ts";
import { type Call, type Fault, named } from "./fault.ts";

/** A JSON-RPC result in the node's place. */
export function result(call: Call, value: unknown): Fault {
  return answer({ jsonrpc: "2.0", id: chainCall(call)?.id ?? null, result: value });
}

/** A JSON-RPC error in the node's place. */
export function failure(call: Call, code: number, message: string): Fault {
  return answer({ jsonrpc: "2.0", id: chainCall(call)?.id ?? null, error: { code, message } });
}

function answer(body: object): Fault {
  return { kind: "Answer", status: 200, body: JSON.stringify(body) };
}

/** What nodes and those who run them do to a request now and then. Undefined where a fault does not apply to the call. */
export const chainFaults = {
  tooManyRequests: (): Fault =>
    named("RpcThrottled", { kind: "Answer", status: 429, headers: { "retry-after": "1" }, body: "slow down" }),
  badGateway: (): Fault => named("BadGateway", { kind: "Answer", status: 502, body: "<html>bad gateway</html>" }),
  limitExceeded: (call: Call): Fault => named("LimitExceeded", failure(call, -32_005, "limit exceeded")),
  /** Behind a balancer, a node that has not seen the block yet. */
  nothing: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_getBlockByNumber", "eth_getBlockByHash", "eth_getTransactionReceipt")
      ? named("Null", result(call, null))
      : undefined,
  emptyData: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_call") ? named("EmptyData", result(call, "0x")) : undefined,
  partialData: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_call") ? named("PartialData", { kind: "ChangeAnswer", change: halfOfData }) : undefined,
  wrongChain: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_chainId") ? named("WrongChain", result(call, "0xdead")) : undefined,
  /** The next block is said to cost fifty times as much. */
  feeSpike: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_feeHistory") ? named("FeeSpike", { kind: "ChangeAnswer", change: withFees(50n) }) : undefined,
  /** Accepted, it says, and never tells another node. */
  swallowedSend: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_sendRawTransaction") ? named("SwallowedSend", result(call, `0x${"5a".repeat(32)}`)) : undefined,
  repeatedSend: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_sendRawTransaction") ? named("RepeatedSend", { kind: "Repeat" }) : undefined,
  lostSendAnswer: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_sendRawTransaction") ? named("LostSendAnswer", { kind: "LoseAnswer" }) : undefined,
  underpriced: (call: Call): Fault | undefined =>
    isOneOf(call, "eth_sendRawTransaction")
      ? named("Underpriced", failure(call, -32_000, "replacement transaction underpriced"))
      : undefined,
} as const satisfies Readonly<Record<string, (call: Call) => Fault | undefined>>;

function isOneOf(call: Call, ...methods: readonly string[]): boolean {
  const method = chainCall(call)?.method;
  return method !== undefined && methods.includes(method);
}

function withFees(times: bigint): (body: string) => string {
  return (body) => {
    const { result: history, ...rest }: { result?: { baseFeePerGas: readonly string[] } } = JSON.parse(body);
    if (history === undefined) return body;
    const baseFeePerGas = history.baseFeePerGas.map((fee) => `0x${(BigInt(fee) * times).toString(16)}`);
    return JSON.stringify({ ...rest, result: { ...history, baseFeePerGas } });
  };
}

function halfOfData(body: string): string {
  const { result: data, ...rest }: { result?: unknown } = JSON.parse(body);
  if (typeof data !== "string") return body;
  return JSON.stringify({ ...rest, result: data.slice(0, 2 + 2 * Math.floor((data.length - 2) / 4)) });
}

/** A node that stands still: its newest block stays the one that it was, while what is asked by hash is still answered. */
export class StaleHead {
  #block: string | undefined;
  #isFrozen = false;

  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#block = undefined;
  }

  fault(call: Call): Fault | undefined {
    const asked = chainCall(call);
    if (asked?.method !== "eth_getBlockByNumber" || asked.params[0] !== "latest") return undefined;
    if (this.#isFrozen && this.#block !== undefined) {
      return named("StaleHead", result(call, JSON.parse(this.#block)));
    }
    return { kind: "Observe", see: (body) => this.#remember(body) };
  }

  #remember(body: string): void {
    const { result: block }: { result?: unknown } = JSON.parse(body);
    this.#block = JSON.stringify(block ?? null);
  }
}

/** A node that lies: it tells the state of the past for whatever block it is asked about. */
export class PastState {
  /** By what was asked. */
  readonly #answers = new Map<string, string>();
  /** Remembers the newest answers, passes them on without a look, or repeats what it remembers. */
  mode: "remember" | "pass" | "lie" = "remember";

  fault(call: Call): Fault | undefined {
    const asked = chainCall(call);
    if (asked?.method !== "eth_call") return undefined;
    const what = JSON.stringify(asked.params[0]);
    const known = this.#answers.get(what);
    if (this.mode === "lie" && known !== undefined) return named("Lie", result(call, JSON.parse(known)));
    if (this.mode !== "remember") return undefined;
    return { kind: "Observe", see: (body) => this.#remember(what, body) };
  }

  #remember(what: string, body: string): void {
    const { result: data }: { result?: unknown } = JSON.parse(body);
    if (typeof data === "string") this.#answers.set(what, JSON.stringify(data));
  }
}
