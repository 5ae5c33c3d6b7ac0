import { isKeystoreJson, Wallet } from "ethers";
import type { Signer } from "../signer.ts";
import { walletSigner } from "./wallet.ts";

/** Decrypts a V3 keystore (about a second of scrypt, once at start). The error never tells password or contents. */
export async function keystoreSigner(json: string, password: string): Promise<Signer> {
  if (!isKeystoreJson(json)) {
    throw new Error("the signer's keystore is not a V3 keystore (JSON with `version` 3); make one with geth or cast");
  }
  try {
    const { privateKey } = await Wallet.fromEncryptedJson(json, password.replace(/\r?\n$/, ""));
    return walletSigner(new Wallet(privateKey));
  } catch {
    throw new Error("the signer's keystore does not open with this password; correct the password Secret");
  }
}
