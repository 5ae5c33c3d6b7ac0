import express, { type Express } from "express";
import type { GatewayBackend } from "./backend.ts";
import { handleErrors, notFound } from "./error-handling.ts";
import { leaseRoute } from "./lease-route.ts";
import type { GatewayLogger } from "./logger.ts";
import { defaultIntakeLimits, type IntakeLimits } from "./manifest-intake.ts";
import { manifestRoute } from "./manifest-route.ts";
import type { ManifestStore } from "./manifest-store.ts";
import { networkRoute } from "./network-route.ts";
import { defaultRateLimits, limitAddresses, type RateLimits, TenantLimit } from "./rate-limits.ts";
import { ReplayCache } from "./replay-cache.ts";
import { RequestContext } from "./request-context.ts";
import { logRequests } from "./request-log.ts";

export interface TenantApiOptions {
  readonly backend: GatewayBackend;
  readonly manifests: Pick<ManifestStore, "list" | "put">;
  readonly logger: GatewayLogger;
  /** Milliseconds since the epoch. Default: the wall clock. */
  readonly now?: () => number;
  /** CIDRs of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
  readonly rateLimits?: RateLimits;
  readonly intakeLimits?: IntakeLimits;
}

/**
 * The tenant API:
 *
 *     GET /v1/networks/{network}                     public: what tenants sign and seal with
 *     PUT /v1/networks/{network}/manifests/{hash}    scope send-manifest: stores a sealed manifest
 *     GET /v1/networks/{network}/leases/{id}         scope status: one lease of the tenant's
 *
 * How requests are signed stands in request-signature.ts. Errors are `{error: {code, message, hint, field?}}`.
 */
export function createTenantApi(options: TenantApiOptions): Express {
  const { backend, manifests, logger, now = Date.now, trustedProxies = [] } = options;
  const { rateLimits = defaultRateLimits, intakeLimits: limits = defaultIntakeLimits } = options;
  const authentication = { backend, replays: new ReplayCache(), now };
  const context = new RequestContext(authentication, new TenantLimit(rateLimits, now));
  const app = express();
  app
    .disable("x-powered-by")
    .disable("etag")
    .set("trust proxy", [...trustedProxies])
    .set("query parser", false);
  app.use(logRequests(logger), (_request, response, next) => {
    response.set({ "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" });
    next();
  });
  app.use(limitAddresses(rateLimits));
  app.get("/v1/networks/:network", networkRoute(context, now));
  app.put("/v1/networks/:network/manifests/:hash", manifestRoute(context, { backend, manifests, limits }));
  app.get("/v1/networks/:network/leases/:id", leaseRoute(context, backend));
  app.use(notFound, handleErrors(logger));
  return app;
}
