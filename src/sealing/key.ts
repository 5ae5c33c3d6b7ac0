import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { SealingError } from "./errors.ts";
import { keyBytes } from "./hpke.ts";

/** An X25519 key pair (RFC 7748), each half 32 bytes as `0x` and lower-case hex. */
export interface ManifestKey {
  readonly privateKey: string;
  /** What the provider registers on the network as its manifest key. */
  readonly publicKey: string;
}

/** A new key; `random` returns that many bytes from a cryptographic source. */
export function generateManifestKey(random: (bytes: number) => Uint8Array = randomBytes): ManifestKey {
  const privateKey = toHex(random(keyBytes));
  return { privateKey, publicKey: manifestPublicKey(privateKey) };
}

/** The public half of a private key. */
export function manifestPublicKey(privateKey: string): string {
  const der = Buffer.concat([pkcs8Prefix, parseKey(privateKey, "private")]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return toHex(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-keyBytes));
}

/** RFC 8410's PKCS #8 of an X25519 key, up to its 32 bytes. */
const pkcs8Prefix = Buffer.from("302e020100300506032b656e04220420", "hex");

/**
 * Reads a key as a Secret or the network holds it: 64 hex digits, `0x` and white space around them optional.
 * @throws SealingError, without the text
 */
export function parseKey(hex: string, which: "private" | "public"): Uint8Array {
  const digits = /^(?:0x)?([0-9a-f]{64})$/i.exec(hex.trim())?.[1];
  if (digits === undefined) {
    throw new SealingError(
      "BadKey",
      `the ${which} manifest key is not 32 bytes of hex; make one with \`berthage provider keygen\``,
    );
  }
  return new Uint8Array(Buffer.from(digits, "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
