import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { request } from "node:https";
import type { ClusterConfig } from "../../../src/kube/config.ts";
import type { Cluster } from "../../harness/cluster.ts";

/** What happens to a request instead of being forwarded, or to its answer. */
export type Fault =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: object;
    }
  /** Forwards, but gives the client a line of its own before the stream. */
  | { readonly kind: "inject"; readonly line: string };

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** A plain HTTP server between a client and the real API server. Everything passes unless the test says otherwise. */
export interface Interposer {
  readonly config: ClusterConfig;
  readonly seen: readonly Seen[];
  /** Asked for each request. */
  fault: (seen: Seen) => Fault | undefined;
  /** While true, bytes of watches are held back: the connection stays open and silent. */
  mute: boolean;
  /** Breaks all open connections. */
  cut(): void;
  close(): Promise<void>;
}

export async function startInterposer(cluster: Cluster): Promise<Interposer> {
  const ca = await readFile(cluster.caFile);
  const seen: Seen[] = [];
  const responses = new Set<ServerResponse>();

  const forward = (incoming: IncomingMessage, response: ServerResponse, prelude = ""): void => {
    const headers = { ...incoming.headers, host: new URL(cluster.url).host };
    const upstream = request(new URL(incoming.url ?? "/", cluster.url), { method: incoming.method, headers, ca });
    upstream.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (prelude !== "") response.write(prelude);
      const watch = (incoming.url ?? "").includes("watch=true");
      answer.on("data", (chunk: Buffer) => void (watch && interposer.mute ? undefined : response.write(chunk)));
      answer.on("end", () => response.end());
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", () => response.destroy());
    response.on("close", () => {
      responses.delete(response);
      upstream.destroy();
    });
    responses.add(response);
    incoming.pipe(upstream);
  };

  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? "/", cluster.url);
    const { method = "", headers } = incoming;
    const entry = { method, path: url.pathname, query: url.searchParams, authorization: headers.authorization };
    seen.push(entry);
    const fault = interposer.fault(entry);
    if (fault?.kind === "answer") {
      response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
      response.end(JSON.stringify(fault.body));
    } else forward(incoming, response, fault === undefined ? "" : `${fault.line}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const interposer: Interposer = {
    config: {
      server: `http://127.0.0.1:${port}`,
      namespace: "default",
      credentials: () => Promise.resolve({ headers: { authorization: `Bearer ${cluster.token}` }, tls: noTls }),
      refresh() {},
    },
    seen,
    fault: () => undefined,
    mute: false,
    cut() {
      for (const response of responses) response.destroy();
    },
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return interposer;
}

const noTls = {};

/** A `v1.Status` as the API server sends it. */
export function statusBody(code: number, reason: string, message = reason): object {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}
