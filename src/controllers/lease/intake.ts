import { apiVersion, finalizers, leaseLabels, leaseObjectName } from "../../api/names.ts";
import type { ComputeLease, ComputeOffer } from "../../api/types.gen.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import type { Result } from "../../kube/controller.ts";
import { ensure } from "../../kube/ensure.ts";
import type { Logger } from "../../kube/logger.ts";
import type { LedgerLease } from "../../networks/driver.ts";
import { byNetwork, type Informers } from "../informers.ts";
import { leaseIntentKey } from "../network/intents.ts";
import type { Ledger, Ledgers } from "../network/ledger.ts";
import { specHash } from "../offer/spec-hash.ts";
import { computeLeases } from "../resources.ts";
import { isSuccessor } from "./succession.ts";

const NO_MANIFEST = `0x${"0".repeat(64)}`;
/** How long a lease may stand on the ledger for which no ComputeOffer is found, before it is refunded. */
const UNKNOWN_OFFER_SECONDS = 900;
/** How often a lease looks whether the one that had its id before a reorganisation is gone. */
const SUCCESSION_SECONDS = 5;

/** The ComputeLease that a ledger entry asks for. The finalizer is there from the first write: nothing is placed without it. */
export function desiredLease(network: string, offer: ComputeOffer, entry: LedgerLease): ComputeLease {
  const offerName = offer.metadata.name ?? "";
  const identity = { network, leaseId: entry.id, offer: offerName, tenant: entry.tenant };
  return {
    apiVersion,
    kind: "ComputeLease",
    metadata: {
      name: leaseObjectName(network, entry.id),
      labels: leaseLabels(identity),
      finalizers: [finalizers.lease],
    },
    spec: {
      networkRef: { name: network },
      leaseId: entry.id,
      offerRef: { name: offerName },
      offerId: entry.offerId,
      tenant: entry.tenant,
      units: entry.units,
      price: { token: entry.token, perHour: entry.pricePerHour.toString() },
      ...(entry.manifestHash === NO_MANIFEST ? {} : { manifestHash: entry.manifestHash }),
    },
  };
}

export interface IntakeDependencies {
  readonly client: KubeClient;
  readonly informers: Informers;
  readonly ledgers: Ledgers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** lease.intake: every live lease on the ledger has a ComputeLease that says the same. */
export class LeaseIntake {
  readonly #deps: IntakeDependencies;
  readonly #orphanedAt = new Map<string, number>();

  constructor(dependencies: IntakeDependencies) {
    this.#deps = dependencies;
  }

  /** @param key `<network>/<lease id>` */
  async reconcile(key: string, signal: AbortSignal): Promise<Result | undefined> {
    const { client, informers, ledgers } = this.#deps;
    const slash = key.indexOf("/");
    const [network, id] = [key.slice(0, slash), key.slice(slash + 1)];
    const ledger = ledgers.get(network);
    const entry = ledger?.head?.leases.get(id);
    if (ledger === undefined || !ledger.hasSynced() || entry?.state !== "Active") {
      this.#orphanedAt.delete(key);
      return undefined; // a lease that ended before it was seen leaves nothing to do
    }
    const offer = this.#offerOf(network, ledger, entry);
    if (offer === undefined) return this.#orphaned(key, ledger, entry);
    this.#orphanedAt.delete(key);
    const existing = informers.leases.store.get(leaseObjectName(network, id));
    if (existing !== undefined && isSuccessor(existing, entry, ledger.final?.leases.get(id))) {
      return { requeueAfterSeconds: SUCCESSION_SECONDS };
    }
    if (existing?.metadata.deletionTimestamp !== undefined) return undefined;
    const desired = desiredLease(network, offer, entry);
    await ensure(client, computeLeases, desired, existing, { fieldManager: "berthage-intake", signal });
    return undefined;
  }

  #offerOf(network: string, ledger: Ledger, entry: LedgerLease): ComputeOffer | undefined {
    const hash = ledger.head?.offers.get(entry.offerId)?.terms.specHash;
    return this.#deps.informers.offers.store.byIndex(byNetwork, network).find((offer) => specHash(offer) === hash);
  }

  /** Sold, but nothing here says what: its offer was deleted by force, or another cluster uses this provider. */
  #orphaned(key: string, ledger: Ledger, entry: LedgerLease): Result {
    const since = this.#orphanedAt.get(key) ?? this.#deps.clock.monotonic();
    this.#orphanedAt.set(key, since);
    const waited = (this.#deps.clock.monotonic() - since) / 1000;
    if (waited < UNKNOWN_OFFER_SECONDS || entry.billedSeconds > 0) {
      this.#deps.logger.warn("no ComputeOffer sells what this lease was sold as", {
        lease: key,
        offerId: entry.offerId,
      });
      return { requeueAfterSeconds: 60 };
    }
    ledger.submit(leaseIntentKey(entry.id, "Close"), { kind: "Close", leaseId: entry.id, reason: "Unplaceable" });
    return { requeueAfterSeconds: 60 };
  }
}
