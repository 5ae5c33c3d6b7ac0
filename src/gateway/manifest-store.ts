import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import { labels, managedBy } from "../api/names.ts";
import type { KubeClient } from "../kube/client.ts";
import { configMaps } from "../kube/core.ts";
import { AlreadyExists } from "../kube/errors.ts";
import { keyOf } from "../kube/resource.ts";
import type { Store } from "../kube/store.ts";

/** A sealed manifest to be kept. `hash` is keccak256 of `bytes`, 32 bytes hex. */
export interface Upload {
  readonly hash: string;
  readonly tenant: string;
  readonly network: string;
  readonly bytes: Uint8Array;
}

/** What is known of a kept manifest without its bytes. */
export interface StoredManifest {
  readonly hash: string;
  readonly tenant: string;
  readonly network: string;
  /** Milliseconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  readonly uid: string;
}

const namePrefix = "manifest-";
/** Where the envelope stands in the ConfigMap. */
const dataKey = "manifest";
const fieldManager = "berthage-gateway";
const pageSize = 50;

/**
 * Keeps sealed manifests: one immutable ConfigMap each in the operator's namespace, named after the hash. Ciphertext is no
 * secret, and the hash on chain says which one counts, so the first to store some bytes need not be trusted.
 */
export class ManifestStore {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #cache: Pick<Store<IConfigMap>, "list"> | undefined;
  /** Stored by this process and perhaps not yet in the cache, by hash. */
  readonly #recent = new Map<string, StoredManifest>();

  /** `cache`: an informer's store of the namespace's ConfigMaps, to list without asking the API server. */
  constructor(client: KubeClient, namespace: string, cache?: Pick<Store<IConfigMap>, "list">) {
    this.#client = client;
    this.#namespace = namespace;
    this.#cache = cache;
  }

  /** Stores a manifest; one that is there already stays as it is. */
  async put(upload: Upload): Promise<"stored" | "present"> {
    const object: IConfigMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: manifestName(upload.hash),
        namespace: this.#namespace,
        labels: {
          [labels.managedBy]: managedBy,
          [labels.tenant]: upload.tenant.toLowerCase(),
          [labels.network]: upload.network,
        },
      },
      immutable: true,
      binaryData: { [dataKey]: Buffer.from(upload.bytes).toString("base64") },
    };
    try {
      this.#remember(await this.#client.create(configMaps, object, { fieldManager }));
      return "stored";
    } catch (error) {
      if (error instanceof AlreadyExists) return "present";
      throw error;
    }
  }

  /** The bytes, read live. */
  async get(hash: string): Promise<Uint8Array | undefined> {
    const found = await this.#read(hash);
    const base64 = found?.binaryData?.[dataKey];
    return base64 === undefined ? undefined : Buffer.from(base64, "base64");
  }

  /** Whether it is there, read live. */
  async has(hash: string): Promise<boolean> {
    return (await this.#read(hash)) !== undefined;
  }

  /** Deletes it; with `uid` only if it is still that object. */
  async delete(hash: string, uid?: string): Promise<void> {
    const ref = { namespace: this.#namespace, name: manifestName(hash) };
    await this.#client.delete(configMaps, ref, uid === undefined ? {} : { uid });
    this.#recent.delete(normal(hash));
  }

  /** All that are kept, by hash. From the cache, where there is one, with what this process stored since. */
  async list(): Promise<ReadonlyMap<string, StoredManifest>> {
    const objects = this.#cache?.list() ?? (await this.#listLive());
    const found = new Map<string, StoredManifest>();
    for (const object of objects) {
      const manifest = storedManifest(object);
      if (manifest !== undefined) found.set(manifest.hash, manifest);
    }
    await this.#forget(found);
    return new Map([...found, ...this.#recent]);
  }

  #read(hash: string): Promise<IConfigMap | undefined> {
    return this.#client.find(configMaps, { namespace: this.#namespace, name: manifestName(hash) });
  }

  /** Pages are small because every object carries its bytes. */
  async #listLive(): Promise<readonly IConfigMap[]> {
    const selection = {
      namespace: this.#namespace,
      labelSelector: `${labels.managedBy}=${managedBy}`,
      limit: pageSize,
    };
    const objects: IConfigMap[] = [];
    let next: string | undefined;
    do {
      const page = await this.#client.list(configMaps, {
        ...selection,
        ...(next === undefined ? {} : { continue: next }),
      });
      objects.push(...page.items);
      next = page.continue;
    } while (next !== undefined);
    return objects;
  }

  #remember(object: IConfigMap): void {
    const stored = storedManifest(object);
    if (this.#cache !== undefined && stored !== undefined) this.#recent.set(stored.hash, stored);
  }

  /** What the cache has is remembered no longer; nor what it lacks because others have deleted it since: only the server knows. */
  async #forget(found: ReadonlyMap<string, StoredManifest>): Promise<void> {
    for (const hash of this.#recent.keys()) {
      if (found.has(hash) || !(await this.has(hash))) this.#recent.delete(hash);
    }
  }
}

/** The name of the ConfigMap of a manifest: `manifest-<64 hex>`. @throws when the hash is none */
export function manifestName(hash: string): string {
  const digits = normal(hash).slice(2);
  if (!/^[0-9a-f]{64}$/.test(digits)) throw new Error(`${JSON.stringify(hash)} is not a hash: 0x and 64 hex digits`);
  return `${namePrefix}${digits}`;
}

function normal(hash: string): string {
  return hash.toLowerCase();
}

/** The description of a ConfigMap that is a manifest; undefined for any other of ours. */
function storedManifest(object: IConfigMap): StoredManifest | undefined {
  const { labels: found, creationTimestamp = "", uid = "" } = object.metadata ?? {};
  const name = keyOf(object).split("/").at(-1) ?? "";
  const [tenant, network] = [found?.[labels.tenant], found?.[labels.network]];
  if (!/^manifest-[0-9a-f]{64}$/.test(name) || tenant === undefined || network === undefined) return undefined;
  return { hash: `0x${name.slice(namePrefix.length)}`, tenant, network, createdAt: Date.parse(creationTimestamp), uid };
}
