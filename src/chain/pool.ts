import { type BlockTag, type Header, parseHeader, tagParameter } from "./block.ts";
import type { Clock } from "./clock.ts";
import { Endpoint, type EndpointSettings } from "./endpoint.ts";
import { errorText, RpcError, Unreachable } from "./errors.ts";
import { firstAnswer } from "./first-answer.ts";
import { type ChainMetrics, noMetrics } from "./metrics.ts";
import { choosePrimary, readersInOrder } from "./primary.ts";

export interface PoolSettings {
  readonly chainId: bigint;
  readonly endpoints: readonly EndpointSettings[];
  readonly clock: Clock;
  readonly metrics?: ChainMetrics;
  /** Default 5. */
  readonly readDeadlineSeconds?: number;
  /** Default 10. */
  readonly sendDeadlineSeconds?: number;
  /** An endpoint further behind the highest head than this is not read from. Default 2. */
  readonly maxLagBlocks?: number;
  /** How often the heads of all endpoints are compared. Default 15. */
  readonly surveySeconds?: number;
}

export interface EndpointState {
  readonly name: string;
  readonly breaker: "closed" | "open" | "half-open";
  readonly head: bigint | undefined;
  readonly lastError: string | undefined;
}

/** What one endpoint said to a transaction. */
export interface SendOutcome {
  readonly endpoint: string;
  /** Absent when it was taken. */
  readonly error: RpcError | Unreachable | undefined;
}

/** Least wait before a second endpoint is asked as well. */
const SHORTEST_HEDGE_MILLISECONDS = 250;
const REMEMBERED_BLOCKS = 512;

/**
 * Several JSON-RPC endpoints of one chain. Reads go to a sticky primary, hedged to the second when it is slow and
 * failing over when it fails; reads pinned to a block go to the endpoint that served its header; sends go to all.
 */
export class RpcPool {
  readonly chainId: bigint;
  readonly #endpoints: readonly Endpoint[];
  readonly #settings: PoolSettings;
  readonly #metrics: ChainMetrics;
  readonly #servedBy = new Map<string, Endpoint>();
  #primary: Endpoint | undefined;
  #surveyedAt: number | undefined;
  #survey: Promise<void> | undefined;

