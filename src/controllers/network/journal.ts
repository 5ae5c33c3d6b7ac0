import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import { labels, managedBy } from "../../api/names.ts";
import { type Journal, type JournalRecord, parseRecordText, serializeRecord } from "../../chain/journal.ts";
import type { KubeClient } from "../../kube/client.ts";
import { configMaps } from "../../kube/core.ts";

const KEY = "record";
const options = { fieldManager: "berthage-lane" };

/**
 * The lane's write-ahead journal as a ConfigMap in the operator's namespace (a signed transaction is bound to be public).
 * Its resourceVersion fences leaders: a save on top of somebody else's fails with a conflict, and nothing is sent.
 */
export class ConfigMapJournal implements Journal {
  readonly #client: KubeClient;
  readonly #ref: { readonly name: string; readonly namespace: string };
  #held: IConfigMap | undefined;

  constructor(client: KubeClient, namespace: string, network: string) {
    this.#client = client;
    this.#ref = { name: `lane-${network}`, namespace };
  }

  async load(): Promise<JournalRecord | undefined> {
    this.#held = await this.#client.find(configMaps, this.#ref);
    const text = this.#held?.data?.[KEY];
    return text === undefined ? undefined : parseRecordText(text);
  }

  /** @throws Conflict or AlreadyExists when another process wrote since `load` */
  async save(record: JournalRecord): Promise<void> {
    const data = { [KEY]: serializeRecord(record) };
    const held = this.#held;
    this.#held = undefined; // whatever becomes of this write, what was held is no longer the truth
    if (held !== undefined) {
      this.#held = await this.#client.update(configMaps, { ...held, data }, options);
      return;
    }
    const metadata = { ...this.#ref, labels: { [labels.managedBy]: managedBy } };
    this.#held = await this.#client.create(
      configMaps,
      { apiVersion: "v1", kind: "ConfigMap", metadata, data },
      options,
    );
  }
}
