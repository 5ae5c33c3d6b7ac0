import { randomBytes } from "node:crypto";
import { keccak256 } from "ethers";
import { authenticatedData, type SealingContext } from "./context.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope, nonceBytes } from "./envelope.ts";
import { SealingError } from "./errors.ts";
import { hpkeOpen, hpkeSeal } from "./hpke.ts";
import { parseKey } from "./key.ts";

const info = new TextEncoder().encode("berthage.dev/manifest/v1");

/**
 * Seals a manifest's text to a provider's public key. Every call gives other bytes, so their hash tells nothing of the
 * manifest.
 * @throws SealingError when the key or the context is malformed
 */
export async function sealManifest(
  text: string,
  recipientPublicKey: string,
  context: SealingContext,
  random: (bytes: number) => Uint8Array = randomBytes,
): Promise<Uint8Array> {
  const nonce = new Uint8Array(random(nonceBytes));
  const aad = authenticatedData(context, nonce);
  const key = parseKey(recipientPublicKey, "public");
  return encodeEnvelope({ nonce, ...(await seal(key, aad, new TextEncoder().encode(text))) });
}

async function seal(key: Uint8Array, aad: Uint8Array, plain: Uint8Array): Promise<Omit<Envelope, "nonce">> {
  try {
    return await hpkeSeal(key, info, aad, plain);
  } catch (cause) {
    throw new SealingError("BadKey", "cannot seal to this public manifest key: it is not a usable X25519 key", {
      cause,
    });
  }
}

/**
 * Opens what `sealManifest` sealed, for the same context.
 * @throws SealingError: `Malformed` for other bytes, `Unopenable` when anything differs
 */
export async function openManifest(envelope: Uint8Array, privateKey: string, context: SealingContext): Promise<string> {
  const { nonce, ...sealed } = decodeEnvelope(envelope);
  const aad = authenticatedData(context, nonce);
  const key = parseKey(privateKey, "private");
  const plain = await open(key, aad, sealed);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    throw new SealingError("Malformed", "the sealed manifest is not UTF-8 text; seal a YAML or JSON file");
  }
}

async function open(key: Uint8Array, aad: Uint8Array, sealed: Omit<Envelope, "nonce">): Promise<Uint8Array> {
  try {
    return await hpkeOpen(key, info, aad, sealed);
  } catch (cause) {
    const message =
      "the sealed manifest does not open: it was sealed for another provider key, tenant, market or chain, or was damaged";
    throw new SealingError("Unopenable", `${message}; seal it again`, { cause });
  }
}

/** What stands on the network: keccak256 of the whole envelope, `0x` and 64 hex digits. */
export function manifestHash(envelope: Uint8Array): string {
  return keccak256(envelope);
}