  constructor(settings: PoolSettings) {
    this.chainId = settings.chainId;
    this.#settings = settings;
    this.#metrics = settings.metrics ?? noMetrics;
    this.#endpoints = settings.endpoints.map((e) => new Endpoint(e, settings.chainId, settings.clock, this.#metrics));
    if (!this.#endpoints.some((e) => e.serves("Read"))) throw new Error("no endpoint has the role Read: add one");
  }

  get readers(): readonly Endpoint[] {
    return this.#endpoints.filter((e) => e.serves("Read"));
  }

  states(): EndpointState[] {
    return this.#endpoints.map(({ name, breakerState, head, lastError }) => ({
      name,
      breaker: breakerState,
      head,
      lastError,
    }));
  }

  /** A read that need not be consistent with others. */
  async read<T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    const { value } = await this.#read(method, params, parse, signal);
    return value;
  }

  /** A block's header and the endpoint that served it, which pinned reads of this block will go to. */
  async header(tag: BlockTag, signal?: AbortSignal, from?: Endpoint): Promise<{ header: Header; endpoint: Endpoint }> {
    if (tag === "latest") this.#surveyWhenDue();
    const params = [tagParameter(tag), false];
    const answer =
      from === undefined
        ? await this.#read("eth_getBlockByNumber", params, parseHeader, signal)
        : { value: await this.ask(from, "eth_getBlockByNumber", params, parseHeader, signal), endpoint: from };
    const { value: header, endpoint } = answer;
    if (tag === "latest") endpoint.head = header.number;
    this.#remember(header.hash, endpoint);
    return { header, endpoint };
  }

  /** The endpoint that pinned reads of a block go to; another one may not have the block. */
  readerOf(blockHash: string): Endpoint {
    return this.#servedBy.get(blockHash) ?? this.#ordered()[0] ?? this.#nobody();
  }

  /** An endpoint to confirm what `endpoint` says, one that answers if there is one; undefined where only one is read from. */
  another(endpoint: Endpoint): Endpoint | undefined {
    const others = this.readers.filter((e) => e !== endpoint);
    return others.find((e) => e.admits) ?? others[0];
  }

  /** One endpoint's own answer, without failover. */
  ask<T>(
    endpoint: Endpoint,
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    signal?: AbortSignal,
  ): Promise<T> {
    return endpoint.request(method, params, parse, this.#settings.readDeadlineSeconds ?? 5, signal);
  }

  /** Sends to every endpoint that takes sends and tells what each said; never throws for what they say. */
  async broadcast(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<readonly SendOutcome[]> {
    const senders = this.#endpoints.filter((e) => e.serves("Send"));
    const usable = senders.filter((e) => e.admits);
    const deadlineSeconds = this.#settings.sendDeadlineSeconds ?? 10;
    return await Promise.all(
      (usable.length > 0 ? usable : senders).map(async (endpoint) => {
        try {
          await endpoint.request(method, params, (result) => result, deadlineSeconds, signal);
          return { endpoint: endpoint.name, error: undefined };
        } catch (error) {
          if (error instanceof RpcError || error instanceof Unreachable) return { endpoint: endpoint.name, error };
          throw error;
        }
      }),
    );
  }

  async #read<T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    signal?: AbortSignal,
  ): Promise<{ value: T; endpoint: Endpoint }> {
    const candidates = this.#ordered();
    if (candidates.length === 0) this.#nobody();
    const slow = candidates[0]?.latency.quantile(0.95) ?? 0;
    return await firstAnswer(
      candidates.map((endpoint) => async (within) => ({
        value: await this.ask(endpoint, method, params, parse, within),
        endpoint,
      })),
      {
        clock: this.#settings.clock,
        hedgeMilliseconds: Math.max(SHORTEST_HEDGE_MILLISECONDS, slow),
        isFinal: (error) => !isWorthAnotherEndpoint(error),
        signal,
      },
    );
  }

  #ordered(): readonly Endpoint[] {
    const maxLag = this.#settings.maxLagBlocks ?? 2;
    this.#primary = choosePrimary(this.readers, this.#primary, maxLag);
    return readersInOrder(this.readers, this.#primary, maxLag);
  }

  #nobody(): never {
    const states = this.readers.map((e) => `${e.name}: ${e.lastError ?? "paused"}`).join("; ");
    throw new Unreachable(`no endpoint can be read from now (${states})`);
  }

  #remember(hash: string, endpoint: Endpoint): void {
    this.#servedBy.delete(hash);
    this.#servedBy.set(hash, endpoint);
    const oldest = this.#servedBy.keys().next();
    if (this.#servedBy.size > REMEMBERED_BLOCKS && !oldest.done) this.#servedBy.delete(oldest.value);
  }

  /** Compares all heads beside the reads: a slow endpoint must not hold them up. */
  #surveyWhenDue(): void {
    const now = this.#settings.clock.monotonic();
    const every = (this.#settings.surveySeconds ?? 15) * 1000;
    const due = this.#surveyedAt === undefined || now - this.#surveyedAt >= every;
    if (!due || this.#survey !== undefined || this.readers.length < 2) return;
    this.#surveyedAt = now;
    this.#survey = this.survey().finally(() => {
      this.#survey = undefined;
    });
  }

  /** Reads the heads of all endpoints at one time and notes how far each is behind the highest. */
  async survey(): Promise<void> {
    const asked = this.readers.filter((e) => e.admits);
    const heads = await Promise.allSettled(
      asked.map(async (endpoint) => {
        const { number } = await this.ask(endpoint, "eth_getBlockByNumber", ["latest", false], parseHeader);
        endpoint.head = number;
        return { endpoint, number };
      }),
    );
    const answers = heads.flatMap((h) => (h.status === "fulfilled" ? [h.value] : []));
    const highest = Math.max(...answers.map(({ number }) => Number(number)));
    for (const { endpoint, number } of answers) {
      endpoint.lagBlocks = highest - Number(number);
      this.#metrics.headLag(endpoint.name, endpoint.lagBlocks);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#endpoints.map((e) => e.close()));
    await this.#survey;
  }
}

/** A refusal is the chain's answer, except where it tells of the endpoint: limits, missing methods, inner faults, a block it lacks. */
function isWorthAnotherEndpoint(error: unknown): boolean {
  if (!(error instanceof RpcError)) return error instanceof Unreachable;
  return error.data === undefined && [-32005, -32601, -32603, -32001].includes(error.code);
}

/** The outcomes of a broadcast in one line. */
export function describeOutcomes(outcomes: readonly SendOutcome[]): string {
  return outcomes.map((o) => (o.error === undefined ? `${o.endpoint}: taken` : errorText(o.error))).join("; ");
}
