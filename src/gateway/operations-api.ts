import express, { type Express } from "express";
import { handleErrors, notFound } from "./error-handling.ts";
import type { GatewayLogger } from "./logger.ts";

/** One condition of being ready. */
export interface ReadinessCheck {
  readonly name: string;
  /** What is wrong; undefined when nothing is. */
  check(): string | undefined;
}

export interface OperationsOptions {
  readonly checks: readonly ReadinessCheck[];
  /** Renders all metrics in the format that the Accept header asks for. */
  metrics(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>;
  readonly logger: GatewayLogger;
}

/**
 * What Kubernetes and Prometheus ask:
 *
 *     GET /healthz    200 while the process turns its event loop
 *     GET /readyz     200 when every check passes, else 503; each check by name
 *     GET /metrics    Prometheus text, or OpenMetrics by Accept
 */
export function createOperationsApi({ checks, metrics, logger }: OperationsOptions): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/readyz", (_request, response) => {
    const results = checks.map((check) => ({ name: check.name, problem: problemOf(check) }));
    const isReady = results.every(({ problem }) => problem === undefined);
    response.status(isReady ? 200 : 503).json({ status: isReady ? "ok" : "not ready", checks: results });
  });
  app.get("/metrics", async (request, response) => {
    const { contentType, body } = await metrics(request.get("accept"));
    response.set("Content-Type", contentType).send(body);
  });
  app.use(notFound, handleErrors(logger));
  return app;
}

/** A check that fails to check is a problem too. */
function problemOf(check: ReadinessCheck): string | undefined {
  try {
    return check.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
