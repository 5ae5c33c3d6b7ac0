import fc from "fast-check";
import { expect, it } from "vitest";
import { authenticatedData } from "./context.ts";
import { encodeEnvelope } from "./envelope.ts";
import { SealingError } from "./errors.ts";
import { hpkeSeal } from "./hpke.ts";
import { generateManifestKey } from "./key.ts";
import { openManifest, sealManifest } from "./manifest.ts";

const key = generateManifestKey();
const secret = "hunter2-hunter2";
const context = { chainId: 31_337, market: `0x${"1a".repeat(20)}`, providerId: "7", tenant: `0x${"2b".repeat(20)}` };
const magic = Buffer.from("BSM1");

/** The only error that opening gives: short, of a known kind, and without key, text or envelope; in its causes neither. */
async function refusalOf(opening: Promise<string>, ...hidden: readonly string[]): Promise<SealingError> {
  const thrown = await opening.then(
    () => new Error("was opened"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof SealingError)) throw thrown;
  expect(thrown.message.length).toBeLessThan(250);
  for (let error: unknown = thrown; error instanceof Error; error = error.cause)
    for (const text of [secret, key.privateKey.slice(2), ...hidden]) expect(error.message).not.toContain(text);
  return thrown;
}

it("envelopes of any bytes are refused by kind", async () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        bytes,
        bytes.map((some) => new Uint8Array([...magic, ...some])),
      ),
      async (envelope) => {
        const { kind } = await refusalOf(openManifest(envelope, key.privateKey, context));
        expect(kind).toBe(magic.equals(envelope.slice(0, 4)) && envelope.length >= 84 ? "Unopenable" : "Malformed");
      },
    ),
    { numRuns: 150 },
  );
});

it("envelopes to keys of small order, of a megabyte, or stretched are refused", async () => {
  const sealed = await sealManifest(secret, key.publicKey, context);
  const smallOrder = sealed.map((byte, i) => (i >= 36 && i < 68 ? 0 : byte));
  for (const envelope of [
    smallOrder,
    new Uint8Array([...sealed, 0]),
    new Uint8Array([...magic, ...Buffer.alloc(2 ** 20)]),
  ])
    expect(await refusalOf(openManifest(envelope, key.privateKey, context))).toMatchObject({ kind: "Unopenable" });
});

it("what is sealed may be any bytes; what is no text is refused without a word of it", async () => {
  const nonce = new Uint8Array(32);
  const info = new TextEncoder().encode("berthage.dev/manifest/v1");
  const publicKey = new Uint8Array(Buffer.from(key.publicKey.slice(2), "hex"));
  for (const tail of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
    const plain = new Uint8Array([...Buffer.from(secret), ...tail]);
    const sealed = await hpkeSeal(publicKey, info, authenticatedData(context, nonce), plain);
    const opening = openManifest(encodeEnvelope({ nonce, ...sealed }), key.privateKey, context);
    expect(await refusalOf(opening)).toMatchObject({ kind: "Malformed", message: expect.stringContaining("UTF-8") });
  }
});

it("contexts and keys of any text are refused without being repeated", async () => {
  const sealed = await sealManifest(secret, key.publicKey, context);
  const text = fc.string({ unit: "binary", minLength: 12, maxLength: 90 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("market", "providerId", "tenant"), text, async (field, value) => {
      fc.pre(!/^\d+$/.test(value));
      const { kind } = await refusalOf(openManifest(sealed, key.privateKey, { ...context, [field]: value }), value);
      expect(kind).toBe("BadContext");
      expect(await refusalOf(openManifest(sealed, value, context), value)).toMatchObject({ kind: "BadKey" });
    }),
  );
});
