import { randomBytes } from "node:crypto";
import { getAddress } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Asked, createTenant, headersFor, market, providerId } from "../../test/support/tenant.ts";
import { authenticate, checkScope, type Session } from "./authentication.ts";
import type { GatewayBackend } from "./backend.ts";
import { createGrant, type Grant, type SignedGrant } from "./grant.ts";
import { grantToken } from "./grant-token.ts";
import type { Checked } from "./refusal.ts";
import { ReplayCache } from "./replay-cache.ts";

const nowSeconds = Date.UTC(2030, 0, 1) / 1000;
const tenant = createTenant();
const other = createTenant();
const body = Buffer.from("sealed");
const asked: Asked = { method: "PUT", path: "/v1/networks/market/manifests/0x00?x=1", body, nowSeconds };
const network = { chainId: 31_337n, market: market.market, providerId, manifestKey: "0x" };
const times = { notBefore: nowSeconds, expires: nowSeconds + 3600 };
const grant = await tenant.grant(times);

interface Setting {
  readonly now?: number;
  readonly replays?: ReplayCache;
  readonly isValidSignature?: GatewayBackend["isValidSignature"];
  readonly request?: { method?: string; path?: string };
  readonly provider?: string;
}

function attempt(headers: Record<string, string>, setting: Setting = {}): Promise<Checked<Session>> {
  const { now = nowSeconds, replays = new ReplayCache(), isValidSignature, provider = providerId } = setting;
  const backend: GatewayBackend = {
    network: () => network,
    lease: () => undefined,
    leases: () => [],
    ...(isValidSignature === undefined ? {} : { isValidSignature }),
  };
  const request = {
    method: asked.method,
    path: asked.path,
    header: (name: string) => headers[name],
    ...setting.request,
  };
  const parts = { backend, replays, now: () => now * 1000 };
  return authenticate(parts, "market", { ...network, providerId: provider }, request);
}

async function codeOf(attempted: Promise<Checked<Session>>): Promise<string> {
  const result = await attempted;
  return result.ok ? "accepted" : result.refusal.code;
}

const signed = (given: SignedGrant = grant, changes: Partial<Asked> = {}): Record<string, string> =>
  headersFor(tenant, given, { ...asked, ...changes });

describe("a signed request", () => {
  it("tells who asks, for what and with which body", async () => {
    const result = await attempt(signed(await tenant.grant({ ...times, lease: "7" })));
    expect(result).toMatchObject({
      ok: true,
      value: { tenant: tenant.address, leaseId: "7", scopes: ["send-manifest", "status"] },
    });
    expect(await attempt(signed())).toMatchObject({ ok: true, value: { leaseId: undefined } });
  });

  it("may spell addresses with checksums", async () => {
    const market = getAddress(grant.market);
    expect(await codeOf(attempt(signed(await tenant.grant({ ...times, market }))))).toBe("accepted");
  });

  it("is taken once", async () => {
    const replays = new ReplayCache();
    const headers = signed();
    expect(await codeOf(attempt(headers, { replays }))).toBe("accepted");
    expect(await codeOf(attempt(headers, { replays }))).toBe("Replayed");
    expect(await codeOf(attempt(headers, { replays, now: nowSeconds + 60 }))).toBe("Replayed");
    expect(await codeOf(attempt(signed(), { replays }))).toBe("accepted");
  });

  it.each<[string, Setting]>([
    ["another method", { request: { method: "GET" } }],
    ["another path", { request: { path: "/v1/networks/market/manifests/0x01?x=1" } }],
    ["another query", { request: { path: "/v1/networks/market/manifests/0x00?x=2" } }],
    ["another provider", { provider: "2" }],
  ])("is void for %s", async (_, setting) => {
    expect(await codeOf(attempt(signed(), setting))).toBe("BadRequestSignature");
  });

  it.each([
    [-61, "StaleRequest"],
    [-60, "accepted"],
    [60, "accepted"],
    [61, "StaleRequest"],
  ])("of %d seconds away from now is %s", async (offset, code) => {
    expect(await codeOf(attempt(signed(grant, { nowSeconds: nowSeconds + offset })))).toBe(code);
  });

  it("is refused rather than forgotten when there are too many to remember", async () => {
    const replays = new ReplayCache(1);
    expect(await codeOf(attempt(signed(), { replays }))).toBe("accepted");
    expect(await codeOf(attempt(signed(), { replays }))).toBe("Busy");
    const later = nowSeconds + 200;
    expect(await codeOf(attempt(signed(grant, { nowSeconds: later }), { replays, now: later }))).toBe("accepted");
  });

  it("does not use up a nonce that its session did not sign", async () => {
    const replays = new ReplayCache();
    const headers = signed();
    const forged = { ...headers, "berthage-signature": randomBytes(64).toString("base64url") };
    expect(await codeOf(attempt(forged, { replays }))).toBe("BadRequestSignature");
    expect(replays.size).toBe(0);
    expect(await codeOf(attempt(headers, { replays }))).toBe("accepted");
  });
});

