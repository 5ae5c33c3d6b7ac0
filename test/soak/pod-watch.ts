import type { IPod } from "kubernetes-models/v1/Pod";
import { labels, managedBy } from "../../src/api/names.ts";
import { pods } from "../../src/kube/core.ts";
import type { Stage } from "./stage.ts";
import { demand } from "./violation.ts";

/** So old the operator's view of the head may be under the faults of a soak, outages and backoff together. */
const HEAD_LAG_SECONDS = 30;
const BURST_SECONDS = 3;

/**
 * What must be so of pods at every look: one workload a lease at most. It also keeps for how long each lease can have been
 * served: every while, in the chain's time, at whose beginning or end a pod of it was ready. What happened to pods while the
 * operator could not look at the cluster, it cannot know; nor, when a pod turns ready, of a burst of blocks just before.
 */
export class PodWatch {
  readonly #stage: Stage;
  readonly #servedSeconds = new Map<string, number>();
  #before = { timestampSeconds: 0, atMilliseconds: 0, ready: new Set<string>() };
  #bursts: readonly { readonly seconds: number; readonly atMilliseconds: number }[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** @throws Violation; other errors say that a server did not answer */
  async look(): Promise<void> {
    const earlier = await this.#living();
    const { timestampSeconds } = await this.#stage.world.market.client.header("latest");
    const living = await this.#living();
    this.#checkCount(living);
    // Both: a burst of blocks may come between a look at the pods and one at the chain, and half a minute with it.
    const ready = new Set([...earlier, ...living].filter(isReady).map(leaseOf));
    const isFirst = this.#before.timestampSeconds === 0;
    const seconds = isFirst ? 0 : Math.max(0, timestampSeconds - this.#before.timestampSeconds);
    const burstSeconds = this.#recentBursts(seconds);
    for (const lease of new Set([...ready, ...this.#before.ready])) {
      const isNew = !this.#before.ready.has(lease);
      const before = this.#servedSeconds.get(lease) ?? 0;
      this.#servedSeconds.set(lease, before + seconds + (isNew ? burstSeconds : 0));
    }
    const unseen = this.#stage.isBlind ? this.#before.ready : [];
    this.#before = { timestampSeconds, atMilliseconds: performance.now(), ready: new Set([...ready, ...unseen]) };
  }

  /** By how many seconds the chain has run ahead of everybody's clock lately, given those since the last look. */
  #recentBursts(seconds: number): number {
    const atMilliseconds = performance.now();
    const ahead = seconds - (atMilliseconds - this.#before.atMilliseconds) / 1000;
    const recent = this.#bursts.filter((burst) => atMilliseconds - burst.atMilliseconds < HEAD_LAG_SECONDS * 1000);
    this.#bursts = ahead > BURST_SECONDS ? [...recent, { seconds: ahead, atMilliseconds }] : recent;
    return Math.ceil(recent.reduce((sum, burst) => sum + burst.seconds, 0));
  }

  /** The most that can have been served to a lease, in seconds. */
  mostServedSeconds(lease: string): number {
    return this.#servedSeconds.get(lease) ?? 0;
  }

  async #living(): Promise<readonly IPod[]> {
    const selection = { labelSelector: `${labels.managedBy}=${managedBy}` };
    const { items } = await this.#stage.world.kube.list<IPod>(pods, selection);
    return items.filter(({ metadata, status }) => isLiving(status?.phase, metadata?.deletionTimestamp));
  }

  #checkCount(living: readonly IPod[]): void {
    const names = new Map<string, string[]>();
    for (const pod of living) names.set(leaseOf(pod), [...(names.get(leaseOf(pod)) ?? []), pod.metadata?.name ?? ""]);
    for (const [lease, workloads] of names) {
      // Kubernetes obeys whoever scales by hand, and then us.
      const isTampered = this.#stage.scaled.has(lease);
      demand(
        workloads.length <= 1 || isTampered,
        () => `lease ${lease} has several workloads: ${workloads.join(", ")}`,
      );
    }
  }
}

function leaseOf({ metadata }: IPod): string {
  return metadata?.labels?.[labels.lease] ?? "";
}

function isReady({ status }: IPod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
}

function isLiving(phase: string | undefined, deletedAt: string | undefined): boolean {
  return deletedAt === undefined && phase !== "Succeeded" && phase !== "Failed";
}
