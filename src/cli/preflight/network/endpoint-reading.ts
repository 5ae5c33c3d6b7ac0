import { ZeroAddress } from "ethers";
import { type Header, parseHeader, tagParameter } from "../../../chain/block.ts";
import { type Clock, withDeadline } from "../../../chain/clock.ts";
import { errorText, Unreachable } from "../../../chain/errors.ts";
import { parseQuantity } from "../../../chain/hex.ts";
import { JsonRpcTransport } from "../../../chain/json-rpc.ts";
import type { NetworkTarget } from "./target.ts";

/** What one endpoint said when asked by itself. */
export interface EndpointReading {
  readonly name: string;
  /** Why it gave no usable answer; the rest is then missing. */
  readonly error: string | undefined;
  readonly chainId: bigint | undefined;
  readonly latest: Header | undefined;
  readonly finalized: Header | undefined;
  /** Why it does not tell what is final, or the state there. */
  readonly finalityError: string | undefined;
  /** Its hash of the block that all were asked for. */
  readonly sharedHash: string | undefined;
}

const DEADLINE_SECONDS = 10;

type Ask = <T>(method: string, params: readonly unknown[], parse: (result: unknown) => T) => Promise<T>;

/** Asks every endpoint by itself, and then all of them for one block that each must have. */
export async function readEndpoints(
  { endpoints, finalityBlocks }: Pick<NetworkTarget, "endpoints" | "finalityBlocks">,
  clock: Clock,
): Promise<readonly EndpointReading[]> {
  const transports = endpoints.map(({ name, url }) => ({ name, transport: new JsonRpcTransport(name, url) }));
  try {
    const asks = transports.map(({ name, transport }) => ({ name, ask: asker(name, transport, clock) }));
    const first = await Promise.all(asks.map(({ name, ask }) => read(name, ask, finalityBlocks)));
    const shared = sharedBlock(first);
    if (shared === undefined) return first;
    const hashes = await Promise.all(asks.map(({ ask }) => hashOf(ask, shared)));
    return first.map((reading, index) => ({ ...reading, sharedHash: hashes[index] }));
  } finally {
    await Promise.all(transports.map(({ transport }) => transport.close()));
  }
}

function asker(name: string, transport: JsonRpcTransport, clock: Clock): Ask {
  const late = (): Error => new Unreachable(`endpoint ${name} did not answer in ${DEADLINE_SECONDS} s`);
  return async (method, params, parse) =>
    await withDeadline(clock, DEADLINE_SECONDS * 1000, undefined, late, async (signal) =>
      parse(await transport.call(method, params, signal)),
    );
}

async function read(name: string, ask: Ask, finalityBlocks: number | undefined): Promise<EndpointReading> {
  const nothing: EndpointReading = {
    name,
    error: undefined,
    chainId: undefined,
    latest: undefined,
    finalized: undefined,
    finalityError: undefined,
    sharedHash: undefined,
  };
  try {
    const chainId = await ask("eth_chainId", [], parseQuantity);
    const latest = await ask("eth_getBlockByNumber", ["latest", false], parseHeader);
    return { ...nothing, chainId, latest, ...(await readFinality(ask, latest, finalityBlocks)) };
  } catch (error) {
    return { ...nothing, error: errorText(error) };
  }
}

/** What is final is read at that block: an endpoint that has pruned its state there is of no use for it. */
async function readFinality(
  ask: Ask,
  latest: Header,
  finalityBlocks: number | undefined,
): Promise<Pick<EndpointReading, "finalized" | "finalityError">> {
  const depth = finalityBlocks === undefined ? undefined : BigInt(finalityBlocks);
  const tag = depth === undefined ? "finalized" : latest.number > depth ? latest.number - depth : 0n;
  try {
    const finalized = await ask("eth_getBlockByNumber", [tagParameter(tag), false], parseHeader);
    await ask("eth_getBalance", [ZeroAddress, tagParameter(finalized.number)], parseQuantity);
    return { finalized, finalityError: undefined };
  } catch (error) {
    return { finalized: undefined, finalityError: errorText(error) };
  }
}

/** The highest block that every endpoint calls final: they must agree on it. */
function sharedBlock(readings: readonly EndpointReading[]): bigint | undefined {
  const finals = readings.flatMap(({ finalized }) => (finalized === undefined ? [] : [finalized.number]));
  if (finals.length < 2) return undefined;
  return finals.toSorted((a, b) => Number(a - b))[0];
}

async function hashOf(ask: Ask, number: bigint): Promise<string | undefined> {
  try {
    return (await ask("eth_getBlockByNumber", [tagParameter(number), false], parseHeader)).hash;
  } catch {
    return undefined; // its first answer, or its failure to give one, is told anyway
  }
}
