import fc from "fast-check";

export const offerNames = ["single", "pair", "rough"] as const;
export type OfferName = (typeof offerNames)[number];

export const manifestKinds = ["web", "newer", "broken", "none"] as const;
export type ManifestKind = (typeof manifestKinds)[number];

/** Nodes from which `rough` is sold: these suffer. Those of the other two offers never do. */
export const roughNodes = Array.from({ length: 8 }, (_, i) => `rough-${i}`);

/**
 * One thing that somebody does. Leases and tenants are named by a number that is taken modulo of how many there are by then, so
 * that every part of a script is a script as well.
 */
export type Action =
  | {
      readonly do: "rent";
      readonly tenant: number;
      readonly offer: OfferName;
      readonly units: number;
      /** How long the deposit pays. */
      readonly seconds: number;
      readonly manifest: ManifestKind;
    }
  | { readonly do: "topUp" | "close" | "endLease" | "pauseLease" | "resumeLease"; readonly lease: number }
  | { readonly do: "sendManifest"; readonly lease: number; readonly manifest: Exclude<ManifestKind, "none"> }
  | {
      readonly do: "damage";
      readonly lease: number;
      readonly what: "namespace" | "deployment" | "policy" | "scale" | "pods";
    }
  | { readonly do: "pauseOffer" | "resumeOffer"; readonly offer: OfferName }
  | { readonly do: "price"; readonly offer: OfferName; readonly percent: number }
  | { readonly do: "cap"; readonly offer: OfferName; readonly units: number }
  | { readonly do: "cordon" | "uncordon" | "loseNode" | "returnNode"; readonly node: number }
  | { readonly do: "sicken"; readonly node: number; readonly healthy: number }
  | { readonly do: "foreignPod"; readonly node: number; readonly gpus: number }
  | { readonly do: "reorganise"; readonly depth: number; readonly isSentAgain: boolean }
  | { readonly do: "mine"; readonly blocks: number }
  | { readonly do: "dearGas"; readonly gwei: number }
  | { readonly do: "storm"; readonly seed: number; readonly seconds: number }
  | { readonly do: "isolateApi" | "silenceChain" | "sleep"; readonly seconds: number }
  | { readonly do: "kill" };

/** An action and how long nobody does anything after it. */
export interface Step {
  readonly action: Action;
  readonly pauseMilliseconds: number;
}

const lease = fc.nat(1_000_000);
const offer = fc.constantFrom(...offerNames);
const node = fc.nat(roughNodes.length - 1);
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const act = <K extends string>(...kinds: [K, ...K[]]): fc.Arbitrary<K> => fc.constantFrom(...kinds);

const tenantActions: readonly fc.WeightedArbitrary<Action>[] = [
  {
    weight: 40,
    arbitrary: fc.record({
      do: act("rent"),
      tenant: lease,
      offer,
      units: fc.oneof(
        { weight: 20, arbitrary: fc.constant(1) },
        { weight: 10, arbitrary: fc.constantFrom(2, 3) },
        { weight: 1, arbitrary: fc.constant(9) },
      ),
      seconds: fc.oneof(
        { weight: 4, arbitrary: fc.constant(3600) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 30 }) },
      ),
      manifest: fc.oneof(
        { weight: 8, arbitrary: fc.constant<ManifestKind>("web") },
        { weight: 1, arbitrary: fc.constantFrom(...manifestKinds) },
      ),
    }),
  },
  { weight: 30, arbitrary: fc.record({ do: act("close"), lease }) },
  { weight: 5, arbitrary: fc.record({ do: act("topUp"), lease }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: act("sendManifest"), lease, manifest: fc.constantFrom("web", "newer", "broken") }),
  },
];

const adminActions: readonly fc.WeightedArbitrary<Action>[] = [
  { weight: 3, arbitrary: fc.record({ do: act("endLease", "pauseLease", "resumeLease"), lease }) },
  { weight: 2, arbitrary: fc.record({ do: act("pauseOffer", "resumeOffer", "resumeOffer", "resumeOffer"), offer }) },
  { weight: 1, arbitrary: fc.record({ do: act("price"), offer, percent: fc.integer({ min: 50, max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ do: act("cap"), offer, units: fc.integer({ min: 8, max: 128 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: act("damage"),
      lease,
      what: fc.constantFrom("namespace", "deployment", "policy", "scale", "pods"),
    }),
  },
];

const nodeActions: readonly fc.WeightedArbitrary<Action>[] = [
  { weight: 2, arbitrary: fc.record({ do: act("cordon", "uncordon", "uncordon"), node }) },
  { weight: 2, arbitrary: fc.record({ do: act("loseNode", "returnNode", "returnNode"), node }) },
  { weight: 1, arbitrary: fc.record({ do: act("sicken"), node, healthy: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: act("foreignPod"), node, gpus: fc.integer({ min: 1, max: 8 }) }) },
];

const faultActions: readonly fc.WeightedArbitrary<Action>[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      do: act("reorganise"),
      depth: fc.oneof({ weight: 2, arbitrary: upTo(8) }, { weight: 1, arbitrary: upTo(64) }),
      isSentAgain: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: act("mine"), blocks: fc.integer({ min: 1, max: 70 }) }) },
  { weight: 1, arbitrary: fc.record({ do: act("dearGas"), gwei: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ do: act("storm"), seed: fc.nat(1_000_000), seconds: upTo(30) }) },
  { weight: 2, arbitrary: fc.record({ do: act("isolateApi", "silenceChain", "sleep"), seconds: upTo(12) }) },
  { weight: 1, arbitrary: fc.record({ do: act("kill") }) },
];

/** What tenants, admins, nodes, the chain and the network between all of them do, each as often as it should be. */
export const step: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof(...tenantActions, ...adminActions, ...nodeActions, ...faultActions),
  pauseMilliseconds: fc.integer({ min: 0, max: 250 }),
});
