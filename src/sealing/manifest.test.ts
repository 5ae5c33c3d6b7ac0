import { keccak256 } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SealingContext } from "./context.ts";
import { envelopeOverheadBytes } from "./envelope.ts";
import { generateManifestKey } from "./key.ts";
import { manifestHash, openManifest, sealManifest } from "./manifest.ts";

const key = generateManifestKey();
const context: SealingContext = {
  chainId: 31_337,
  market: `0x${"1a".repeat(20)}`,
  providerId: "7",
  tenant: `0x${"2b".repeat(20)}`,
};
const text = "version: 1\nservices: [{name: web, image: app:1, secretEnv: {TOKEN: hunter2}}]\n";

describe("sealManifest and openManifest", () => {
  it("give back any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 300 }), async (plain) => {
        const envelope = await sealManifest(plain, key.publicKey, context);
        expect(envelope).toHaveLength(Buffer.byteLength(plain) + envelopeOverheadBytes);
        expect(await openManifest(envelope, key.privateKey, context)).toBe(plain);
      }),
      { numRuns: 20 },
    );
  });

  it("write addresses in any case and chain ids of any kind", async () => {
    const envelope = await sealManifest(text, key.publicKey, context);
    const other = { ...context, chainId: 31_337n, market: context.market.toUpperCase().replace("0X", "0x") };
    expect(await openManifest(envelope, key.privateKey, other)).toBe(text);
  });

  it.each<[string, Partial<SealingContext>]>([
    ["chain", { chainId: 1 }],
    ["market", { market: `0x${"1b".repeat(20)}` }],
    ["provider", { providerId: "8" }],
    ["tenant", { tenant: `0x${"2c".repeat(20)}` }],
  ])("do not open for another %s", async (_what, change) => {
    const envelope = await sealManifest(text, key.publicKey, context);
    await expect(openManifest(envelope, key.privateKey, { ...context, ...change })).rejects.toMatchObject({
      kind: "Unopenable",
      message: expect.stringContaining("seal it again"),
    });
  });

  it("do not open with another key", async () => {
    const envelope = await sealManifest(text, key.publicKey, context);
    const { privateKey } = generateManifestKey();
    await expect(openManifest(envelope, privateKey, context)).rejects.toMatchObject({ kind: "Unopenable" });
  });

  it("do not open when any bit flips or any byte is missing", async () => {
    const envelope = await sealManifest(text, key.publicKey, context);
    await fc.assert(
      fc.asyncProperty(fc.nat(envelope.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = envelope.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        // X25519 ignores the top bit of a public key (RFC 7748 §5), HPKE's key schedule does not.
        await expect(openManifest(flipped, key.privateKey, context)).rejects.toMatchObject({ name: "SealingError" });
        await expect(openManifest(envelope.slice(0, at), key.privateKey, context)).rejects.toMatchObject({
          name: "SealingError",
        });
      }),
      { numRuns: 60 },
    );
  });

  it.each([new Uint8Array(), new TextEncoder().encode("version: 1"), new Uint8Array(200)])(
    "call other bytes malformed",
    async (bytes) => {
      await expect(openManifest(bytes, key.privateKey, context)).rejects.toMatchObject({ kind: "Malformed" });
    },
  );

  it("hash the whole envelope, differently each time", async () => {
    const first = await sealManifest(text, key.publicKey, context);
    const second = await sealManifest(text, key.publicKey, context);
    expect(manifestHash(first)).toBe(keccak256(first));
    expect(manifestHash(first)).not.toBe(manifestHash(second));
    expect(Buffer.from(first).includes("hunter2")).toBe(false);
  });

  it.each<[string, Partial<SealingContext>]>([
    ["a market that is no address", { market: "0x12" }],
    ["a provider id with a separator", { providerId: "7|0x" }],
    ["a tenant that is no address", { tenant: "" }],
    ["a chain id that is no whole number", { chainId: 1.5 }],
  ])("refuse %s", async (_what, change) => {
    const broken = { ...context, ...change };
    await expect(sealManifest(text, key.publicKey, broken)).rejects.toMatchObject({ kind: "BadContext" });
  });

  it("refuse keys that are none, without repeating them", async () => {
    const notKeys = ["", "0x12", "zz".repeat(32), `${key.privateKey}00`];
    for (const text of notKeys) {
      const sealed = await sealManifest("x", key.publicKey, context);
      const error: unknown = await openManifest(sealed, text, context).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: "BadKey" });
      if (text !== "") expect(String(error)).not.toContain(text);
      await expect(sealManifest("x", text, context)).rejects.toMatchObject({ kind: "BadKey" });
    }
  });

  it("refuse public keys of small order, whose secret everybody knows", async () => {
    for (const publicKey of [`0x${"00".repeat(32)}`, `0x01${"00".repeat(31)}`]) {
      await expect(sealManifest(text, publicKey, context)).rejects.toMatchObject({ kind: "BadKey" });
    }
  });
});

describe("generateManifestKey", () => {
  it("makes another key each time, as 32 bytes of hex", () => {
    expect(key.privateKey).toMatch(/^0x[0-9a-f]{64}$/);
    expect(key.publicKey).toMatch(/^0x[0-9a-f]{64}$/);
    expect(generateManifestKey().privateKey).not.toBe(key.privateKey);
  });

  it("takes its randomness from the caller", () => {
    const random = (count: number): Uint8Array => new Uint8Array(count).fill(9);
    expect(generateManifestKey(random)).toEqual(generateManifestKey(random));
  });

  it("reads keys with white space around, as files and Secrets have it", async () => {
    const envelope = await sealManifest(text, ` ${key.publicKey}\n`, context);
    expect(await openManifest(envelope, `${key.privateKey.slice(2)}\n`, context)).toBe(text);
  });
});
