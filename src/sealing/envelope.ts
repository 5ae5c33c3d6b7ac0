import { SealingError } from "./errors.ts";
import { keyBytes, type Sealed, tagBytes } from "./hpke.ts";

/** "Berthage sealed manifest", format 1. */
const magic = new TextEncoder().encode("BSM1");
export const nonceBytes = 32;
const headBytes = magic.length + nonceBytes + keyBytes;

/** Bytes that sealing adds to a manifest. */
export const envelopeOverheadBytes = headBytes + tagBytes;

/** What travels from tenant to provider: `"BSM1" ‖ nonce (32) ‖ enc (32) ‖ ciphertext`. */
export interface Envelope extends Sealed {
  /** Random, chosen by the tenant, part of the authenticated data. */
  readonly nonce: Uint8Array;
}

export function encodeEnvelope({ nonce, enc, ciphertext }: Envelope): Uint8Array {
  return new Uint8Array(Buffer.concat([magic, nonce, enc, ciphertext]));
}

/** @throws SealingError when the bytes are not an envelope */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const isEnvelope = magic.every((byte, i) => bytes[i] === byte) && bytes.length >= envelopeOverheadBytes;
  if (!isEnvelope) {
    throw new SealingError(
      "Malformed",
      "these bytes are not a sealed manifest; make one with `berthage manifest seal`",
    );
  }
  const nonceEnd = magic.length + nonceBytes;
  return {
    nonce: bytes.slice(magic.length, nonceEnd),
    enc: bytes.slice(nonceEnd, headBytes),
    ciphertext: bytes.slice(headBytes),
  };
}
