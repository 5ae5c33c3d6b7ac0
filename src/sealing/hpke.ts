import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";

/** RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Bytes of a key, public or private, and of the encapsulated key `enc`. */
export const keyBytes = 32;
/** Bytes that the cipher adds: GCM's tag. */
export const tagBytes = 16;

export interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** `Seal<MODE_BASE>`, RFC 9180 §6.1; the ephemeral key comes from the platform's random source. */
export async function hpkeSeal(
  publicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
): Promise<Sealed> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain, aad);
  return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
}

/**
 * `Open<MODE_BASE>`, RFC 9180 §6.1.
 * @throws HpkeError when any bit of the parts differs from what was sealed
 */
export async function hpkeOpen(
  privateKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Sealed,
): Promise<Uint8Array> {
  const recipientKey = await suite.kem.deserializePrivateKey(privateKey);
  const plain = await suite.open({ recipientKey, enc: sealed.enc, info }, sealed.ciphertext, aad);
  return new Uint8Array(plain);
}
