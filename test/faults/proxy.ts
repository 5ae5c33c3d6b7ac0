import { createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from "node:http";
import { request as tlsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { Call, Fault, Rule } from "./fault.ts";

export interface ProxyOptions {
  /** The server behind, `http://…` or `https://…`. */
  readonly target: string;
  /** PEM of who signed the target's certificate. */
  readonly ca?: string;
  /** Gives what a call's streamed answer is to pass through; undefined where answers come whole. */
  stream?(call: Call): StreamFilter | undefined;
}

/** Sees each line of a streamed answer, and lets out what it will, when it will. */
export interface StreamFilter {
  /** @param out writes to the client; `cut` breaks the connection */
  line(line: string, out: StreamOutput): void;
  /** The client or the server is gone. */
  end(): void;
}

export interface StreamOutput {
  /** Bytes as they are: a whole line ends with \n. */
  write(bytes: string): void;
  cut(): void;
}

export interface FaultProxy {
  readonly url: string;
  /** Every call so far, or since `forget`, in the order of arrival. */
  readonly calls: readonly Call[];
  /** How often each fault has struck, by its name or else its kind. */
  readonly struck: ReadonlyMap<string, number>;
  rule: Rule;
  /** Forgets the calls so far: in long runs they fill the memory. */
  forget(): void;
  /** Refuses new connections and breaks those that are open: the server is away. Undone by `restore`. */
  isolate(): void;
  restore(): void;
  stop(): Promise<void>;
}

/** Stands between a client and a real server on a free loopback port. Everything passes unless the rule says otherwise. */
export async function startFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  const calls: Call[] = [];
  const struck = new Map<string, number>();
  let isIsolated = false;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const call = { number: calls.length + 1, method: incoming.method ?? "GET", path: incoming.url ?? "/", body: "" };
    const whole = { ...call, body: await text(incoming) };
    calls.push(whole);
    const fault = proxy.rule(whole);
    if (fault !== undefined && fault.kind !== "Observe") {
      const name = fault.name ?? fault.kind;
      struck.set(name, (struck.get(name) ?? 0) + 1);
    }
    await strike(options, whole, fault, incoming, outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy()); // the server behind is gone: so is the answer
  });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.on("connection", (socket) => {
    if (isIsolated) socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    struck,
    rule: () => undefined,
    forget() {
      calls.length = 0;
    },
    isolate() {
      isIsolated = true;
      server.closeAllConnections();
    },
    restore() {
      isIsolated = false;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function strike(
  options: ProxyOptions,
  call: Call,
  fault: Fault | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  switch (fault?.kind) {
    case "Reset":
      outgoing.socket?.resetAndDestroy();
      return;
    case "Hang":
      return;
    case "Answer":
      outgoing.writeHead(fault.status, { "content-type": "application/json", ...fault.headers }).end(fault.body);
      return;
    case "LoseAnswer":
      await whole(await forward(options, call, incoming));
      outgoing.socket?.resetAndDestroy();
      return;
    case "CutAnswer":
      return cut(await forward(options, call, incoming), outgoing);
    case "ChangeAnswer": {
      const { status, headers, body } = await whole(await forward(options, call, incoming));
      outgoing.writeHead(status, headers).end(fault.change(body));
      return;
    }
    case "Observe": {
      const { status, headers, body } = await whole(await forward(options, call, incoming));
      fault.see(body);
      outgoing.writeHead(status, headers).end(body);
      return;
    }
    case "Repeat":
      await whole(await forward(options, call, incoming));
      return pass(options, call, await forward(options, call, incoming), outgoing);
    case "Delay":
      await delay(fault.milliseconds);
      return pass(options, call, await forward(options, call, incoming), outgoing);
    case undefined:
      return pass(options, call, await forward(options, call, incoming), outgoing);
  }
}

function forward({ target, ca }: ProxyOptions, call: Call, { headers }: IncomingMessage): Promise<IncomingMessage> {
  const url = new URL(call.path, target);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { "content-length": _, "transfer-encoding": __, "accept-encoding": ___, connection: ____, ...rest } = headers;
  // said aloud: for a DELETE, Node would send the bytes without it, and the server take them for the next request
  const length = call.body === "" ? {} : { "content-length": Buffer.byteLength(call.body) };
  const options = { method: call.method, headers: { ...rest, ...length, host: url.host } };
  const upstream =
    url.protocol === "https:"
      ? tlsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) }, resolve)
      : plainRequest(url, options, resolve);
  upstream.on("error", reject);
  upstream.end(call.body);
  return promise;
}

interface Whole {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Headers that say how the bytes come belong to the hop, not to the answer. */
async function whole(answer: IncomingMessage): Promise<Whole> {
  const body = await text(answer);
  return { status: answer.statusCode ?? 502, headers: contentHeaders(answer), body };
}

function contentHeaders({ headers }: IncomingMessage): Record<string, string> {
  const kept = ["content-type", "retry-after", "warning"] as const;
  return Object.fromEntries(
    kept.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

async function cut(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = await whole(answer);
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, { ...headers, "content-length": String(bytes.length) });
  outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
}

function pass(options: ProxyOptions, call: Call, answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.statusCode ?? 502, contentHeaders(answer));
  outgoing.on("close", () => answer.destroy());
  const filter = answer.statusCode === 200 ? options.stream?.(call) : undefined;
  return filter === undefined ? passBytes(answer, outgoing) : passLines(answer, outgoing, filter);
}

function passBytes(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  answer.on("data", (chunk: Buffer) => outgoing.write(chunk));
  answer.on("end", () => outgoing.end());
  answer.on("error", () => outgoing.destroy());
  answer.on("close", resolve);
  return promise;
}

function passLines(answer: IncomingMessage, outgoing: ServerResponse, filter: StreamFilter): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const output: StreamOutput = {
    write: (bytes) => void outgoing.write(bytes),
    cut: () => void outgoing.destroy(),
  };
  outgoing.flushHeaders();
  let rest = "";
  answer.setEncoding("utf8");
  answer.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) filter.line(line, output);
  });
  answer.on("end", () => outgoing.end());
  answer.on("error", () => outgoing.destroy());
  answer.on("close", () => {
    filter.end();
    resolve();
  });
  return promise;
}
