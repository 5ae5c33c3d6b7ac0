import { Breaker } from "./breaker.ts";
import { type Clock, withDeadline } from "./clock.ts";
import { errorText, RpcError, Throttled, Unreachable, WrongChain } from "./errors.ts";
import { BadAnswer, parseQuantity } from "./hex.ts";
import { JsonRpcTransport } from "./json-rpc.ts";
import { Latency } from "./latency.ts";
import type { ChainMetrics } from "./metrics.ts";

export type EndpointRole = "Read" | "Send";

export interface EndpointSettings {
  /** Stands for the endpoint in errors, metrics and status: its URL may hold a credential. */
  readonly name: string;
  readonly url: string;
  /** Both when absent. */
  readonly roles?: readonly EndpointRole[];
}

const WRONG_CHAIN_PAUSE_SECONDS = 60;

/** One JSON-RPC endpoint with its breaker. Nothing is asked of it before its chain id was seen to be right. */
export class Endpoint {
  readonly name: string;
  readonly latency = new Latency();
  /** Newest block seen here. */
  head: bigint | undefined;
  /** Blocks behind the highest head when all were last compared. */
  lagBlocks = 0;
  /** Counts reconnections; what was checked on an earlier one must be checked again (another node may answer). */
  connection = 0;
  /** Whether `eth_call` takes a block hash (EIP-1898); learnt on first use. */
  supportsBlockHash = true;
  lastError: string | undefined;
  readonly #roles: readonly EndpointRole[];
  readonly #chainId: bigint;
  readonly #transport: JsonRpcTransport;
  readonly #breaker: Breaker;
  readonly #clock: Clock;
  readonly #metrics: ChainMetrics;
  #verified = false;

  constructor(settings: EndpointSettings, chainId: bigint, clock: Clock, metrics: ChainMetrics) {
    this.name = settings.name;
    this.#roles = settings.roles ?? ["Read", "Send"];
    this.#chainId = chainId;
    this.#transport = new JsonRpcTransport(settings.name, settings.url);
    this.#breaker = new Breaker(clock);
    this.#clock = clock;
    this.#metrics = metrics;
  }

  get admits(): boolean {
    return this.#breaker.admits;
  }

  get breakerState(): "closed" | "open" | "half-open" {
    return this.#breaker.state;
  }

  serves(role: EndpointRole): boolean {
    return this.#roles.includes(role);
  }

  /**
   * One call, its result parsed; what does not parse is a failure of the endpoint.
   * @throws RpcError, Unreachable (also Throttled, WrongChain), or the signal's reason
   */
  async request<T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    deadlineSeconds: number,
    signal?: AbortSignal,
  ): Promise<T> {
    this.#breaker.started();
    const startedAt = this.#clock.monotonic();
    try {
      const late = (): Error =>
        new Unreachable(`endpoint ${this.name} did not answer ${method} in ${deadlineSeconds} s`);
      const value = await withDeadline(this.#clock, deadlineSeconds * 1000, signal, late, async (within) => {
        if (!this.#verified) await this.#verify(within);
        return parse(await this.#transport.call(method, params, within));
      });
      this.#finished(method, startedAt, "success");
      this.latency.record(this.#clock.monotonic() - startedAt);
      return value;
    } catch (error) {
      throw this.#failed(method, startedAt, error, signal);
    }
  }

  async #verify(signal: AbortSignal): Promise<void> {
    const chainId = parseQuantity(await this.#transport.call("eth_chainId", [], signal));
    if (chainId !== this.#chainId) {
      throw new WrongChain(
        `endpoint ${this.name} serves chain ${chainId} but the network is chain ${this.#chainId}: correct its URL or the chain id`,
      );
    }
    this.#verified = true;
  }

  #failed(method: string, startedAt: number, error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) {
      this.#breaker.cancelled();
      return error;
    }
    if (error instanceof RpcError) {
      this.#finished(method, startedAt, "rpc_error"); // it is alive
      return error;
    }
    const failure =
      error instanceof BadAnswer ? new Unreachable(`endpoint ${this.name}, ${method}: ${error.message}`) : error;
    this.#verified = false;
    this.connection += 1;
    this.lastError = errorText(failure);
    this.#breaker.failed();
    if (failure instanceof Throttled) this.#breaker.pause(failure.retryAfterSeconds);
    if (failure instanceof WrongChain) this.#breaker.pause(WRONG_CHAIN_PAUSE_SECONDS);
    this.#report(method, startedAt, outcomeOf(failure));
    return failure;
  }

  #finished(method: string, startedAt: number, outcome: string): void {
    this.#breaker.succeeded();
    this.lastError = undefined;
    this.#report(method, startedAt, outcome);
  }

  #report(method: string, startedAt: number, outcome: string): void {
    this.#metrics.requestFinished(this.name, method, outcome, (this.#clock.monotonic() - startedAt) / 1000);
    this.#metrics.breakerState(this.name, this.#breaker.state);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

function outcomeOf(failure: unknown): string {
  if (failure instanceof WrongChain) return "wrong_chain";
  return failure instanceof Throttled ? "throttled" : "unreachable";
}
