import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { keccak256 } from "ethers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GatewayBackend } from "../../../src/gateway/backend.ts";
import type { StoredManifest, Upload } from "../../../src/gateway/manifest-store.ts";
import { type Serving, serve } from "../../../src/gateway/serve.ts";
import { createTenantApi, type TenantApiOptions } from "../../../src/gateway/tenant-api.ts";
import { eventually } from "../../harness/wait.ts";
import { createTenant, headersFor, market, providerId } from "../../support/tenant.ts";
import { exchange, parseAnswer } from "./raw.ts";

const failures: object[] = [];
const lines: string[] = [];
const log = (message: string, fields: object = {}): void => void lines.push(JSON.stringify({ message, ...fields }));
const logger = { info: log, warn: log, error: (_message: string, fields: object = {}) => void failures.push(fields) };
const backend: GatewayBackend = {
  network: (name) =>
    name === "market" ? { chainId: 31_337n, market: market.market, providerId, manifestKey: "0x" } : undefined,
  lease: () => undefined,
  leases: () => [],
};
const kept = new Map<string, StoredManifest>();
const manifests: TenantApiOptions["manifests"] = {
  list: () => Promise.resolve(kept),
  put({ bytes: _, ...upload }: Upload) {
    kept.set(upload.hash, { ...upload, createdAt: 0, uid: "" });
    return Promise.resolve("stored");
  },
};
const tenant = createTenant();
const rateLimits = { perAddress: 1_000_000, perTenant: 1_000_000 };

function start(limits: object = {}): Promise<Serving> {
  const app = createTenantApi({ backend, manifests, logger, rateLimits });
  return serve(app, { host: "127.0.0.1", port: 0, ...limits });
}

let gateway: Serving;
beforeAll(async () => {
  gateway = await start();
});
afterAll(async () => {
  await gateway.close(1);
  expect(failures).toEqual([]);
});

/** Whether an honest tenant is served over a connection of their own. */
async function statusOf(at: Serving): Promise<number> {
  const head = "GET /v1/networks/market HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  return parseAnswer(await exchange(at.port, [head])).status;
}

/** Opens connections that each say `words` and then nothing; `ended` counts those that the server closed. */
class Crowd {
  readonly #sockets: Socket[] = [];
  ended = 0;

  /** A hundred at a time: beyond what the kernel queues, it forgets connections without telling their client. */
  async join(port: number, count: number, words: string): Promise<void> {
    for (let joined = 0; joined < count; joined += 100) {
      const some = Math.min(100, count - joined);
      await Promise.all(Array.from({ length: some }, () => this.#open(port, words)));
    }
  }

  #open(port: number, words: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        if (words !== "") socket.write(words);
        resolve();
      });
      this.#sockets.push(socket);
      socket.resume().on("error", () => resolve()); // reset by the server: `close` follows
      socket.once("close", () => {
        this.ended += 1;
      });
    });
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

const silences: readonly (readonly [string, string])[] = [
  ["say nothing", ""],
  ["stop within the request line", "GET /v1/netw"],
  ["stop within the headers", "GET /v1/networks/market HTTP/1.1\r\nHost: a\r\nX-A: "],
  ["were answered and stay", "GET /v1/networks/market HTTP/1.1\r\nHost: a\r\n\r\n"],
];

describe("a crowd of connections", () => {
  it.each([
    ["1,500", "say nothing", "", 1000],
    ["1,500", "were answered and stay", silences[3]?.[1] ?? "", 1000],
    ["150", "stop within the request line", silences[1]?.[1] ?? "", 100],
    ["150", "stop within the headers", silences[2]?.[1] ?? "", 100],
  ])("of %s that %s keeps nobody else out", async (_count, _what, words, maxConnections) => {
    const crowded = await start({ maxConnections });
    const crowd = new Crowd();
    try {
      await crowd.join(crowded.port, 1.5 * maxConnections, words);
      for (let request = 0; request < 5; request += 1) expect(await statusOf(crowded)).toBe(200);
      const tooMany = 0.5 * maxConnections;
      await eventually("the crowd to be cut to the limit", () => (crowd.ended >= tooMany ? true : undefined));
    } finally {
      crowd.leave();
      await crowded.close(0);
    }
  });

  it.each(silences.slice(0, 3))("that %s is ended in time", async (_what, words) => {
    const strict = await start({ headersTimeoutSeconds: 1, requestTimeoutSeconds: 2 });
    const crowd = new Crowd();
    try {
      await crowd.join(strict.port, 200, words);
      await eventually("the end of all", () => (crowd.ended === 200 ? true : undefined));
      expect(await statusOf(strict)).toBe(200);
    } finally {
      crowd.leave();
      await strict.close(0);
    }
  });

  it("that says nothing to TLS is ended in time, and by a server that closes at once", async () => {
    const tls = { cert: "", key: "" }; // no handshake gets so far
    for (const headersTimeoutSeconds of [1, 60]) {
      const strict = await start({ tls, headersTimeoutSeconds });
      const crowd = new Crowd();
      await crowd.join(strict.port, 100, "");
      await exchange(strict.port, ["no handshake\r\n\r\n"]); // ends by itself
      if (headersTimeoutSeconds === 60) await strict.close(0);
      await eventually("the end of all", () => (crowd.ended === 100 ? true : undefined), { timeoutSeconds: 10 });
      if (headersTimeoutSeconds === 1) await strict.close(0);
    }
  });

  it("that trickles a body is ended in time", async () => {
    const strict = await start({ requestTimeoutSeconds: 2, maxConnections: 50 });
    const body = randomBytes(64);
    const path = `/v1/networks/market/manifests/${keccak256(body)}`;
    const grant = await tenant.grant();
    const heads = Array.from({ length: 50 }, () => {
      const headers = {
        host: "a",
        "content-length": "64",
        ...headersFor(tenant, grant, { method: "PUT", path, body }),
      };
      return `PUT ${path} HTTP/1.1\r\n${Object.entries(headers)
        .map(([k, v]) => `${k}: ${v}\r\n`)
        .join("")}\r\nx`;
    });
    try {
      const answers = await Promise.all(heads.map((head) => exchange(strict.port, [head])));
      for (const answer of answers) expect(parseAnswer(answer)).toMatchObject({ status: 408 });
      expect(kept.has(keccak256(body))).toBe(false);
      expect(await statusOf(strict)).toBe(200);
    } finally {
      await strict.close(0);
    }
  });
});

