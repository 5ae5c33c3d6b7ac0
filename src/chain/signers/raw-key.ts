import { Wallet } from "ethers";
import type { Signer } from "../signer.ts";
import { walletSigner } from "./wallet.ts";

/**
 * A signer over a secp256k1 private key: 32 bytes hex, `0x` or not, surrounding white space ignored. For development.
 * The error never tells the key.
 */
export function rawKeySigner(key: string): Signer {
  const hex = key.trim().replace(/^0x/i, "");
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new Error("the signer's key must be 32 bytes of hex; write it into the Secret without quotes");
  }
  try {
    return walletSigner(new Wallet(`0x${hex}`));
  } catch {
    throw new Error("the signer's key is not a valid secp256k1 private key; make a new one");
  }
}
