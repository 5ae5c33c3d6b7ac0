import { keccak256 } from "ethers";
import express, { type Express, type Request, type Response } from "express";
import { isLeaseId, isNetworkName } from "../api/names.ts";
import { type AuthenticationParts, authenticate, checkScope, type Session } from "./authentication.ts";
import type { GatewayBackend, GatewayNetwork } from "./backend.ts";
import { readBody } from "./body.ts";
import { handleErrors, notFound } from "./error-handling.ts";
import type { GrantScope } from "./grant.ts";
import { leaseView } from "./lease-view.ts";
import type { GatewayLogger } from "./logger.ts";
import { checkIntake, defaultIntakeLimits, type IntakeLimits, nextStep } from "./manifest-intake.ts";
import type { ManifestStore } from "./manifest-store.ts";
import { defaultRateLimits, limitAddresses, type RateLimits, TenantLimit } from "./rate-limits.ts";
import { GatewayError, type Refusal, required } from "./refusal.ts";
import { ReplayCache } from "./replay-cache.ts";
import { logRequests } from "./request-log.ts";
import { bodyDigestOf } from "./request-signature.ts";
import { Turns } from "./turns.ts";

/** Largest sealed manifest. */
export const largestEnvelopeBytes = 96 * 1024;

/** Versions of what tenants and gateway must agree on. */
export const protocolVersions = { gateway: "1", grant: "1", request: "1" } as const;

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
 * How requests are signed stands in request-signature.ts.
 */
export function createTenantApi(options: TenantApiOptions): Express {
  const { logger, trustedProxies = [], rateLimits = defaultRateLimits } = options;
  const routes = new Routes(options);
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
  app.get("/v1/networks/:network", (request, response) => routes.network(request, response));
  app.put("/v1/networks/:network/manifests/:hash", (request, response) => routes.putManifest(request, response));
  app.get("/v1/networks/:network/leases/:id", (request, response) => routes.lease(request, response));
  app.use(notFound, handleErrors(logger));
  return app;
}

class Routes {
  readonly #backend: GatewayBackend;
  readonly #manifests: TenantApiOptions["manifests"];
  readonly #authentication: AuthenticationParts;
  readonly #limits: IntakeLimits;
  readonly #tenants: TenantLimit;
  readonly #turns = new Turns();

  constructor(options: TenantApiOptions) {
    const { backend, manifests, now = Date.now, rateLimits = defaultRateLimits } = options;
    this.#backend = backend;
    this.#manifests = manifests;
    this.#authentication = { backend, replays: new ReplayCache(), now };
    this.#limits = options.intakeLimits ?? defaultIntakeLimits;
    this.#tenants = new TenantLimit(rateLimits, now);
  }

