import type { ComputeNetwork } from "../../../api/types.gen.ts";
import { computeNetworks } from "../../../controllers/resources.ts";
import type { KubeClient } from "../../../kube/client.ts";
import { NotFound } from "../../../kube/errors.ts";
import { Failure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { parseAddress, parseUrl } from "../../input/values.ts";

/** A network to check: one that a ComputeNetwork describes, or one that flags name before there is any. */
export interface NetworkTarget {
  /** The ComputeNetwork; undefined when flags named everything. */
  readonly resource: ComputeNetwork | undefined;
  /** What the endpoints must serve; undefined: whatever they do serve. */
  readonly chainId: bigint | undefined;
  /** Address of the market, when it is known. */
  readonly market: string | undefined;
  readonly endpoints: readonly { readonly name: string; readonly url: string }[];
  /** Blocks behind the latest that count as final; undefined: the chain's own tag. */
  readonly finalityBlocks: number | undefined;
}

/**
 * What to check: the ComputeNetwork of --network, else what --rpc and --market say, else every ComputeNetwork there is.
 * `kube` is undefined where the cluster does not answer.
 * @throws Failure when --network names none
 */
export async function networkTargets(flags: Flags, kube: KubeClient | undefined): Promise<readonly NetworkTarget[]> {
  const [name, rpc] = [flags.text("network"), flags.text("rpc")];
  if (name === undefined && rpc !== undefined) return [namedTarget(rpc, flags.text("market"))];
  if (kube === undefined) return [];
  const networks = await listNetworks(kube);
  const wanted = networks.filter(({ metadata }) => name === undefined || metadata.name === name);
  if (wanted.length > 0 || name === undefined) return wanted.map(targetOf);
  const names = networks.map(({ metadata }) => metadata.name).join(", ");
  throw new Failure(
    `there is no ComputeNetwork ${name}`,
    names === "" ? "apply one: `berthage market deploy` prints it" : `name one of those there are: ${names}`,
  );
}

async function listNetworks(kube: KubeClient): Promise<readonly ComputeNetwork[]> {
  try {
    return (await kube.list(computeNetworks)).items;
  } catch (error) {
    if (error instanceof NotFound) return []; // the definitions are not installed, which another check says
    throw error;
  }
}

function namedTarget(rpc: string, market: string | undefined): NetworkTarget {
  const url = parseUrl(rpc, "--rpc");
  return {
    resource: undefined,
    chainId: undefined,
    market: market === undefined ? undefined : parseAddress(market, "--market"),
    endpoints: [{ name: url.origin, url: url.href }], // path and user may hold a credential
    finalityBlocks: undefined,
  };
}

/** What a ComputeNetwork says of its chain. */
export function targetOf(resource: ComputeNetwork): NetworkTarget {
  const { market } = resource.spec;
  return {
    resource,
    chainId: market === undefined ? undefined : BigInt(market.chainId),
    market: market?.address,
    endpoints: market?.endpoints ?? [],
    finalityBlocks: market?.finalityBlocks,
  };
}
