import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { limitConnections, type OpenConnections } from "./connection-limit.ts";
import { errorBody } from "./error-handling.ts";
import type { Refusal } from "./refusal.ts";

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface ServeOptions {
  /** Absent: every address. */
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: Certificate | undefined;
  /** For a whole request, body included. Default 30. */
  readonly requestTimeoutSeconds?: number;
  /** For its headers, and for a TLS handshake. Default 10. */
  readonly headersTimeoutSeconds?: number;
  /** Open at a time; beyond, those that wait for their client longest are closed. Default 1000. */
  readonly maxConnections?: number;
}

export interface Serving {
  readonly host: string;
  readonly port: number;
  /** `http://host:port` or `https://…`. */
  readonly url: string;
  /** Takes a renewed certificate for new connections. @throws when the server has no TLS or the PEM is bad */
  renewCertificate(certificate: Certificate): void;
  /** Takes no more, lets requests that run finish for so long, then ends them. */
  close(graceSeconds: number): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves a handler over HTTP or HTTPS with limits on time, size and connections. @throws when the address is taken */
export async function serve(handler: Handler, options: ServeOptions): Promise<Serving> {
  const server = listenerOf(handler, options);
  const connections = limitConnections(server, options.maxConnections ?? 1000);
  server.on("clientError", answerClientError);
  const address = await listening(server, options);
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    host: address.address,
    port: address.port,
    url: `${options.tls === undefined ? "http" : "https"}://${host}:${address.port}`,
    renewCertificate(certificate) {
      if (!("setSecureContext" in server)) throw new Error("a server without TLS takes no certificate");
      server.setSecureContext({ ...certificate, minVersion: "TLSv1.2" });
    },
    close: (graceSeconds) => close(server, connections, graceSeconds),
  };
}

function listenerOf(handler: Handler, options: ServeOptions): Server | TlsServer {
  const { requestTimeoutSeconds = 30, headersTimeoutSeconds = 10, tls } = options;
  const limits = {
    requestTimeout: requestTimeoutSeconds * 1000,
    headersTimeout: Math.min(headersTimeoutSeconds, requestTimeoutSeconds) * 1000,
    connectionsCheckingInterval: Math.min(1000, requestTimeoutSeconds * 250),
    keepAliveTimeout: 60_000,
    maxHeaderSize: 16_384,
  };
  return tls === undefined
    ? createServer(limits, handler)
    : createTlsServer({ ...limits, ...tls, minVersion: "TLSv1.2", handshakeTimeout: limits.headersTimeout }, handler);
}

function listening(server: Server | TlsServer, { host, port }: ServeOptions): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  server.once("error", (error) => {
    const where = `${host ?? ""}:${port}`;
    reject(new Error(`cannot listen on ${where}: ${error.message}; free the port or choose another`, { cause: error }));
  });
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
    const address = server.address();
    if (address === null || typeof address === "string") reject(new Error("the server has no network address"));
    else resolve(address);
  });
  return promise;
}

/** Kept-alive connections end as soon as their request does: else they would hold the server open until they time out. */
function close(server: Server | TlsServer, connections: OpenConnections, graceSeconds: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const deadline = setTimeout(() => connections.destroy(), graceSeconds * 1000);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Requests that Node's parser refuses never reach a handler; they too get JSON. After a failed TLS handshake nobody could read it. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!/^(HPE|ERR_HTTP)_/.test(error.code ?? "") || !socket.writable) return void socket.destroy();
  const refusal = parserRefusal(error.code);
  const body = JSON.stringify(errorBody(refusal));
  const head = [
    `HTTP/1.1 ${refusal.status} ${refusal.code}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

function parserRefusal(code: string | undefined): Refusal {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return { status: 408, code: "Timeout", message: "the request took too long to arrive", hint: "Send it again." };
  if (code === "HPE_HEADER_OVERFLOW")
    return { status: 431, code: "HeadersTooLarge", message: "the headers are too large", hint: "Send fewer headers." };
  return { status: 400, code: "BadRequest", message: "this is not HTTP/1.1", hint: "Check the request." };
}