  network(request: Request, response: Response): void {
    const { name, network } = this.#find(request);
    response.json({
      network: name,
      chainId: network.chainId.toString(),
      market: network.market,
      providerId: network.providerId,
      manifestKey: network.manifestKey,
      protocol: protocolVersions,
      timeSeconds: Math.floor(this.#authentication.now() / 1000),
    });
  }

  async putManifest(request: Request, response: Response): Promise<void> {
    const { name, network } = this.#find(request);
    const hash = textOf(request.params["hash"]);
    if (!/^0x[0-9a-f]{64}$/.test(hash))
      refuse(
        400,
        "BadHash",
        "the hash is not 0x and 64 hex digits in lower case",
        "Use keccak256 of the body.",
        "hash",
      );
    const session = await this.#session(request, response, "send-manifest", name, network);
    this.#checkLeaseOf(session, name);
    const bytes = await this.#readManifest(request, session, hash);
    const leases = this.#backend.leases(name);
    if (leases === undefined)
      throw new GatewayError({ ...notReady, message: `the leases of network ${name} are not known yet` });
    const { tenant } = session;
    // One at a time: what the check counts must not change before the store.
    const outcome = await this.#turns.next(async () => {
      const stored = await this.#manifests.list();
      const decision = required(checkIntake({ hash, tenant, stored, leases, limits: this.#limits }));
      return decision === "present" ? decision : await this.#manifests.put({ hash, tenant, network: name, bytes });
    });
    response.status(outcome === "stored" ? 201 : 200);
    response.json({ hash, bytes: bytes.length, next: nextStep(hash, tenant, leases, this.#limits) });
  }

  async lease(request: Request, response: Response): Promise<void> {
    const { name, network } = this.#find(request);
    const id = textOf(request.params["id"]);
    if (!isLeaseId(id))
      refuse(400, "BadLeaseId", "the lease id is not a decimal number", "Use the id of the lease.", "id");
    const session = await this.#session(request, response, "status", name, network);
    if (session.leaseId !== undefined && session.leaseId !== id)
      refuse(403, "OtherLease", `the grant is for lease ${session.leaseId} only`, "Sign a grant for this lease.");
    const lease = this.#backend.lease(name, id);
    if (lease === undefined)
      return refuse(
        404,
        "NoSuchLease",
        `lease ${id} is not known here`,
        "A lease shows a few blocks after it was opened, with the provider of its offer.",
      );
    if (lease.spec.tenant.toLowerCase() !== session.tenant)
      refuse(403, "NotYourLease", `lease ${id} is another tenant's`, "Sign the grant with the wallet that opened it.");
    response.json(leaseView(lease));
  }

  #find(request: Request): { readonly name: string; readonly network: GatewayNetwork } {
    const name = textOf(request.params["network"]);
    const network = isNetworkName(name) ? this.#backend.network(name) : undefined;
    if (network === undefined)
      return refuse(
        404,
        "NoSuchNetwork",
        "this provider is on no such network now",
        "Check its name, or wait.",
        "network",
      );
    return { name, network };
  }

  /** Who asks, within their limit and scope. @throws GatewayError */
  async #session(
    request: Request,
    response: Response,
    scope: GrantScope,
    name: string,
    network: GatewayNetwork,
  ): Promise<Session> {
    const { method, originalUrl: path } = request;
    const incoming = { method, path, header: (header: string) => request.get(header) };
    const session = required(await authenticate(this.#authentication, name, network, incoming));
    const waitSeconds = this.#tenants.take(session.tenant);
    if (waitSeconds > 0) {
      response.set("Retry-After", String(waitSeconds));
      refuse(429, "RateLimited", "too many requests of this tenant", `Wait ${waitSeconds} seconds.`);
    }
    return required(checkScope(session, scope));
  }

  /** A session for one lease may send manifests for that lease, which must be the tenant's. */
  #checkLeaseOf(session: Session, network: string): void {
    if (session.leaseId === undefined) return;
    const lease = this.#backend.lease(network, session.leaseId);
    if (lease?.spec.tenant.toLowerCase() === session.tenant) return;
    const hint = "Wait until the lease shows here, or sign a grant for all of your leases.";
    refuse(403, "NotYourLease", `lease ${session.leaseId} is not known here as yours`, hint);
  }

  async #readManifest(request: Request, session: Session, hash: string): Promise<Uint8Array> {
    const bytes = required(await readBody(request, largestEnvelopeBytes));
    if (bodyDigestOf(bytes) !== session.bodyDigest)
      refuse(400, "DigestMismatch", "the body is not the one that was signed", "Sign the bytes that you send.");
    if (keccak256(bytes) !== hash)
      refuse(
        422,
        "HashMismatch",
        "keccak256 of the body is not the hash in the path",
        "Send the sealed bytes unchanged.",
      );
    return bytes;
  }
}

const notReady: Refusal = { status: 503, code: "NotReady", message: "not ready", hint: "Try again in a minute." };

function refuse(status: number, code: string, message: string, hint: string, field?: string): never {
  throw new GatewayError({ status, code, message, hint, ...(field === undefined ? {} : { field }) });
}

function textOf(parameter: string | readonly string[] | undefined): string {
  return typeof parameter === "string" ? parameter : "";
}
