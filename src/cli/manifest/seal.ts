import type { LedgerProvider } from "../../networks/driver.ts";
import { manifestHash, sealManifest } from "../../sealing/manifest.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { MarketSession } from "../market/session.ts";
import type { ManifestFile } from "./read.ts";

export interface SealedManifest {
  readonly envelope: Uint8Array;
  /** keccak256 of the envelope: what stands on the chain. */
  readonly hash: string;
}

/** Seals a plain manifest for a provider; a sealed one stays as it is. Only that provider and tenant pair can use it. */
export async function sealFor(
  file: ManifestFile,
  provider: LedgerProvider,
  tenant: string,
  { chainId, market }: MarketSession,
  { random }: Context,
): Promise<SealedManifest> {
  if (file.kind === "sealed") return { envelope: file.envelope, hash: manifestHash(file.envelope) };
  if (/^0x0*$/.test(provider.manifestKey)) {
    throw new Failure(
      `provider ${provider.id} has no manifest key`,
      "tell the provider to set one, or rent from another",
    );
  }
  const context = { chainId, market, providerId: provider.id, tenant };
  const envelope = await sealManifest(file.text, provider.manifestKey, context, random);
  return { envelope, hash: manifestHash(envelope) };
}
