import type { ComputeNetwork } from "../../api/types.gen.ts";
import type { Clock } from "../../chain/clock.ts";
import type { Signer } from "../../chain/signer.ts";
import { keystoreSigner } from "../../chain/signers/keystore.ts";
import { rawKeySigner } from "../../chain/signers/raw-key.ts";
import { remoteSigner } from "../../chain/signers/remote.ts";
import type { KubeClient } from "../../kube/client.ts";
import { secrets } from "../../kube/core.ts";
import { manifestPublicKey } from "../../sealing/key.ts";

/** What a network needs that must not be seen. */
export interface Materials {
  readonly signer: Signer;
  readonly manifestPrivateKey: string;
  readonly manifestPublicKey: string;
  /** Changes when any Secret behind them does. */
  readonly version: string;
}

interface SecretRef {
  readonly name: string;
  readonly key: string;
}

export interface MaterialSources {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock: Clock;
  /** Told of every secret value read, so that no log line ever shows it. */
  redact(secret: string): void;
}

/**
 * Reads a network's keys from the Secrets that it names, all in the operator's namespace. While none of them has changed,
 * `previous` comes back as it is: opening a keystore costs a second.
 * @throws an error whose message names the Secret and the fix, and never holds any of its contents
 */
export async function readMaterials(
  sources: MaterialSources,
  network: ComputeNetwork,
  previous: Materials | undefined,
  signal: AbortSignal,
): Promise<Materials> {
  const { signer, manifestKey } = network.spec;
  const versions = [JSON.stringify(signer)];
  const read = async (ref: SecretRef): Promise<string> => {
    const { value, version } = await readSecret(sources, ref, signal);
    versions.push(version);
    return value;
  };
  const manifestPrivateKey = (await read(withKey(manifestKey.secretRef, "key"))).trim();
  const open = await signerOpener(sources, signer, read);
  const version = versions.join(" ");
  if (previous?.version === version) return previous;
  return {
    signer: await open(),
    manifestPrivateKey,
    manifestPublicKey: manifestPublicKey(manifestPrivateKey),
    version,
  };
}

async function readSecret(
  { client, namespace, redact }: MaterialSources,
  { name, key }: SecretRef,
  signal: AbortSignal,
): Promise<{ value: string; version: string }> {
  const secret = await client.get(secrets, { name, namespace }, { signal });
  const encoded = secret.data?.[key];
  if (encoded === undefined) {
    throw new Error(`Secret ${namespace}/${name} has no key ${key}; add it, or correct the reference`);
  }
  const value = Buffer.from(encoded, "base64").toString("utf8");
  redact(value.trim());
  return { value, version: `${secret.metadata?.uid}/${secret.metadata?.resourceVersion}` };
}

/** Reads what the signer is made from; opening it is left for when it is needed. */
async function signerOpener(
  { clock }: MaterialSources,
  { keystore, rawKey, remote }: ComputeNetwork["spec"]["signer"],
  read: (ref: SecretRef) => Promise<string>,
): Promise<() => Promise<Signer>> {
  if (rawKey !== undefined) {
    const key = await read(withKey(rawKey.secretRef, "key"));
    return async () => rawKeySigner(key);
  }
  if (keystore !== undefined) {
    const json = await read(withKey(keystore.secretRef, "keystore.json"));
    const password = await read(withKey(keystore.passwordSecretRef, "password"));
    return () => keystoreSigner(json, password);
  }
  if (remote !== undefined) return async () => remoteSigner({ ...remote, clock });
  throw new Error("spec.signer names no kind; give one of keystore, rawKey and remote");
}

function withKey({ name, key }: { name: string; key?: string }, fallback: string): SecretRef {
  return { name, key: key ?? fallback };
}
