import type { INamespace } from "kubernetes-models/v1/Namespace";
import type { INode } from "kubernetes-models/v1/Node";
import type { ComputeLease, ComputeNetwork, ComputeOffer } from "../../api/types.gen.ts";
import type { ChangeHandler } from "../../kube/informer.ts";
import type { KubeObject } from "../../kube/resource.ts";
import type { Store } from "../../kube/store.ts";

/** What a report needs of an informer. */
export interface Cache<T extends KubeObject> {
  readonly store: Pick<Store<T>, "get" | "list">;
  onChange(handler: ChangeHandler<T>): void;
}

/** The caches that reports read: the informers, as far as they matter here. */
export interface Caches {
  readonly networks: Cache<ComputeNetwork>;
  readonly offers: Cache<ComputeOffer>;
  readonly leases: Cache<ComputeLease>;
  readonly nodes: Cache<INode>;
  readonly namespaces: Cache<INamespace>;
}
