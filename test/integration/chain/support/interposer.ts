import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What to do with one request: answer in place of the node, never answer, or say how to change the node's answer. */
export type Rule = (request: RpcRequest) => Action | undefined;

export type Action =
  | { readonly kind: "Result"; readonly result: unknown }
  | { readonly kind: "Error"; readonly code: number; readonly message: string }
  | { readonly kind: "Status"; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: "Hang" }
  /** The node gets the request; the caller's connection is cut instead of an answer. */
  | { readonly kind: "ForwardAndDrop" }
  /** The body is sent as it is. */
  | { readonly kind: "Body"; readonly body: string };

export interface RpcRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface Interposer {
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly RpcRequest[];
  /** Replaces the rule; without one everything is forwarded. */
  rule: Rule | undefined;
  count(method: string): number;
  stop(): Promise<void>;
}

/** Stands between a client and a real node, on a free loopback port. */
export async function startInterposer(nodeUrl: string): Promise<Interposer> {
  const requests: RpcRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const serve = async (): Promise<void> => {
      const body = await text(incoming);
      const request = parseRequest(body);
      requests.push(request);
      const action = interposer.rule?.(request);
      if (action === undefined) {
        outgoing.end(await forward(nodeUrl, body));
        return;
      }
      switch (action.kind) {
        case "Hang":
          return;
        case "ForwardAndDrop":
          await forward(nodeUrl, body);
          outgoing.destroy();
          return;
        case "Status":
          outgoing.writeHead(action.status, action.headers).end("busy");
          return;
        case "Body":
          outgoing.end(action.body);
          return;
        case "Result":
          outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: request.id, result: action.result }));
          return;
        case "Error":
          outgoing.end(
            JSON.stringify({ jsonrpc: "2.0", id: request.id, error: { code: action.code, message: action.message } }),
          );
      }
    };
    serve().catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  const url = await listen(server);
  const interposer: Interposer = {
    url,
    requests,
    rule: undefined,
    count: (method) => requests.filter((r) => r.method === method).length,
    stop: () => close(server),
  };
  return interposer;
}

/** The address of a server that now listens on a free loopback port. */
export function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address: AddressInfo | string | null = server.address();
      if (address === null || typeof address === "string") return reject(new Error("no port"));
      resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

export function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function forward(nodeUrl: string, body: string): Promise<string> {
  const response = await fetch(nodeUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
  return await response.text();
}

function parseRequest(body: string): RpcRequest {
  const value: unknown = JSON.parse(body);
  if (typeof value !== "object" || value === null) throw new Error("not a JSON-RPC request");
  const id = "id" in value ? value.id : undefined;
  const method = "method" in value && typeof value.method === "string" ? value.method : "";
  const params = "params" in value && Array.isArray(value.params) ? value.params : [];
  return { id, method, params };
}
