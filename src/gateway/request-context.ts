import type { Request, Response } from "express";
import { isNetworkName } from "../api/names.ts";
import { type AuthenticationParts, authenticate, checkScope, type Session } from "./authentication.ts";
import type { GatewayNetwork } from "./backend.ts";
import type { GrantScope } from "./grant.ts";
import type { TenantLimit } from "./rate-limits.ts";
import { refuse, required } from "./refusal.ts";

export interface NamedNetwork extends GatewayNetwork {
  readonly name: string;
}

/** A connection usually stands within seconds of a start. */
const CONNECTING_SECONDS = 5;

/** What every route asks of a request first: which network, and who asks. */
export class RequestContext {
  readonly #authentication: AuthenticationParts;
  readonly #tenants: TenantLimit;

  constructor(authentication: AuthenticationParts, tenants: TenantLimit) {
    this.#authentication = authentication;
    this.#tenants = tenants;
  }

  /** The network in the path. @throws GatewayError */
  network(request: Request, response: Response): NamedNetwork {
    const name = parameter(request, "network");
    const network = isNetworkName(name) ? this.#authentication.backend.network(name) : undefined;
    if (network === undefined) {
      return refuse(404, "NoSuchNetwork", "this provider is on no such network", "Check its name.", "network");
    }
    if (network === "connecting") {
      response.set("Retry-After", String(CONNECTING_SECONDS));
      return refuse(503, "NotReady", `network ${name} is being connected`, "Try again in a moment.", "network");
    }
    return { ...network, name };
  }

  /** Who asks, within their limit and scope. @throws GatewayError */
  async session(request: Request, response: Response, network: NamedNetwork, scope: GrantScope): Promise<Session> {
    const { method, originalUrl: path } = request;
    const incoming = { method, path, header: (name: string) => request.get(name) };
    const session = required(await authenticate(this.#authentication, network.name, network, incoming));
    const waitSeconds = this.#tenants.take(session.tenant);
    if (waitSeconds > 0) {
      response.set("Retry-After", String(waitSeconds));
      refuse(429, "RateLimited", "too many requests of this tenant", `Wait ${waitSeconds} seconds.`);
    }
    return required(checkScope(session, scope));
  }
}

/** A parameter of the path; empty when the route has none of that name. */
export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === "string" ? value : "";
}