describe("a grant", () => {
  it.each<[string, Partial<Grant>, number, string]>([
    ["expired", {}, nowSeconds + 3600, "GrantExpired"],
    ["not valid yet", {}, nowSeconds - 61, "GrantNotYetValid"],
    ["within clock skew", {}, nowSeconds - 60, "accepted"],
    ["valid for a day", { expires: nowSeconds + 86_400 }, nowSeconds, "accepted"],
    ["valid for longer", { expires: nowSeconds + 86_401 }, nowSeconds, "GrantLifetime"],
    ["valid for no time", { expires: nowSeconds }, nowSeconds, "GrantLifetime"],
    ["for another chain", { chainId: "1" }, nowSeconds, "WrongMarket"],
    ["for another market", { market: `0x${"11".repeat(20)}` }, nowSeconds, "WrongMarket"],
    ["of another tenant", { tenant: other.address }, nowSeconds, "BadGrantSignature"],
    ["for another session", { sessionKey: other.session.publicKey }, nowSeconds, "BadRequestSignature"],
  ])("that is %s", async (_, changes, now, code) => {
    const given = await tenant.grant({ ...times, ...changes });
    expect(await codeOf(attempt(signed(given, { nowSeconds: now }), { now }))).toBe(code);
  });

  it("is void when any field was changed after signing, even by the session itself", async () => {
    const changed = fc.constantFrom<Partial<SignedGrant>>(
      { tenant: other.address },
      { lease: "1" },
      { scopes: ["status"] },
      { scopes: [...grant.scopes, "exec"] },
      { scopes: [...grant.scopes].reverse() },
      { notBefore: grant.notBefore - 1 },
      { expires: grant.expires + 1 },
      { expires: grant.expires - 1 },
    );
    await fc.assert(
      fc.asyncProperty(changed, async (changes) => {
        expect(await codeOf(attempt(signed({ ...grant, ...changes })))).toBe("BadGrantSignature");
      }),
    );
  });

  it("is void when any bit of its signature was flipped", async () => {
    const bytes = Buffer.from(grant.signature.slice(2), "hex");
    await fc.assert(
      fc.asyncProperty(fc.nat(65 * 8 - 1), async (bit) => {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const given = { ...grant, signature: `0x${flipped.toString("hex")}` };
        expect(await codeOf(attempt(signed(given)))).toBe("BadGrantSignature");
      }),
    );
  });

  it("is void with the mirror image of its signature (EIP-2)", async () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const { signature } = grant;
    const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    const mirrored = `${signature.slice(0, 66)}${s}${signature.endsWith("1b") ? "1c" : "1b"}`;
    expect(await codeOf(attempt(signed({ ...grant, signature: mirrored })))).toBe("BadGrantSignature");
  });

  it("lets a session do what it names only", async () => {
    const result = await attempt(signed(await tenant.grant({ ...times, scopes: ["status"] })));
    if (!result.ok) throw new Error(result.refusal.message);
    expect(checkScope(result.value, "status").ok).toBe(true);
    expect(checkScope(result.value, "send-manifest")).toMatchObject({ refusal: { status: 403, code: "ScopeMissing" } });
  });
});

