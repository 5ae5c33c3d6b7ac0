import type { PodFacts } from "./pod-facts.ts";
import { addTo, largest, type Resources } from "./resources.ts";

/** What one lease holds on a node: its reservation, or its pods where they are more. */
interface Claim {
  readonly reserved: Resources;
  readonly pods: Resources;
}

/**
 * What is used on one node: every pod of others, and for each lease the larger of what is reserved for it and what
 * its own pods ask. Kept by differences in exact integers, so it never drifts from a sum made anew.
 */
export class NodeLedger {
  readonly #used = new Map<string, bigint>();
  readonly #claims = new Map<string, Claim>();

  get used(): Resources {
    return this.#used;
  }

  add(pod: PodFacts): void {
    this.#count(pod, 1n);
  }

  remove(pod: PodFacts): void {
    this.#count(pod, -1n);
  }

  /** Sets what is reserved for a lease; nothing releases it. */
  reserve(lease: string, reserved: Resources): void {
    this.#setClaim(lease, { reserved, pods: this.#claim(lease).pods });
  }

  #count(pod: PodFacts, sign: 1n | -1n): void {
    if (pod.lease === undefined) {
      addTo(this.#used, pod.requests, sign);
      return;
    }
    const { reserved, pods } = this.#claim(pod.lease);
    const counted = new Map(pods);
    addTo(counted, pod.requests, sign);
    this.#setClaim(pod.lease, { reserved, pods: counted });
  }

  #claim(lease: string): Claim {
    return this.#claims.get(lease) ?? { reserved: new Map(), pods: new Map() };
  }

  #setClaim(lease: string, claim: Claim): void {
    addTo(this.#used, held(this.#claim(lease)), -1n);
    addTo(this.#used, held(claim));
    if (claim.reserved.size === 0 && claim.pods.size === 0) this.#claims.delete(lease);
    else this.#claims.set(lease, claim);
  }
}

function held({ reserved, pods }: Claim): Resources {
  return largest(reserved, pods);
}
