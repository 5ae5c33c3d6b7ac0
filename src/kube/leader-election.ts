import type { ILease } from "kubernetes-models/coordination.k8s.io/v1/Lease";
import type { Random } from "./backoff.ts";
import type { KubeClient } from "./client.ts";
import { type Clock, sleep, systemClock } from "./clock.ts";
import { leases } from "./core.ts";
import { AlreadyExists, Conflict, NotFound } from "./errors.ts";
import { errorText, type Logger, silentLogger } from "./logger.ts";
import { type LeaderMetrics, noMetrics } from "./metrics.ts";
import { microTime } from "./micro-time.ts";

export interface LeaderElectionOptions {
  namespace: string;
  /** Name of the Lease object. */
  name: string;
  /** Unique to this process: pod name and a random part. */
  identity: string;
  /** How long others wait after the last renewal they saw; 15 unless told. */
  leaseDurationSeconds?: number;
  /** The leader gives up when it could not renew for so long; 10 unless told. Must be less than the duration. */
  renewDeadlineSeconds?: number;
  /** Time between attempts; 2 unless told. */
  retryPeriodSeconds?: number;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
  metrics?: LeaderMetrics;
}

export interface LeaderCallbacks {
  /** Called once, when leadership is won. The signal aborts the moment it is lost or given up. */
  onStarted(signal: AbortSignal): void;
  /** Called when leadership has ended, before the Lease is released to others. A process that lost it should exit. */
  onStopped(reason: "lost" | "released"): void | Promise<void>;
}

/** Spreads the attempts of candidates, as client-go does. */
const JITTER = 1.2;
const RELEASE_TRIES = 3;

/**
 * Leader election on a `coordination.k8s.io/v1` Lease. Another's lease has expired when its record did not change for
 * its duration *as seen here*: clocks of other machines are never compared with ours.
 */
export class LeaderElector {
  readonly #client: KubeClient;
  readonly #options: Required<LeaderElectionOptions>;
  /** The lease as last read or written, and since when it looks like that. */
  #observed: ILease | undefined;
  #observedAt = 0;
  /** When the renewal that succeeded last was *sent*: others count from later. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #leading = false;

  constructor(client: KubeClient, options: LeaderElectionOptions) {
    this.#client = client;
    this.#options = {
      leaseDurationSeconds: 15,
      renewDeadlineSeconds: 10,
      retryPeriodSeconds: 2,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      metrics: noMetrics,
      ...options,
    };
    const { leaseDurationSeconds, renewDeadlineSeconds, retryPeriodSeconds } = this.#options;
    if (!(leaseDurationSeconds > renewDeadlineSeconds && renewDeadlineSeconds > JITTER * retryPeriodSeconds)) {
      throw new Error("leader election needs leaseDurationSeconds > renewDeadlineSeconds > 1.2 × retryPeriodSeconds");
    }
  }

  /** True while nobody else can be leader. Ask right before what only a leader may do: a paused process finds out here. */
  isLeader(): boolean {
    return this.#leading && this.#secondsSinceRenewal() < this.#options.renewDeadlineSeconds;
  }

  /** Seconds for which this process has gone on as leader without being able to renew, past the time to give up. 0 when none. */
  overdueSeconds(): number {
    return this.#leading ? Math.max(0, this.#secondsSinceRenewal() - this.#options.renewDeadlineSeconds) : 0;
  }

  /** Who holds the lease as far as known; empty when nobody does. */
  holder(): string {
    return this.#observed?.spec?.holderIdentity ?? "";
  }

