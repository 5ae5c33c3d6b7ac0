import { Agent, type Dispatcher } from "undici";
import { type Clock, sleep } from "./clock.ts";
import type { ClusterConfig, TlsMaterial } from "./config.ts";
import { ApiError, apiError, NetworkUnknown, type Operation, TooManyRequests, Unauthorized } from "./errors.ts";
import type { RequestMetrics } from "./metrics.ts";
import { failureOfText } from "./status-body.ts";

export interface Call {
  readonly operation: Operation;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportOptions {
  readonly userAgent: string;
  /** Connections for requests; each watch has one more of its own. */
  readonly connections: number;
  readonly metrics: RequestMetrics;
  readonly clock: Clock;
}

/** The API server ends requests after 60 s; this is the limit behind it. */
const REQUEST_TIMEOUT_MILLISECONDS = 65_000;
/** Below the API server's idle timeout, so that we close first and no request meets a closing socket. */
const KEEP_ALIVE_MILLISECONDS = 60_000;
/** A shed request waits in place this often, then the error goes to the caller, whose queue backs off. */
const MAX_THROTTLE_RETRIES = 5;
const MAX_THROTTLE_WAIT_SECONDS = 10;

interface Agents {
  readonly tls: TlsMaterial;
  readonly requests: Agent;
  readonly watches: Agent;
}

/**
 * HTTP to one API server: pooled connections, fresh credentials, typed errors. A 401 is tried once more with re-read
 * credentials and a 429 after its Retry-After: in both cases the server did nothing. Everything else is the caller's.
 */
export class Transport {
  readonly #config: ClusterConfig;
  readonly #options: TransportOptions;
  readonly #origin: string;
  readonly #prefix: string;
  #agents: Agents | undefined;
  readonly #retired = new Set<Promise<void>>();
  #closed = false;

  constructor(config: ClusterConfig, options: TransportOptions) {
    this.#config = config;
    this.#options = options;
    const url = new URL(config.server);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, "");
  }

  /** The body of a successful answer. @throws ApiError, or the signal's reason when aborted */
  request(call: Call): Promise<string> {
    return this.#retrying(call, () => this.#timed(call, "requests", (response) => response.body.text()));
  }

  /** The body of a watch, as it arrives. Aborting the call's signal ends it. @throws as `request` */
  stream(call: Call): Promise<AsyncIterable<Buffer>> {
    return this.#retrying(call, () => this.#timed(call, "watches", async ({ body }) => chunks(call, body)));
  }

  /** Ends all connections, running watches too. */
  async close(): Promise<void> {
    this.#closed = true;
    const agents = this.#agents;
    this.#agents = undefined;
    await agents?.watches.destroy();
    await agents?.requests.close();
    await Promise.all(this.#retired);
  }

  async #retrying<T>(call: Call, attempt: () => Promise<T>): Promise<T> {
    let refreshed = false;
    for (let throttled = 0; ; ) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof Unauthorized && !refreshed) {
          refreshed = true;
          this.#config.refresh();
        } else if (error instanceof TooManyRequests && throttled < MAX_THROTTLE_RETRIES) {
          throttled += 1;
          const seconds = Math.min(error.retryAfterSeconds ?? 1, MAX_THROTTLE_WAIT_SECONDS);
          await sleep(this.#options.clock, seconds * 1000, call.signal);
          call.signal?.throwIfAborted();
        } else {
          throw error;
        }
      }
    }
  }

  async #timed<T>(
    call: Call,
    pool: "requests" | "watches",
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> {
    const { clock, metrics } = this.#options;
    const started = clock.monotonic();
    let code = "<error>";
    try {
      const response = await this.#send(call, pool);
      code = String(response.statusCode);
      if (response.statusCode >= 300) throw await this.#failed(call, response);
      return await read(response);
    } catch (error) {
      if (error instanceof ApiError || call.signal?.aborted) throw error;
      throw new NetworkUnknown(call.operation, error, call.method !== "GET" && !neverSent(error));
    } finally {
      const { verb, resource } = call.operation;
      metrics.requestFinished(verb, resource, code, (clock.monotonic() - started) / 1000);
    }
  }

  async #send(call: Call, pool: "requests" | "watches"): Promise<Dispatcher.ResponseData> {
    const credentials = await this.#config.credentials();
    if (this.#closed) throw new Error("the client is closed");
    const query = call.query === undefined ? "" : `?${new URLSearchParams(call.query)}`;
    return this.#agentsFor(credentials.tls)[pool].request({
      origin: this.#origin,
      path: `${this.#prefix}${call.path}${query}`,
      method: call.method,
      headers: {
        ...credentials.headers,
        accept: "application/json",
        "user-agent": this.#options.userAgent,
        ...(call.contentType === undefined ? {} : { "content-type": call.contentType }),
      },
      body: call.body ?? null,
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    });
  }

  async #failed(call: Call, response: Dispatcher.ResponseData): Promise<ApiError> {
    const retryAfter = response.headers["retry-after"];
    const body = await response.body.text();
    return apiError(
      call.operation,
      failureOfText(response.statusCode, body, typeof retryAfter === "string" ? retryAfter : undefined),
    );
  }

  /** New TLS material means new connections; the old ones finish what they carry. */
  #agentsFor(tls: TlsMaterial): Agents {
    if (this.#agents?.tls === tls) return this.#agents;
    if (this.#agents !== undefined) {
      this.#retire(this.#agents.requests);
      this.#retire(this.#agents.watches);
    }
    const common = {
      pipelining: 1,
      allowH2: false, // one HTTP/2 connection measured slower than a pool, and a stalled one stalls all
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      headersTimeout: REQUEST_TIMEOUT_MILLISECONDS,
      connect: { ...tls, timeout: 10_000 },
    };
    this.#agents = {
      tls,
      requests: new Agent({
        ...common,
        connections: this.#options.connections,
        bodyTimeout: REQUEST_TIMEOUT_MILLISECONDS,
      }),
      watches: new Agent({ ...common, bodyTimeout: 0 }), // the reflector's own watchdog sees silence
    };
    return this.#agents;
  }

  #retire(agent: Agent): void {
    const closed: Promise<void> = agent.close().then(() => void this.#retired.delete(closed));
    this.#retired.add(closed);
  }
}

/** The chunks of a body. A connection that breaks is told like any other network failure. */
async function* chunks(call: Call, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new NetworkUnknown(call.operation, error, false);
  }
}

const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** True when the failure came before a connection stood. */
function neverSent(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(neverSent);
  return error instanceof Error && "code" in error && typeof error.code === "string" && NEVER_SENT.has(error.code);
}
