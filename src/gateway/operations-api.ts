import express, { type Express, type RequestHandler } from "express";
import { handleErrors, notFound } from "./error-handling.ts";
import type { GatewayLogger } from "./logger.ts";

/** One condition of being alive, or ready. */
export interface Check {
  readonly name: string;
  /** What is wrong; undefined when nothing is. */
  check(): string | undefined;
}

export interface OperationsOptions {
  /** What only a restart would mend. That the process answers at all shows that its event loop turns. */
  readonly alive: readonly Check[];
  /** What must be so before anybody is sent here. */
  readonly ready: readonly Check[];
  /** Renders all metrics in the format that the Accept header asks for. */
  metrics(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>;
  readonly logger: GatewayLogger;
}

/**
 * What Kubernetes and Prometheus ask:
 *
 *     GET /healthz    200 while the process turns its event loop and is not past mending itself, else 503
 *     GET /readyz     200 when tenants may be sent here, else 503
 *                     both with each check by name
 *     GET /metrics    Prometheus text, or OpenMetrics by Accept
 */
export function createOperationsApi({ alive, ready, metrics, logger }: OperationsOptions): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.get("/healthz", answerChecks(alive, "not alive"));
  app.get("/readyz", answerChecks(ready, "not ready"));
  app.get("/metrics", async (request, response) => {
    const { contentType, body } = await metrics(request.get("accept"));
    response.set("Content-Type", contentType).send(body);
  });
  app.use(notFound, handleErrors(logger));
  return app;
}

function answerChecks(checks: readonly Check[], otherwise: string): RequestHandler {
  return (_request, response) => {
    const results = checks.map((check) => ({ name: check.name, problem: problemOf(check) }));
    const isWell = results.every(({ problem }) => problem === undefined);
    response.status(isWell ? 200 : 503).json({ status: isWell ? "ok" : otherwise, checks: results });
  };
}

/** A check that fails to check is a problem too. */
function problemOf(check: Check): string | undefined {
  try {
    return check.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