describe("requests of any bytes", () => {
  /** Every answer of the server: JSON with code, message and hint, or a closed door; never a stack or what was sent. */
  async function expectRefusal(request: string | Uint8Array): Promise<void> {
    const answer = await exchange(gateway.port, [request, "\r\n\r\n\r\n\r\n"]);
    if (answer === "") return;
    const { status, body } = parseAnswer(answer);
    expect([400, 401, 404, 408, 413, 415, 417, 431]).toContain(status);
    expect(body).toMatchObject({ error: { code: /^[A-Z][A-Za-z]+$/, message: /\S/, hint: /\S/ } } satisfies object);
    expect(answer.length).toBeLessThan(1500);
    expect(answer).not.toMatch(/node:|\.ts:|\n\s+at /);
  }
  const close = "Connection: close\r\n";

  it("in headers are refused in JSON", async () => {
    const name = fc.constantFrom(
      "Authorization",
      "Berthage-Timestamp",
      "Berthage-Nonce",
      "Berthage-Signature",
      "Content-Digest",
      "Content-Encoding",
      "X-Forwarded-For",
      "Cookie",
      "Accept-Encoding",
      "If-None-Match",
      "Range",
    );
    const value = fc.uint8Array({ maxLength: 200 }).map((bytes) =>
      Buffer.from(bytes)
        .toString("latin1")
        .replace(/[\r\n\0]/g, "-"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 6 }), async (headers) => {
        const junk = headers.map(([key, text]) => `${key}: ${text}\r\n`).join("");
        const path = `/v1/networks/market/leases/7`;
        await expectRefusal(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a\r\n${close}${junk}\r\n`, "latin1"));
      }),
      { numRuns: 150 },
    );
  });

  it("in the path are refused in JSON", async () => {
    const part = fc.oneof(
      fc.constantFrom(
        "..",
        "%2e%2e",
        "%00",
        "%ff",
        "%zz",
        "%u0041",
        "\u0001",
        "\u00e9",
        "//",
        "?",
        "#",
        ";",
        "__proto__",
        "constructor",
        "market",
        "v1",
        "networks",
        "leases",
        "0x",
        "%E2%80%AE",
      ),
      fc.uint8Array({ maxLength: 12 }).map((bytes) =>
        Buffer.from(bytes)
          .toString("latin1")
          .replace(/[\r\n ]/g, "-"),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 8 }),
        fc.constantFrom("GET", "PUT", "DELETE", "TRACE"),
        async (parts, method) => {
          fc.pre(parts.join("/").replace(/[?#].*$/s, "") !== "market");
          const head = `${method} /v1/networks/x${parts.join("/")} HTTP/1.1\r\nHost: a\r\n${close}\r\n`;
          await expectRefusal(Buffer.from(head, "latin1"));
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ["a smuggled length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"],
    ["a smuggled coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n"],
    ["an absurd length", `PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${"9".repeat(30)}\r\n\r\n`],
    ["an absurd chunk", "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n"],
    ["a folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"],
    ["a header without a name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"],
    ["a space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"],
    ["many headers", `GET / HTTP/1.1\r\nHost: a\r\n${"a: b\r\n".repeat(5000)}\r\n`],
    ["a long path", `GET /${"a".repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001"],
    ["a proxy's request", "CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ])("of %s get an error or a closed door", async (_what, request) => {
    await expectRefusal(request.replace("Host: a\r\n", `Host: a\r\n${close}`));
    expect(await statusOf(gateway)).toBe(200);
  });

  it("without a host are refused, as HTTP asks", async () => {
    expect(await exchange(gateway.port, ["GET / HTTP/1.1\r\n\r\n"])).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("put no control character and no endless line into the log", () => {
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) {
      expect(line.length).toBeLessThan(1000);
      expect(line).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe("a request of a tenant", () => {
  it("that many send again at the same moment is taken once", async () => {
    const body = randomBytes(64);
    const path = `/v1/networks/market/manifests/${keccak256(body)}`;
    const headers = headersFor(tenant, await tenant.grant(), { method: "PUT", path, body });
    const send = (): Promise<Response> => fetch(gateway.url + path, { method: "PUT", headers, body });
    const answers = await Promise.all(Array.from({ length: 30 }, send));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(29).fill(401)]);
  });
});
