import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { KubeClient } from "../../kube/client.ts";
import { configMaps } from "../../kube/core.ts";
import type { Store } from "../../kube/store.ts";
import type { LedgerLease } from "../../networks/driver.ts";
import { manifestHash } from "../../sealing/manifest.ts";
import { acceptManifest, type LeasedTerms } from "../../workload/manifest/fit.ts";
import { summarizeProblems } from "../../workload/manifest/problem.ts";
import type { Ledger } from "../network/ledger.ts";
import type { ManifestState } from "./manifest.ts";

/** More than the leases of one cluster; an older answer is simply worked out again. */
const REMEMBERED = 20_000;

/** The name of the ConfigMap that holds an uploaded manifest, still sealed. */
export function manifestObjectName(hash: string): string {
  return `manifest-${hash.toLowerCase().replace(/^0x/, "")}`;
}

/**
 * Opens and checks uploaded manifests. The plain text lives in memory only; what was found is remembered per upload, tenant
 * and terms, since opening costs milliseconds and leases are looked at often.
 */
export class Manifests {
  readonly #client: Pick<KubeClient, "find">;
  readonly #uploads: Pick<Store<IConfigMap>, "get">;
  readonly #namespace: string;
  readonly #known = new Map<string, ManifestState>();

  constructor(client: Pick<KubeClient, "find">, uploads: Pick<Store<IConfigMap>, "get">, operatorNamespace: string) {
    this.#client = client;
    this.#uploads = uploads;
    this.#namespace = operatorNamespace;
  }

  /** The upload of a hash, as the cache has it. */
  upload(hash: string): IConfigMap | undefined {
    return this.#uploads.get(`${this.#namespace}/${manifestObjectName(hash)}`);
  }

  /**
   * Never throws for what a tenant sent: that is `invalid`, with words for the tenant. What the cache lacks is asked of the API
   * server, because a lease waits for its manifest at the tenant's cost, and a cache may be late (law 3).
   */
  async resolve(hash: string, entry: LedgerLease, terms: LeasedTerms, ledger: Ledger): Promise<ManifestState> {
    const ref = { namespace: this.#namespace, name: manifestObjectName(hash) };
    const upload = this.upload(hash) ?? (await this.#client.find(configMaps, ref));
    const bytes = upload?.binaryData?.["manifest"];
    if (bytes === undefined) return { kind: "missing", hash };
    const key = [hash, entry.tenant, entry.offerId, terms.units, upload?.metadata?.uid].join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const state = await open(hash, Buffer.from(bytes, "base64"), entry, terms, ledger);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(key, state);
    return state;
  }
}

async function open(
  hash: string,
  envelope: Uint8Array,
  entry: LedgerLease,
  terms: LeasedTerms,
  ledger: Ledger,
): Promise<ManifestState> {
  if (manifestHash(envelope) !== hash.toLowerCase()) {
    return { kind: "invalid", hash, message: "What was stored is not what was sealed; the tenant sends it again." };
  }
  let text: string;
  try {
    text = await ledger.openManifest(envelope, entry);
  } catch {
    const message =
      "The manifest can't be opened: it was sealed for another provider, tenant or key. Seal it again with 'berthage manifest seal'.";
    return { kind: "invalid", hash, message };
  }
  const accepted = acceptManifest(text, terms);
  if (accepted.ok) return { kind: "accepted", hash, manifest: accepted.manifest };
  return { kind: "invalid", hash, message: summarizeProblems(accepted.problems) };
}
