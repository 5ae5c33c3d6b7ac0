import { formatEther } from "ethers";
import { type Context, nowSeconds } from "../context.ts";
import { explain } from "../explain.ts";
import type { Flags } from "../flags.ts";
import { readSigner } from "../input/key-file.ts";
import { parseAddress } from "../input/values.ts";
import { type ChainSession, checkMarket, marketSession, withChain } from "../market/session.ts";
import { formatDuration } from "../output/duration.ts";
import { type Finding, fail, ok, skipped, warn } from "./finding.ts";

const STALE_SECONDS = 600;

/** The chain's node, the market and the operator's account. */
export async function chainFindings(flags: Flags, context: Context): Promise<readonly Finding[]> {
  if (flags.text("rpc") === undefined) {
    return [skipped("Chain", "no endpoint was named", "give --rpc (BERTHAGE_RPC)")];
  }
  const operator = await operatorOf(flags, context);
  try {
    return await withChain(flags, context, async (session) => [
      await headFinding(session, context),
      ...(await marketFindings(session, operator, flags)),
      await balanceFinding(session, operator),
    ]);
  } catch (error) {
    const { what, next } = explain(error);
    return [fail("Chain", what, next)];
  }
}

async function operatorOf(flags: Flags, context: Context): Promise<string | undefined> {
  const operator = flags.text("operator");
  if (operator !== undefined) return parseAddress(operator, "--operator");
  return flags.text("keyFile") === undefined ? undefined : (await readSigner(flags, context)).address;
}

async function headFinding({ client, chainId }: ChainSession, context: Context): Promise<Finding> {
  const { number, timestampSeconds } = await client.header("latest");
  const age = Math.max(0, nowSeconds(context) - timestampSeconds);
  const detail = `chain ${chainId}, block ${number}, ${formatDuration(age)} old`;
  if (age <= STALE_SECONDS) return ok("Chain", detail);
  return warn("Chain", detail, "check that the node follows its chain: no newer block is known to it");
}

async function marketFindings(
  session: ChainSession,
  operator: string | undefined,
  flags: Flags,
): Promise<readonly Finding[]> {
  const text = flags.text("market");
  if (text === undefined) return [skipped("Market", "no address was named", "give --market (BERTHAGE_MARKET)")];
  const address = parseAddress(text, "--market");
  try {
    await checkMarket(session, address);
  } catch (error) {
    const { what, next } = explain(error);
    return [fail("Market", what, next)];
  }
  const found = ok("Market", address);
  if (operator === undefined) return [found];
  const id = await marketSession(session, address).views.providerOf(operator);
  return [
    found,
    id === undefined
      ? fail("Registration", `${operator} serves no provider`, "register it: `berthage provider register`")
      : ok("Registration", `${operator} serves provider ${id}`),
  ];
}

async function balanceFinding({ client }: ChainSession, operator: string | undefined): Promise<Finding> {
  const check = "Operator balance";
  if (operator === undefined) return skipped(check, "no account was named", "give --operator, or --key-file");
  const wei = await client.balanceWei(operator);
  if (wei === 0n) return fail(check, `${operator} has nothing to pay for gas`, `send it some of the native coin`);
  return ok(check, `${formatEther(wei)} of the native coin`);
}
