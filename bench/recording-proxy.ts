import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Agent } from "undici";
import type { Cluster } from "../test/harness/cluster.ts";
import { proxyKubeconfig } from "../test/harness/credentials.ts";
import { freePorts } from "../test/harness/ports.ts";

/** One write as it went over the wire. Times are monotonic milliseconds. */
export interface RecordedCall {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly code: number;
  readonly answer: string;
}

export interface RecordingProxy {
  readonly kubeconfigFile: string;
  readonly calls: readonly RecordedCall[];
  stop(): Promise<void>;
}

/** Passes everything on to the cluster's API server and keeps the writes. */
export async function startRecordingProxy(cluster: Cluster): Promise<RecordingProxy> {
  const [port = 0] = await freePorts(1);
  const agent = new Agent({ connect: { ca: await readFile(cluster.caFile, "utf8") }, bodyTimeout: 0 });
  const calls: RecordedCall[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url: path = "/", headers } = request;
    const body = await text(request);
    const startedAt = performance.now();
    const { authorization = "", accept = "*/*", "content-type": contentType } = headers;
    const upstream = await agent.request({
      origin: cluster.url,
      path,
      method:
        method === "GET"
          ? "GET"
          : method === "POST"
            ? "POST"
            : method === "PUT"
              ? "PUT"
              : method === "PATCH"
                ? "PATCH"
                : "DELETE",
      headers: {
        authorization,
        accept,
        "user-agent": "berthage/recorded",
        ...(contentType && { "content-type": contentType }),
      },
      body: body === "" ? null : body,
    });
    response.writeHead(upstream.statusCode, { "content-type": String(upstream.headers["content-type"]) });
    if (method === "GET") return pipeline(upstream.body, response);
    const answer = await upstream.body.text();
    const endedAt = performance.now();
    calls.push({
      method,
      path,
      contentType: contentType ?? "",
      body,
      startedAt,
      endedAt,
      code: upstream.statusCode,
      answer,
    });
    response.end(answer);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy()); // the operator went, or a watch was cut
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const kubeconfigFile = join(cluster.dir, "kubeconfig-recorded");
  await writeFile(kubeconfigFile, proxyKubeconfig(`http://127.0.0.1:${port}`, cluster.token));
  return {
    kubeconfigFile,
    calls,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.destroy();
    },
  };
}