describe("a tenant that is a contract (ERC-1271)", () => {
  const contract = `0x${"c0".repeat(20)}`;
  const wallet = { signTypedData: () => Promise.resolve(`0x${"ab".repeat(100)}`) };
  const contractGrant = createGrant({ ...grant, tenant: contract }, wallet);

  it("is asked on its network, with the hash and the signature as given", async () => {
    const questions: string[][] = [];
    const isValidSignature = (...question: string[]): Promise<boolean> => {
      questions.push(question);
      return Promise.resolve(true);
    };
    const given = await contractGrant;
    expect(await codeOf(attempt(signed(given), { isValidSignature }))).toBe("accepted");
    expect(questions).toEqual([["market", contract, expect.stringMatching(/^0x[0-9a-f]{64}$/), given.signature]]);
  });

  it("is refused when it says no, or when nobody can ask it", async () => {
    const headers = signed(await contractGrant);
    expect(await codeOf(attempt(headers, { isValidSignature: () => Promise.resolve(false) }))).toBe(
      "BadGrantSignature",
    );
    expect(await codeOf(attempt(headers))).toBe("BadGrantSignature");
  });

  it("is told to come back when the chain is away, which is no verdict (law 1)", async () => {
    const isValidSignature = (): Promise<boolean> => Promise.reject(new Error("unreachable"));
    const result = await attempt(signed(await contractGrant), { isValidSignature });
    expect(result).toMatchObject({ refusal: { status: 503, code: "ChainUnavailable" } });
  });

  it("is not asked for a key that signed for itself", async () => {
    const isValidSignature = (): Promise<boolean> => Promise.reject(new Error("must not be asked"));
    expect(await codeOf(attempt(signed(), { isValidSignature }))).toBe("accepted");
  });
});

describe("malformed headers", () => {
  const names = ["authorization", "berthage-timestamp", "berthage-nonce", "berthage-signature", "content-digest"];

  it.each(names)("without %s", async (name) => {
    const { [name]: _, ...headers } = signed();
    expect(await attempt(headers)).toMatchObject({ refusal: { status: 401 } });
  });

  it("never pass, crash or give anything but a 401 when a character was changed", async () => {
    const headers = signed();
    const place = fc
      .constantFrom(...names)
      .chain((name) => fc.tuple(fc.constant(name), fc.nat(headers[name]?.length ?? 0)));
    await fc.assert(
      fc.asyncProperty(place, fc.string({ maxLength: 3 }), async ([name, at], insert) => {
        const before = headers[name] ?? "";
        const after = before.slice(0, at) + insert + before.slice(at + 1);
        fc.pre(after !== before);
        expect(await attempt({ ...headers, [name]: after })).toMatchObject({ refusal: { status: 401 } });
      }),
      { numRuns: 300 },
    );
  });

  it("of any content are a 401", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), fc.string()), async (headers) => {
        expect(await attempt(headers)).toMatchObject({ refusal: { status: 401 } });
      }),
    );
  });

  it("of any JSON in the grant are a 401", async () => {
    const field = fc.constantFrom(...Object.keys(grant));
    await fc.assert(
      fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
        fc.pre(JSON.stringify(Reflect.get(grant, name)) !== JSON.stringify(value));
        const json = JSON.stringify({ ...grant, [name]: value });
        const authorization = `Berthage ${Buffer.from(json).toString("base64url")}`;
        expect(await attempt({ ...signed(), authorization })).toMatchObject({ refusal: { status: 401 } });
      }),
    );
  });

  it.each([
    ["a bearer token", "Bearer abc", "does not start"],
    ["bad base64", "Berthage ***", "not base64url"],
    ["no JSON", `Berthage ${Buffer.from("{").toString("base64url")}`, "not JSON"],
    ["a list", `Berthage ${Buffer.from("[]").toString("base64url")}`, "not JSON"],
    ["a short tenant", grantToken({ ...grant, tenant: "0x12" }), "tenant"],
    ["an id in hex", grantToken({ ...grant, lease: "0x12" }), "lease"],
    ["too many scopes", grantToken({ ...grant, scopes: Array.from({ length: 17 }, () => "status") }), "scopes"],
    ["half seconds", grantToken({ ...grant, expires: 1.5 }), "whole seconds"],
    ["upper case", `Berthage ${Buffer.from(JSON.stringify(grant).toUpperCase()).toString("base64url")}`, "chainId"],
    [
      "another order of fields",
      `Berthage ${Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(grant).reverse()))).toString("base64url")}`,
      "order",
    ],
    ["a signature of no bytes", grantToken({ ...grant, signature: "0x" }), "signature"],
  ])("say what is wrong: %s", async (_, authorization, words) => {
    const result = await attempt({ ...signed(), authorization });
    expect(result).toMatchObject({
      refusal: { code: "CredentialsMalformed", message: expect.stringContaining(words) },
    });
  });
});
