import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { GatewayLogger } from "./logger.ts";
import { GatewayError, type Refusal } from "./refusal.ts";

/** More than this of a body that nobody wants is not read: the connection ends instead. */
const mostDrainedBytes = 1_048_576;

/** The JSON of every error: `{error: {code, message, hint, field?}}`. */
export function errorBody({ code, message, hint, field }: Refusal): object {
  return { error: { code, message, hint, ...(field === undefined ? {} : { field }) } };
}

export function sendRefusal(request: Request, response: Response, refusal: Refusal): void {
  if (response.headersSent) return void response.destroy();
  if (refusal.status === 401) response.set("WWW-Authenticate", "Berthage");
  if (!request.complete && !(Number(request.get("content-length") ?? Number.NaN) <= mostDrainedBytes))
    response.set("Connection", "close");
  response.status(refusal.status).json(errorBody(refusal));
}

/** Answers what no route took. */
export const notFound: RequestHandler = (request, response) => {
  sendRefusal(request, response, {
    status: 404,
    code: "NoSuchPath",
    message: `${request.method} ${request.path.slice(0, 200)} is not part of this API`,
    hint: "Start at GET /v1/networks/{network}.",
  });
};

/** Turns whatever was thrown into an answer. Of an unexpected error the caller learns nothing but that it is logged. */
export function handleErrors(logger: GatewayLogger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    if (error instanceof GatewayError) return sendRefusal(request, response, error.refusal);
    if (isClientError(error)) {
      const message = "the request cannot be understood";
      return sendRefusal(request, response, { status: 400, code: "BadRequest", message, hint: "Check its path." });
    }
    logger.error("a request failed", { method: request.method, path: request.path, error });
    sendRefusal(request, response, {
      status: 500,
      code: "Internal",
      message: "the provider failed to serve this request",
      hint: "Try again; if it stays, tell the provider the time of this request.",
    });
  };
}

/** Express's own complaint about a request, such as a path that cannot be decoded. */
function isClientError(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 400;
}
