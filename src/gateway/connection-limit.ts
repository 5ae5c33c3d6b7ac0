import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";

export interface OpenConnections {
  /** Ends all at once: those in a TLS handshake too, of which the server's own `closeAllConnections` does not know. */
  destroy(): void;
}

/**
 * Holds at most `most` connections open. One more takes the place of the one that has waited longest for its client: one
 * that said nothing yet, not all of a request's head, or nothing since its last answer. So nobody keeps others out by
 * opening connections and falling silent. Where all are being answered, the new one is closed.
 */
export function limitConnections(server: Server | TlsServer, most: number): OpenConnections {
  const open = new Set<Socket>();
  /** By address and port, because TLS wraps the socket that a request names. The longest wait is first. */
  const waiting = new Map<string, Socket>();
  const forget = (key: string, socket: Socket): void => {
    open.delete(socket);
    if (waiting.get(key) === socket) waiting.delete(key);
  };
  server.on("connection", (socket: Socket) => {
    const key = peerOf(socket);
    open.add(socket);
    waiting.set(key, socket);
    socket.once("close", () => forget(key, socket));
    const [longest] = waiting;
    if (open.size <= most || longest === undefined) return;
    forget(...longest);
    longest[1].destroy();
  });
  server.on("request", (request, response) => {
    const key = peerOf(request.socket);
    const socket = waiting.get(key);
    if (socket === undefined) return; // closed, or still answers the request before
    waiting.delete(key);
    response.once("close", () => {
      if (open.has(socket)) waiting.set(key, socket);
    });
  });
  return {
    destroy() {
      for (const socket of open) socket.destroy();
    },
  };
}

function peerOf({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