  /**
   * Waits for leadership and keeps it. Returns when it is lost, or when the signal aborted; then the lease is released,
   * so stop the work first.
   */
  async run(signal: AbortSignal, callbacks: LeaderCallbacks): Promise<void> {
    const { logger, metrics, name, identity } = this.#options;
    metrics.leader(name, false);
    while (!signal.aborted && !(await this.#attempt(signal))) await this.#pause(signal);
    if (!this.#holds()) return;
    this.#leading = true;
    metrics.leader(name, true);
    logger.info("became leader", { lease: name, identity });
    const leadership = new AbortController();
    callbacks.onStarted(leadership.signal);
    while (!signal.aborted && this.isLeader()) {
      await this.#pause(signal);
      if (!signal.aborted && !(await this.#renew(signal))) break;
    }
    const reason = signal.aborted && this.isLeader() ? "released" : "lost";
    this.#leading = false;
    metrics.leader(name, false);
    leadership.abort(new Error(`leadership of ${name} ${reason}`));
    logger.info("leadership ended", { lease: name, identity, reason });
    await callbacks.onStopped(reason);
    if (reason === "released") await this.#release();
  }

  #holds(): boolean {
    return (
      this.#observed?.spec?.holderIdentity === this.#options.identity &&
      this.#secondsSinceRenewal() < this.#options.renewDeadlineSeconds
    );
  }

  #secondsSinceRenewal(): number {
    return (this.#options.clock.monotonic() - this.#renewedAt) / 1000;
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { clock, random, retryPeriodSeconds } = this.#options;
    return sleep(clock, retryPeriodSeconds * 1000 * (1 + (JITTER - 1) * random()), signal);
  }

  /** Renews until it works, another holds the lease, or the deadline has passed. */
  async #renew(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true;
      const other = this.holder();
      if (other !== "" && other !== this.#options.identity) return false;
      if (!this.isLeader()) return false;
      await this.#pause(signal);
    }
    return true;
  }

  /** One try to take or renew the lease; false when another holds it or the server could not be asked. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, logger, name, renewDeadlineSeconds } = this.#options;
    const call = new AbortController();
    const stop = (): void => call.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const left = this.#leading ? renewDeadlineSeconds - this.#secondsSinceRenewal() : renewDeadlineSeconds;
    const timer = clock.setTimer(Math.max(0, left) * 1000, () => call.abort(new Error("renew deadline passed")));
    try {
      return await this.#takeOrRenew(call.signal);
    } catch (error) {
      if (!(error instanceof Conflict || error instanceof AlreadyExists) && !signal.aborted) {
        logger.warn("the leader lease could not be written, trying again", { lease: name, error: errorText(error) });
      }
      return false;
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#options;
    const sentAt = clock.monotonic();
    if (!this.#leading) await this.#read(signal);
    const lease = this.#observed;
    if (lease === undefined) {
      const spec = this.#spec(undefined);
      this.#observe(await this.#client.create(leases, { ...this.#empty(), spec }, { fieldManager: identity, signal }));
    } else {
      if (!this.#mayTake(lease)) return false;
      try {
        const next = { ...lease, spec: this.#spec(lease) };
        this.#observe(await this.#client.update(leases, next, { fieldManager: identity, signal }));
      } catch (error) {
        if (error instanceof Conflict || error instanceof NotFound) await this.#read(signal);
        throw error;
      }
    }
    this.#renewedAt = sentAt;
    return true;
  }

  #mayTake({ spec }: ILease): boolean {
    const { identity, clock, leaseDurationSeconds } = this.#options;
    const holder = spec?.holderIdentity ?? "";
    if (holder === "" || holder === identity) return true;
    const duration = spec?.leaseDurationSeconds ?? leaseDurationSeconds;
    return clock.monotonic() - this.#observedAt >= duration * 1000;
  }

  async #read(signal?: AbortSignal): Promise<void> {
    const { namespace, name } = this.#options;
    const lease = await this.#client.find(leases, { namespace, name }, signal === undefined ? {} : { signal });
    if (lease === undefined) this.#observed = undefined;
    else this.#observe(lease);
  }

  #observe(lease: ILease): void {
    const known = this.#observed?.metadata;
    if (known?.resourceVersion !== lease.metadata?.resourceVersion || known?.uid !== lease.metadata?.uid) {
      this.#observedAt = this.#options.clock.monotonic();
    }
    this.#observed = lease;
  }

  /** The record that makes us holder. `previous` is what it replaces. */
  #spec(previous: ILease | undefined): NonNullable<ILease["spec"]> {
    const { clock, identity, leaseDurationSeconds } = this.#options;
    const now = microTime(clock.now());
    const spec = previous?.spec;
    const renewal = spec?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds,
      renewTime: now,
      acquireTime: renewal ? (spec?.acquireTime ?? now) : now,
      leaseTransitions: (spec?.leaseTransitions ?? 0) + (renewal || previous === undefined ? 0 : 1),
    };
  }

  /**
   * Lets the next leader start at once. Reads first, since a renewal that was cut short may have been applied all the same.
   * Failing is harmless: the lease then expires.
   */
  async #release(): Promise<void> {
    const { clock, identity, logger, name } = this.#options;
    try {
      for (let tries = 1; ; tries++) {
        await this.#read();
        const lease = this.#observed;
        if (lease?.spec?.holderIdentity !== identity) return;
        const now = microTime(clock.now());
        const spec = { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
        try {
          return this.#observe(await this.#client.update(leases, { ...lease, spec }, { fieldManager: identity }));
        } catch (error) {
          if (!(error instanceof Conflict) || tries === RELEASE_TRIES) throw error;
        }
      }
    } catch (error) {
      logger.warn("the leader lease could not be released, it will expire", { lease: name, error: errorText(error) });
    }
  }

  #empty(): ILease {
    const { namespace, name } = this.#options;
    return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name } };
  }
}
