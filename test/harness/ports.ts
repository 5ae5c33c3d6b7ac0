import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Below the ephemeral range of Linux (from 32768), so that no outgoing connection takes a port while its server restarts.
const lowest = 20_000;
const highest = 32_000;

/** Finds `count` loopback ports that are free now. They are all held until the last is found, so they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  try {
    while (held.length < count) {
      const port = randomInt(lowest, highest);
      const server = await tryListen(port);
      if (server) held.push({ port, server });
    }
  } finally {
    await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  }
  return held.map(({ port }) => port);
}

async function tryListen(port: number): Promise<Server | undefined> {
  const server = createServer().listen({ port, host: "127.0.0.1", exclusive: true });
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}
