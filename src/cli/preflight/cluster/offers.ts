import type { IRuntimeClass } from "kubernetes-models/node.k8s.io/v1/RuntimeClass";
import type { IPriorityClass } from "kubernetes-models/scheduling.k8s.io/v1/PriorityClass";
import type { IStorageClass } from "kubernetes-models/storage.k8s.io/v1/StorageClass";
import type { INode } from "kubernetes-models/v1/Node";
import type { ComputeOffer } from "../../../api/types.gen.ts";
import { nodeFacts } from "../../../inventory/node-facts.ts";
import { nodeRefusal } from "../../../inventory/node-refusal.ts";
import { describeUnplaceable, summarise } from "../../../inventory/placement.ts";
import { shapeOf } from "../../../inventory/shape.ts";
import { about, type Finding, fail, ok, warn } from "../finding.ts";
import { describeClass } from "./storage.ts";
import { supportsUserNamespaces } from "./versions.ts";

/** What offers may name, and what they are sold from. */
export interface OfferSurroundings {
  readonly networks: readonly string[];
  readonly nodes: readonly Pick<INode, "metadata" | "spec" | "status">[];
  readonly runtimeClasses: readonly IRuntimeClass[];
  readonly storageClasses: readonly IStorageClass[];
  readonly priorityClasses: readonly Pick<IPriorityClass, "metadata">[];
}

const CHECK = "Offer";

/** What keeps each offer from being sold, or being sold well. Pure. */
export function offerFindings(offers: readonly ComputeOffer[], around: OfferSurroundings): readonly Finding[] {
  return offers.flatMap((offer) => {
    const found = [...missing(offer, around), ...storageProblems(offer, around), ...nodeProblems(offer, around)];
    const findings = found.length > 0 ? found : [ok(CHECK, summaryOf(offer, around))];
    return findings.map((finding) => about(offer.metadata.name, finding));
  });
}

/** Every name in it that stands for nothing: the reasons of its condition Validated. */
function missing({ spec }: ComputeOffer, around: OfferSurroundings): Finding[] {
  const { runtimeClasses, storageClasses, priorityClasses } = around;
  const named: readonly (readonly [kind: string, name: string | undefined, there: readonly string[], field: string])[] =
    [
      ["ComputeNetwork", spec.networkRef.name, around.networks, "networkRef"],
      ["RuntimeClass", spec.isolation?.runtimeClassName, namesOf(runtimeClasses), "isolation"],
      ["PriorityClass", spec.scheduling?.priorityClassName, namesOf(priorityClasses), "scheduling"],
      ...(spec.storage?.classes ?? []).map(
        ({ storageClassName }) => ["StorageClass", storageClassName, namesOf(storageClasses), "storage"] as const,
      ),
    ];
  return named
    .filter(([, name, there]) => name !== undefined && !there.includes(name))
    .map(([kind, name, , field]) =>
      fail(CHECK, `there is no ${kind} ${name}`, `create it, or correct spec.${field} in a new offer`),
    );
}

function storageProblems({ spec }: ComputeOffer, { storageClasses }: OfferSurroundings): Finding[] {
  const sold = (spec.storage?.classes ?? []).map(({ storageClassName }) => storageClassName);
  return storageClasses
    .filter(({ metadata, volumeBindingMode }) => sold.includes(metadata?.name ?? "") && volumeBindingMode !== LATE)
    .map((one) =>
      warn(
        CHECK,
        `${describeClass(one)} may place a volume where the lease's node cannot reach it`,
        `sell a class with volumeBindingMode ${LATE}`,
      ),
    );
}

const LATE = "WaitForFirstConsumer";

function nodeProblems(offer: ComputeOffer, around: OfferSurroundings): Finding[] {
  const { spec } = offer;
  const refusals = refusalsOf(offer, around);
  const taken = [...refusals].filter(([, why]) => why === undefined).map(([node]) => node);
  if (taken.length === 0) {
    const why = summarise([...refusals].map(([node, reason]) => [node.metadata?.name ?? "", reason ?? ""]));
    return [warn(CHECK, describeUnplaceable(why, 1), "compare the offer with the nodes' labels and taints")];
  }
  const unable = taken.filter((node) => !supportsUserNamespaces(node));
  if (spec.isolation?.userNamespaces !== true || unable.length === 0) return [];
  const names = unable.map(({ metadata }) => metadata?.name).join(", ");
  const fix = "give them containerd 2 (or CRI-O 1.25) and Linux 6.3, or keep the offer off them";
  return [fail(CHECK, `no user namespaces on ${names}: tenants' pods will not start there`, fix)];
}

function refusalsOf(
  { spec }: ComputeOffer,
  { nodes, runtimeClasses }: OfferSurroundings,
): ReadonlyMap<OfferSurroundings["nodes"][number], string | undefined> {
  const sandbox = runtimeClasses.find(({ metadata }) => metadata?.name === spec.isolation?.runtimeClassName);
  const shape = shapeOf(spec, sandbox);
  return new Map(nodes.map((node) => [node, nodeRefusal(nodeFacts(node), shape)]));
}

function summaryOf(offer: ComputeOffer, around: OfferSurroundings): string {
  const count = [...refusalsOf(offer, around).values()].filter((why) => why === undefined).length;
  const { isolation, storage } = offer.spec;
  const sold = new Set(storage?.classes.map(({ storageClassName }) => storageClassName));
  const parts = [
    `${count} ${count === 1 ? "node" : "nodes"}`,
    ...(isolation?.runtimeClassName === undefined ? [] : [`RuntimeClass ${isolation.runtimeClassName}`]),
    ...around.storageClasses.filter(({ metadata }) => sold.has(metadata?.name ?? "")).map(describeClass),
  ];
  return parts.join(", ");
}

function namesOf(objects: readonly { metadata?: { name?: string } }[]): readonly string[] {
  return objects.map(({ metadata }) => metadata?.name ?? "");
}
