import type { RequestHandler } from "express";
import type { RequestContext } from "./request-context.ts";

/** Versions of what tenants and gateway must agree on. */
export const protocolVersions = { gateway: "1", grant: "1", request: "1" } as const;

/** `GET /v1/networks/{network}`: public; what a tenant signs and seals with. */
export function networkRoute(context: RequestContext, now: () => number): RequestHandler {
  return (request, response) => {
    const { name, chainId, market, providerId, manifestKey } = context.network(request, response);
    response.json({
      network: name,
      chainId: chainId.toString(),
      market,
      providerId,
      manifestKey,
      protocol: protocolVersions,
      timeSeconds: Math.floor(now() / 1000),
    });
  };
}
