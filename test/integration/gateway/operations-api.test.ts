import { afterEach, describe, expect, it } from "vitest";
import { type Check, createOperationsApi } from "../../../src/gateway/operations-api.ts";
import { type Serving, serve } from "../../../src/gateway/serve.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { parseOpenMetrics, seriesValue } from "../../support/openmetrics.ts";

const logger = { info() {}, warn() {}, error() {} };
let serving: Serving | undefined;

afterEach(async () => {
  await serving?.close(1);
});

async function start(
  ready: readonly Check[] = [],
  alive: readonly Check[] = [],
): Promise<{ url: string; metrics: ReturnType<typeof createMetrics> }> {
  const metrics = createMetrics({ version: "1.2.3", commit: "abc", processMetrics: true });
  const app = createOperationsApi({ alive, ready, metrics: (accept) => metrics.page(accept), logger });
  serving = await serve(app, { host: "127.0.0.1", port: 0 });
  return { url: serving.url, metrics };
}

describe("probes", () => {
  it("tell alive from ready, and which check fails why", async () => {
    let problem: string | undefined = "no list yet";
    const { url } = await start([
      { name: "informers", check: () => problem },
      { name: "chain", check: () => undefined },
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const waiting = await fetch(`${url}/readyz`);
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toEqual({
      status: "not ready",
      checks: [{ name: "informers", problem: "no list yet" }, { name: "chain" }],
    });
    problem = undefined;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("tell a process that only a restart would mend", async () => {
    const { url } = await start([], [{ name: "leadership", check: () => "work goes on" }]);
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: "not alive",
      checks: [{ name: "leadership", problem: "work goes on" }],
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("take a check that throws for one that fails", async () => {
    const { url } = await start([
      {
        name: "broken",
        check() {
          throw new Error("cannot tell");
        },
      },
    ]);
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ checks: [{ name: "broken", problem: "cannot tell" }] });
  });
});

describe("metrics", () => {
  it("come as OpenMetrics to Prometheus's own Accept header", async () => {
    const { url, metrics } = await start();
    metrics.business.billed(90);
    const accept =
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const answer = await fetch(`${url}/metrics`, { headers: { accept } });
    expect(answer.headers.get("content-type")).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    const page = parseOpenMetrics(await answer.text());
    expect(seriesValue(page, "berthage_billed_seconds_total")).toBe(90);
    expect(page.has("nodejs_eventloop_lag_seconds")).toBe(true);
  });

  it("come as Prometheus text to everyone else", async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain("# TYPE controller_runtime_reconcile_total counter");
  });
});

describe("other paths", () => {
  it("are a 404 in JSON", async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/debug`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: "NoSuchPath" } });
  });
});

describe("an address that is taken", () => {
  it("is named in the error", async () => {
    await start();
    const port = serving?.port ?? 0;
    const app = createOperationsApi({ alive: [], ready: [], metrics: () => Promise.reject(new Error("none")), logger });
    await expect(serve(app, { host: "127.0.0.1", port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });
});
