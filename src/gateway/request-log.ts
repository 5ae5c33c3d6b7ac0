import type { RequestHandler } from "express";
import type { GatewayLogger } from "./logger.ts";

/** Logs each request once it was answered or cut off. Headers are credentials and are never looked at. */
export function logRequests(logger: GatewayLogger): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.once("close", () => {
      const milliseconds = Math.round(performance.now() - started);
      const path = request.originalUrl.slice(0, 200);
      const status = response.writableFinished ? response.statusCode : 499;
      logger.info("request", { method: request.method, path, status, milliseconds, address: request.ip });
    });
    next();
  };
}
