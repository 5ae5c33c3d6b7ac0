import type { ComputeNetwork, ComputeNetworkStatus } from "../../api/types.gen.ts";
import type { LaneTrouble } from "../../chain/lane-settings.ts";
import type { ChainMetrics } from "../../chain/metrics.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import { conditionOf } from "../../kube/conditions.ts";
import type { Result } from "../../kube/controller.ts";
import { errorText, type Logger } from "../../kube/logger.ts";
import { applyStatus } from "../../kube/status.ts";
import { type ConnectionFailure, connectionFailure } from "../../networks/connection-failure.ts";
import type { Intent } from "../../networks/driver.ts";
import { drivers } from "../../networks/drivers.ts";
import type { Network } from "../../networks/network.ts";
import type { NetworkMetrics } from "../../telemetry/chain-metrics.ts";
import { withConditions } from "../conditions.ts";
import type { Explain } from "../explain.ts";
import { byNetwork, type Informers } from "../informers.ts";
import { computeNetworks } from "../resources.ts";
import { ConnectedLedger } from "./connected.ts";
import { type ConnectionState, type NetworkFacts, networkConditionsOf } from "./connection-conditions.ts";
import { ConfigMapJournal } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import type { LedgerChange, LedgerFeed } from "./ledger-source.ts";
import { type Materials, readMaterials } from "./materials.ts";
import { networkStatus } from "./status.ts";

export interface ConnectionDependencies {
  readonly client: KubeClient;
  readonly informers: Informers;
  /** Where Secrets and journals live. */
  readonly namespace: string;
  readonly explain: Explain;
  readonly clock: Clock;
  readonly logger: Logger;
  chainMetrics(network: string): ChainMetrics;
  readonly networkMetrics: Pick<NetworkMetrics, "balance" | "gasUsed">;
  /** Whether this process still leads; asked before every signature. */
  fence(): Promise<boolean>;
  redact(secret: string): void;
  /** Which wishes for a network may be sent now; `writtenAt`: the block of the last transaction. */
  admit(
    network: string,
    wishes: ReadonlyMap<string, Intent>,
    writtenAt: bigint | undefined,
  ): ReadonlyMap<string, Intent>;
}

/** Which ComputeNetwork something was made for. */
interface MadeFor {
  readonly generation: number | undefined;
  readonly uid: string | undefined;
}

interface Connection extends MadeFor {
  readonly materials: Materials;
  readonly network: Network;
  readonly ledger: ConnectedLedger;
  readonly stop: AbortController;
  readonly reading: Promise<void>;
  /** What writes to the network, while this process leads. */
  writing: Promise<void> | undefined;
}

const RETRY_SECONDS = 5;
const REFRESH_SECONDS = 10;
/** A chain whose newest block is older stands still, or the endpoint does: nothing is decided on it. */
const STALL_SECONDS = 900;

/**
 * One live connection for each ComputeNetwork, remade when its spec or its keys change. Every replica reads
 * its networks, so that any can answer tenants and take over warm; only the one that leads writes, to the network or of it.
 */
export class Connections implements LedgerFeed {
  readonly #deps: ConnectionDependencies;
  readonly #connections = new Map<string, Connection>();
  /** Why a network is not connected as its spec asks. */
  readonly #problems = new Map<string, MadeFor & { readonly message: string }>();
  readonly #handlers: ((change: LedgerChange) => void)[] = [];
  /** Aborts when leadership ends; undefined before it began. */
  #leadership: AbortSignal | undefined;

  constructor(dependencies: ConnectionDependencies) {
    this.#deps = dependencies;
  }

  get(network: string): Ledger | undefined {
    return this.#connections.get(network)?.ledger;
  }

  /** Live connections by name, for status pages and metrics. */
  live(): ReadonlyMap<string, { readonly network: Network; readonly ledger: Ledger }> {
    return this.#connections;
  }

  onChange(handler: (change: LedgerChange) => void): void {
    this.#handlers.push(handler);
  }

