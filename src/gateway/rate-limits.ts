import type { RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import { GatewayError } from "./refusal.ts";

/** Requests a minute. */
export interface RateLimits {
  /** From one address (a /56 of IPv6), authenticated or not. */
  readonly perAddress: number;
  readonly perTenant: number;
}

export const defaultRateLimits: RateLimits = { perAddress: 300, perTenant: 120 };

const windowMilliseconds = 60_000;

/** Turns addresses away that ask too often, before anything is verified for them. */
export function limitAddresses({ perAddress }: RateLimits): RequestHandler {
  return rateLimit({
    windowMs: windowMilliseconds,
    limit: perAddress,
    ipv6Subnet: 56,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    validate: false, // its checks warn about headers that anyone may send
    handler: (_request, _response, next) => {
      const message = "too many requests from this address";
      next(new GatewayError({ status: 429, code: "RateLimited", message, hint: "Wait for Retry-After seconds." }));
    },
  });
}

/** Counts what each tenant asks for within fixed minutes, whatever addresses they come from. */
export class TenantLimit {
  readonly #limit: number;
  readonly #now: () => number;
  #counts = new Map<string, number>();
  #window = 0;

  constructor({ perTenant }: RateLimits, now: () => number) {
    this.#limit = perTenant;
    this.#now = now;
  }

  /** Counts one request. Returns 0, or the seconds to wait when it is one too many. */
  take(tenant: string): number {
    const now = this.#now();
    const window = Math.floor(now / windowMilliseconds);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(tenant) ?? 0) + 1;
    this.#counts.set(tenant, count);
    return count <= this.#limit ? 0 : Math.ceil(((window + 1) * windowMilliseconds - now) / 1000);
  }
}
