import {
  type ApplyOptions,
  type DeleteOptions,
  KubeClient,
  type StatusApply,
  type SubresourceOptions,
  type WriteOptions,
} from "../../../src/kube/client.ts";
import { type KubeObject, keyOf, type Ref, type Resource } from "../../../src/kube/resource.ts";

export interface Write {
  /** `create deployments lease-market-1/web`, `apply computeleases/status market-1`. */
  readonly what: string;
  readonly body: unknown;
}

/** The operator's process ended between two calls. */
export class Killed extends Error {}

/** A client that remembers what it was asked to write, and may "die" at one of the writes: from then on nothing gets out. */
export class RecordingClient extends KubeClient {
  readonly writes: Write[] = [];
  #death: { readonly at: number; readonly moment: "before" | "after" } | undefined;

  /** Dies at the write with this number (from 0), just before it is sent or just after it was done. */
  dieAt(at: number, moment: "before" | "after"): void {
    this.writes.length = 0;
    this.#death = { at, moment };
  }

  async #write<T>(what: string, body: unknown, send: () => Promise<T>): Promise<T> {
    const death = this.#death;
    const number = this.writes.push({ what, body }) - 1;
    if (death !== undefined && (number > death.at || (number === death.at && death.moment === "before"))) {
      throw new Killed(what);
    }
    const answer = await send();
    if (death !== undefined && number === death.at) throw new Killed(what);
    return answer;
  }

  override create<T extends KubeObject>(r: Resource<T>, object: NoInfer<T>, o: WriteOptions): Promise<T> {
    return this.#write(`create ${r.plural} ${keyOf(object)}`, object, () => super.create(r, object, o));
  }

  override apply<T extends KubeObject>(r: Resource<T>, object: NoInfer<T> | StatusApply, o: ApplyOptions): Promise<T> {
    const part = o.subresource === undefined ? r.plural : `${r.plural}/${o.subresource}`;
    return this.#write(`apply ${part} ${keyOf(object)}`, object, () => super.apply(r, object, o));
  }

  override update<T extends KubeObject>(r: Resource<T>, object: NoInfer<T>, o: SubresourceOptions): Promise<T> {
    return this.#write(`update ${r.plural} ${keyOf(object)}`, object, () => super.update(r, object, o));
  }

  override mergePatch<T extends KubeObject>(
    r: Resource<T>,
    ref: Ref,
    patch: object,
    o: SubresourceOptions,
  ): Promise<T> {
    const what = `patch ${r.plural} ${keyOf({ metadata: ref })}`;
    return this.#write(what, patch, () => super.mergePatch(r, ref, patch, o));
  }

  override delete(r: Resource<KubeObject>, ref: Ref, o: DeleteOptions = {}): Promise<void> {
    return this.#write(`delete ${r.plural} ${keyOf({ metadata: ref })}`, undefined, () => super.delete(r, ref, o));
  }
}