  /** Writes too, from now until the signal aborts and everything that writes has ended. */
  async lead(signal: AbortSignal): Promise<void> {
    this.#leadership = signal;
    for (const [name, connection] of this.#connections) {
      this.#startWriting(connection);
      this.#tell(name, "");
    }
    await aborted(signal);
    await Promise.all([...this.#connections.values()].map(({ writing }) => writing));
  }

  /** network.connection: makes, remakes and ends the connection that a ComputeNetwork asks for. */
  async connect(name: string, signal: AbortSignal): Promise<Result | undefined> {
    const resource = this.#deps.informers.networks.store.get(name);
    if (resource === undefined || resource.metadata.deletionTimestamp !== undefined) {
      this.#problems.delete(name);
      await this.#disconnect(name);
      return undefined;
    }
    const problem = await this.#tryConnect(name, resource, signal);
    return { requeueAfterSeconds: problem === undefined ? REFRESH_SECONDS : RETRY_SECONDS };
  }

  /** network.status: tells in a ComputeNetwork's status how it is. */
  async report(name: string, signal: AbortSignal): Promise<Result | undefined> {
    const resource = this.#deps.informers.networks.store.get(name);
    if (resource === undefined || resource.metadata.deletionTimestamp !== undefined) return undefined;
    const connection = this.#connections.get(name);
    const problem = this.#problems.get(name);
    if (!isOf(resource, connection) && !isOf(resource, problem)) return { requeueAfterSeconds: RETRY_SECONDS };
    const facts = await this.#gather(resource, connection, problem?.message, signal);
    const isNews = problem !== undefined || facts.connection.kind !== "connecting";
    if (!isNews && isObserved(resource)) return { requeueAfterSeconds: RETRY_SECONDS };
    await this.#writeStatus(resource, connection, facts, signal);
    if (facts.balanceWei !== undefined) this.#deps.networkMetrics.balance(name, facts.balanceWei);
    // What was mended is to be seen within seconds.
    const isWell = problem === undefined && networkConditionsOf(facts).every(({ status }) => status === "True");
    return { requeueAfterSeconds: isWell ? REFRESH_SECONDS : RETRY_SECONDS };
  }

  /** Ends every connection; what is in flight waits in the journals. */
  async close(): Promise<void> {
    await Promise.all([...this.#connections.keys()].map((name) => this.#disconnect(name)));
  }

  /** What keeps it from being connected, told to whoever reports. */
  async #tryConnect(name: string, resource: ComputeNetwork, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#problems.get(name)?.message;
    const problem = await this.#connect(name, resource, signal).then(() => undefined, errorText);
    const { generation, uid } = resource.metadata;
    if (problem === undefined) this.#problems.delete(name);
    else this.#problems.set(name, { generation, uid, message: problem });
    if (problem !== known) this.#tell(name, "");
    return problem;
  }

  async #connect(name: string, resource: ComputeNetwork, signal: AbortSignal): Promise<void> {
    const { client, namespace, redact, clock } = this.#deps;
    const existing = this.#connections.get(name);
    const materials = await readMaterials({ client, namespace, clock, redact }, resource, existing?.materials, signal);
    if (existing?.materials === materials && isOf(resource, existing)) return;
    await this.#disconnect(name);
    const network = this.#open(name, resource, materials);
    const { market } = resource.spec;
    const sealing = { chainId: market?.chainId ?? 0, market: market?.address ?? "" };
    const ledger = new ConnectedLedger({ name, network, materials, sealing, clock });
    const stop = new AbortController();
    network.ledger.subscribe((key) => this.#tell(name, key));
    const reading = network.run(stop.signal);
    const { generation, uid } = resource.metadata;
    const connection = { generation, uid, materials, network, ledger, stop, reading, writing: undefined };
    this.#connections.set(name, connection);
    this.#startWriting(connection);
    this.#tell(name, "");
  }

  #startWriting(connection: Connection): void {
    if (this.#leadership === undefined || this.#leadership.aborted) return;
    connection.writing = connection.network.lane.run(AbortSignal.any([this.#leadership, connection.stop.signal]));
  }

  #open(name: string, resource: ComputeNetwork, { signer }: Materials): Network {
    const { client, namespace, informers, clock, fence, chainMetrics, networkMetrics, logger } = this.#deps;
    const head = resource.status?.head;
    const pollSeconds = resource.spec.market?.pollSeconds ?? 2;
    return drivers[resource.spec.driver](resource.spec, {
      signer,
      journal: new ConfigMapJournal(client, namespace, name),
      fence,
      known: () => informers.leases.store.byIndex(byNetwork, name).map((lease) => lease.spec.leaseId),
      clock,
      random: Math.random,
      metrics: chainMetrics(name),
      finalPollSeconds: Math.min(30, 5 * pollSeconds),
      stallSeconds: STALL_SECONDS,
      ...(head === undefined ? {} : { recorded: { number: BigInt(head.number), hash: head.hash } }),
      admit: (wishes, writtenAt) => this.#deps.admit(name, wishes, writtenAt),
      onDone: (keys, receipt) => {
        networkMetrics.gasUsed(name, receipt.gasUsed);
        logger.info("transaction mined", { network: name, transaction: receipt.transactionHash, intents: keys });
        this.#connections.get(name)?.network.ledger.wake();
        for (const handler of this.#handlers) handler({ kind: "written", network: name, intents: keys });
      },
      onRefused: (key, reason) => logger.warn("the network refuses an intent", { network: name, intent: key, reason }),
    });
  }

  #tell(network: string, key: string): void {
    const slash = key.indexOf("/");
    const [kind, id] = [key.slice(0, slash), key.slice(slash + 1)];
    const change: LedgerChange =
      kind === "lease" || kind === "offer" ? { kind, network, id } : { kind: "network", network };
    for (const handler of this.#handlers) handler(change);
  }

  async #disconnect(name: string): Promise<void> {
    const connection = this.#connections.get(name);
    if (connection === undefined) return;
    this.#connections.delete(name);
    connection.stop.abort();
    await Promise.all([connection.reading, connection.writing]);
    await connection.network.close();
  }

  async #gather(
    { spec }: ComputeNetwork,
    connection: Connection | undefined,
    materialsProblem: string | undefined,
    signal: AbortSignal,
  ): Promise<NetworkFacts> {
    const state = await connectionState(connection?.network, this.#deps.clock, signal);
    const { trouble, lastError } = connection?.network.lane.state() ?? {};
    return {
      connection: state,
      signerProblem: materialsProblem ?? (trouble === "SignerFailed" ? lastError : undefined),
      operatorAddress: connection?.materials.signer.address,
      provider: connection?.ledger.provider,
      expectedPayout: spec.payout,
      manifestKey: connection?.materials.manifestPublicKey,
      balanceWei: state.kind === "connected" ? await connection?.network.balanceWei(signal) : undefined,
      minBalanceWei: BigInt(spec.budget?.minBalanceWei ?? "0"),
      spending: spendingOf(trouble),
    };
  }

  async #writeStatus(
    resource: ComputeNetwork,
    connection: Connection | undefined,
    facts: NetworkFacts,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, explain } = this.#deps;
    const { generation } = resource.metadata;
    const before = resource.status?.conditions;
    const conditions = withConditions(before, networkConditionsOf(facts), generation, clock.now());
    const status: ComputeNetworkStatus | undefined = networkStatus(resource, conditions, facts, connection?.network);
    if (status === undefined) return;
    await applyStatus(client, computeNetworks, resource, status, { fieldManager: "berthage", signal });
    explain({ ...resource, kind: computeNetworks.kind }, before, conditions);
  }
}

function isOf({ metadata }: ComputeNetwork, made: MadeFor | undefined): boolean {
  return made !== undefined && made.generation === metadata.generation && made.uid === metadata.uid;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** While this process has yet to read the network, what the last one found stands: a restart is no news (laws 1, 9). */
function isObserved({ metadata, status }: ComputeNetwork): boolean {
  return conditionOf(status?.conditions, "Connected")?.observedGeneration === metadata.generation;
}

async function connectionState(
  network: Network | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<ConnectionState> {
  if (network === undefined) return { kind: "connecting" };
  try {
    await network.driver.identify(signal);
    if (network.ledger.lastFailure("head") !== undefined) network.ledger.wake(); // an endpoint is back: no need to wait
    const failure = failureOf(network);
    if (failure !== undefined) return { kind: "failed", ...connectionFailure(failure) };
  } catch (error) {
    return { kind: "failed", ...connectionFailure(error) };
  }
  const { head } = network.ledger;
  if (head === undefined) return { kind: "connecting" };
  const endpoints = network.endpoints();
  const well = endpoints.filter(({ breaker }) => breaker === "closed").length;
  const aheadSeconds = head.point.timestampSeconds - Math.floor(clock.now() / 1000);
  return { kind: "connected", endpoints: `${well} of ${endpoints.length} endpoints answer.`, aheadSeconds };
}

/** What is wrong with final history: endpoints that differ on it, or a change of it. It counts however well the head looks. */
const finalReasons: readonly ConnectionFailure["reason"][] = ["EndpointsDisagree", "FinalityViolated"];

function failureOf({ ledger }: Network): unknown {
  const final = ledger.lastFailure("final");
  const isFinalBroken = final !== undefined && finalReasons.includes(connectionFailure(final).reason);
  return isFinalBroken ? final : ledger.lastFailure("head");
}

function spendingOf(trouble: LaneTrouble | undefined): NetworkFacts["spending"] {
  if (trouble === "BudgetExhausted") return "BudgetSpent";
  if (trouble === "LowBalance") return "BalanceEmpty"; // it is not zero, and pays for nothing
  return trouble === "FeeCeiling" ? "FeeCeiling" : "ok";
}
