import { ChainClient } from "../../../chain/client.ts";
import { RpcPool } from "../../../chain/pool.ts";
import { computeLeases, computeOffers } from "../../../controllers/resources.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { type Context, nowSeconds } from "../../context.ts";
import { type ChainSession, checkMarket, marketSession } from "../../market/session.ts";
import { about, attempt, type Finding, fail, ok, skipped } from "../finding.ts";
import { balanceFinding, type Load } from "./balance.ts";
import { readEndpoints } from "./endpoint-reading.ts";
import { endpointFindings } from "./endpoints.ts";
import { registrationFinding } from "./registration.ts";
import { checkSigner, type SignerResult } from "./signer.ts";
import type { NetworkTarget } from "./target.ts";

export interface NetworkChecks {
  /** Undefined where the cluster does not answer. */
  readonly kube: KubeClient | undefined;
  /** The operator's namespace, where Secrets are. */
  readonly namespace: string;
  /** The operator's account, where no Secret tells it. */
  readonly operator: string | undefined;
}

/** The window of an offer that nobody made yet. */
const USUAL_WINDOW_SECONDS = 7200;
const NOT_NAMED: SignerResult = {
  finding: skipped("Signer", "there is no ComputeNetwork yet", "apply one: `berthage market deploy` prints it"),
  operator: undefined,
  manifestKey: undefined,
};

/** A network's endpoints, its market, and the operator's standing and money there. */
export async function networkFindings(
  target: NetworkTarget,
  settings: NetworkChecks,
  context: Context,
): Promise<readonly Finding[]> {
  const { resource } = target;
  const name = resource?.metadata.name;
  const readings = await readEndpoints(target, context.clock);
  const endpoints = endpointFindings(readings, target.chainId, nowSeconds(context));
  const signer = await signerOf(target, settings, context);
  const useful = target.endpoints.filter((_, index) => endpoints[index]?.result !== "fail");
  const chainId = target.chainId ?? readings.find((one) => one.chainId !== undefined)?.chainId;
  const rest =
    useful.length === 0 || chainId === undefined || readings.every(({ error }) => error !== undefined)
      ? [skipped("Market", "no endpoint is fit to be asked", "mend the endpoints first")]
      : await onChain(target, { chainId, endpoints: useful }, { ...settings, signer }, context);
  return [
    ...endpoints.map((one) => (name === undefined ? one : about(`${name}/${one.subject}`, one))),
    ...[signer.finding, ...rest].map((one) => about(name, one)),
  ];
}

async function signerOf({ resource }: NetworkTarget, settings: NetworkChecks, context: Context): Promise<SignerResult> {
  const { kube, namespace, operator } = settings;
  if (resource === undefined || kube === undefined) return { ...NOT_NAMED, operator };
  const result = await checkSigner(resource, kube, namespace, context.clock);
  return { ...result, operator: result.operator ?? operator };
}

async function onChain(
  target: NetworkTarget,
  { chainId, endpoints }: Pick<NetworkTarget, "endpoints"> & { chainId: bigint },
  settings: NetworkChecks & { signer: SignerResult },
  context: Context,
): Promise<readonly Finding[]> {
  const pool = new RpcPool({ chainId, endpoints, clock: context.clock, readDeadlineSeconds: 10 });
  const chain: ChainSession = { client: new ChainClient(pool), chainId };
  try {
    return [
      ...(await attempt("Market", () => marketFindings(target, chain, settings.signer))),
      ...(await attempt("Operator balance", () => balance(target, chain, settings))),
    ];
  } finally {
    await pool.close();
  }
}

async function marketFindings(
  { market, resource }: NetworkTarget,
  chain: ChainSession,
  { operator, manifestKey }: SignerResult,
): Promise<readonly Finding[]> {
  if (market === undefined) return [skipped("Market", "no address was named", "give --market (BERTHAGE_MARKET)")];
  try {
    await checkMarket(chain, market);
  } catch (error) {
    if (resource === undefined || !(error instanceof Error)) throw error;
    return [fail("Market", error.message, "correct spec.market.address, or spec.market.chainId")];
  }
  const { views, market: address } = marketSession(chain, market);
  const found = ok("Market", address);
  if (operator === undefined) return [found];
  const id = await views.providerOf(operator);
  const provider = id === undefined ? undefined : await views.provider(id);
  return [found, registrationFinding({ operator, payout: resource?.spec.payout, manifestKey }, provider)];
}

async function balance(
  { resource }: NetworkTarget,
  { client }: ChainSession,
  { signer: { operator }, kube }: NetworkChecks & { signer: SignerResult },
): Promise<Finding> {
  if (operator === undefined) {
    return skipped("Operator balance", "no account was named", "give --operator, or --key-file");
  }
  const [wei, fees, load] = await Promise.all([
    client.balanceWei(operator),
    client.feeHistory(),
    loadOf(kube, resource?.metadata.name),
  ]);
  return balanceFinding(operator, wei, load, fees, BigInt(resource?.spec.budget?.minBalanceWei ?? "0"));
}

/** What this network's leases and offers will cost in heartbeats. */
async function loadOf(kube: KubeClient | undefined, network: string | undefined): Promise<Load> {
  const none: Load = { leases: 0, windowSeconds: USUAL_WINDOW_SECONDS };
  if (kube === undefined || network === undefined) return none;
  const [leases, offers] = await Promise.all([kube.list(computeLeases), kube.list(computeOffers)]);
  const own = <T extends { spec: { networkRef: { name: string } } }>(items: readonly T[]): readonly T[] =>
    items.filter(({ spec }) => spec.networkRef.name === network);
  const windows = own(offers.items).map(({ spec }) => spec.terms.heartbeatWindowSeconds);
  return {
    leases: own(leases.items).length,
    windowSeconds: windows.length > 0 ? Math.min(...windows) : none.windowSeconds,
  };
}
