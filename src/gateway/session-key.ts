import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** An Ed25519 key pair that signs requests for as long as its grant lasts. */
export interface SessionKey {
  /** 32 bytes hex. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function createSessionKey(): SessionKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return sessionKeyOf(privateKey);
}

/** The session key of an Ed25519 private key. @throws when it is of another kind */
export function sessionKeyOf(privateKey: KeyObject): SessionKey {
  const { crv, x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  if (crv !== "Ed25519") throw new Error(`a session key is an Ed25519 key, not ${crv ?? privateKey.asymmetricKeyType}`);
  return { publicKey: `0x${Buffer.from(x, "base64url").toString("hex")}`, privateKey };
}

export function signWith(key: SessionKey, message: string): Buffer {
  return sign(null, Buffer.from(message), key.privateKey);
}

/** Whether `signature` (64 bytes) is the session key's over `message`. */
export function isSignedWith(publicKey: string, message: string, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey.slice(2), "hex").toString("base64url");
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, Buffer.from(message), key, signature);
  } catch {
    return false; // not a point of the curve
  }
}
