const MASK_WHOLE =
  /(?:password|passphrase|passwd|secret|secretenv|token|authorization|mnemonic|privatekey|signature|cookie|credentials?|apikey|stringdata)$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const KEY_MATERIAL = /^(?:0x)?[0-9a-fA-F]{64}(?:[0-9a-fA-F]{64})?$|^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Whether the value of a field so named must not be logged. Names decide, because a 32-byte hex value may as well be
 * a block hash. `key` alone also names queue keys, so there the value must look like 32 or 64 bytes of key material;
 * a `token` that is an address is an ERC-20.
 */
export function isSensitiveField(name: string, value: unknown): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, "");
  if (MASK_WHOLE.test(plain)) return !(plain.endsWith("token") && typeof value === "string" && ADDRESS.test(value));
  if (!plain.endsWith("key")) return false;
  return value instanceof Uint8Array || (typeof value === "string" && KEY_MATERIAL.test(value));
}
