import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Chain } from "../test/harness/chain.ts";
import { freePorts } from "../test/harness/ports.ts";

/** Passes JSON-RPC on to a chain and notes when each block was first shown to whoever asked. */
export interface ChainProxy {
  readonly url: string;
  /** When the operator was first given a header of this block or a later one; milliseconds since the epoch. */
  shownAt(block: bigint): number | undefined;
  stop(): Promise<void>;
}

export async function startChainProxy(chain: Chain): Promise<ChainProxy> {
  const [port = 0] = await freePorts(1);
  const shown: { readonly block: bigint; readonly at: number }[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const answer = await fetch(chain.url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answered = await answer.text();
    const number = body.includes('"latest"') ? /"number":"(0x[0-9a-f]+)"/.exec(answered)?.[1] : undefined;
    if (number !== undefined) shown.push({ block: BigInt(number), at: performance.timeOrigin + performance.now() });
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answered);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy()); // the operator sees a network failure, as it would without us
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    shownAt: (block) => shown.find((one) => one.block >= block)?.at,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
