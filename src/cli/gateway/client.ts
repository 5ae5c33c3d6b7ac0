import { isRecord } from "../../chain/hex.ts";
import type { Signer } from "../../chain/signer.ts";
import { createGrant, type GrantScope, type SignedGrant } from "../../gateway/grant.ts";
import { signRequest } from "../../gateway/request-signature.ts";
import { createSessionKey, type SessionKey } from "../../gateway/session-key.ts";
import { type Context, nowSeconds } from "../context.ts";
import { Failure } from "../failure.ts";
import type { Flags } from "../flags.ts";
import { codeOf } from "../input/files.ts";
import { parseUrl } from "../input/values.ts";
import type { MarketSession } from "../market/session.ts";
import { printable } from "../output/text.ts";

/** A grant serves one command: it need not last. */
const GRANT_SECONDS = 300;
/** The tenant's clock may be ahead of the gateway's. */
const GRANT_EARLY_SECONDS = 60;
const DEADLINE_MILLISECONDS = 30_000;
const NONCE_BYTES = 16;

interface Call {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly body?: Uint8Array;
}

/** The gateway of one provider, asked in the tenant's name. Each command signs one short grant for a fresh session key. */
export class GatewayClient {
  readonly #base: URL;
  readonly #root: string;
  readonly #providerId: string;
  readonly #grant: SignedGrant;
  readonly #sessionKey: SessionKey;
  readonly #context: Context;

  private constructor(
    base: URL,
    root: string,
    providerId: string,
    grant: SignedGrant,
    sessionKey: SessionKey,
    context: Context,
  ) {
    this.#base = base;
    this.#root = root;
    this.#providerId = providerId;
    this.#grant = grant;
    this.#sessionKey = sessionKey;
    this.#context = context;
  }

  /** Connects to `--gateway`. @throws Failure when it serves another market or provider: nothing secret is sent there */
  static async connect(
    session: MarketSession,
    providerId: string,
    signer: Signer,
    scope: GrantScope,
    flags: Flags,
    context: Context,
  ): Promise<GatewayClient> {
    const base = parseUrl(flags.required("gateway"), "--gateway");
    const network = flags.required("network");
    const root = `${base.pathname.replace(/\/+$/, "")}/v1/networks/${encodeURIComponent(network)}`;
    checkIdentity(await ask(base, { method: "GET", path: root }, {}), base, session, providerId);
    const sessionKey = createSessionKey();
    const now = nowSeconds(context);
    const grant = await createGrant(
      {
        chainId: String(session.chainId),
        market: session.market,
        tenant: signer.address,
        lease: "0", // an upload comes before its lease
        sessionKey: sessionKey.publicKey,
        scopes: [scope],
        notBefore: now - GRANT_EARLY_SECONDS,
        expires: now + GRANT_SECONDS,
      },
      { signTypedData: (domain, types, value) => signer.signTypedData({ domain, types, value }) },
    );
    return new GatewayClient(base, root, providerId, grant, sessionKey, context);
  }

  /** Uploads a sealed manifest; what happens next, in the gateway's words. */
  async putManifest(hash: string, envelope: Uint8Array): Promise<string> {
    const answer = await this.#ask({ method: "PUT", path: `${this.#root}/manifests/${hash}`, body: envelope });
    return typeof answer["next"] === "string" ? printable(answer["next"]) : "The gateway has it.";
  }

  /** The lease as the provider's cluster sees it. */
  async lease(leaseId: string): Promise<Record<string, unknown>> {
    return await this.#ask({ method: "GET", path: `${this.#root}/leases/${leaseId}` });
  }

  async #ask(call: Call): Promise<Record<string, unknown>> {
    const headers = signRequest({
      grant: this.#grant,
      sessionKey: this.#sessionKey,
      providerId: this.#providerId,
      nowSeconds: nowSeconds(this.#context),
      nonce: this.#context.random(NONCE_BYTES),
      ...call,
    });
    return await ask(this.#base, call, headers);
  }
}

async function ask(base: URL, call: Call, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const { method, path, body } = call;
  const [status, text] = await exchange(base, path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/octet-stream" }) },
    body: body === undefined ? null : new Uint8Array(body),
    signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
    redirect: "error", // a grant must not travel on
  });
  const answer = parseJson(text);
  if (status >= 200 && status < 300 && answer !== undefined) return answer;
  const error = answer?.["error"];
  if (isRecord(error) && typeof error["message"] === "string") {
    const hint = typeof error["hint"] === "string" ? error["hint"] : "ask the provider";
    throw new Failure(`the gateway refuses: ${printable(error["message"])} (HTTP ${status})`, printable(hint));
  }
  throw new Failure(
    `${base.origin} answered HTTP ${status} and no gateway's words`,
    "check --gateway (BERTHAGE_GATEWAY)",
  );
}

async function exchange(base: URL, path: string, request: RequestInit): Promise<[status: number, text: string]> {
  try {
    const response = await fetch(new URL(path, base.origin), request);
    return [response.status, await response.text()];
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Failure(
      `the gateway ${base.origin} cannot be reached: ${codeOf(cause)}`,
      "check --gateway (BERTHAGE_GATEWAY), or ask the provider whether it is up",
      { cause: error },
    );
  }
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkIdentity(
  answer: Record<string, unknown>,
  base: URL,
  { chainId, market }: MarketSession,
  providerId: string,
): void {
  const served = [answer["chainId"], String(answer["market"]).toLowerCase(), answer["providerId"]].map(String);
  const wanted = [String(chainId), market.toLowerCase(), providerId];
  if (served.join() === wanted.join()) return;
  throw new Failure(
    `the gateway ${base.origin} serves provider ${printable(served[2] ?? "")} of market ${printable(served[1] ?? "")} on chain ${printable(served[0] ?? "")}, not provider ${providerId} of ${market} on chain ${chainId}`,
    "ask the provider for its gateway and network name: --gateway, --network",
  );
}
