import { type Command, Option } from "commander";
import { deployMarket, deployTestToken } from "../../../networks/market/deploy.ts";
import type { Context } from "../../context.ts";
import type { Flags } from "../../flags.ts";
import { readSigner } from "../../input/key-file.ts";
import { requireGas, sendOptions } from "../../market/send.ts";
import { withChain } from "../../market/session.ts";
import { acting, newCommand, sharedFlags, withFlags } from "../../options.ts";
import { renderDocument } from "../../output/document.ts";
import { withProgress } from "../../output/progress.ts";
import { manifestSecretOf, passwordSecretOf } from "../../output/secrets.ts";

export function deployCommand(context: Context): Command {
  const command = newCommand("deploy", "Put a market on any EVM chain; prints the ComputeNetwork to apply.")
    .option("--test-token", "also put a test token there that anyone may mint")
    .option("--name <name>", "name of the ComputeNetwork", "market")
    .option("--secret <name>", "name of the Secrets that `provider keygen --secret` wrote", "berthage-operator")
    .option("--keystore", "those Secrets hold a keystore and its password")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["yaml", "json"]).default("yaml"));
  withFlags(command, sharedFlags.chain, sharedFlags.key);
  return acting(command, (_, flags) => deploy(flags, context));
}

interface Deployed {
  readonly chainId: bigint;
  readonly market: string;
  readonly blockNumber: bigint;
  readonly transactionHash: string;
  readonly testToken: string | undefined;
}

async function deploy(flags: Flags, context: Context): Promise<void> {
  const signer = await readSigner(flags, context);
  const deployed = await withChain(flags, context, async (session): Promise<Deployed> => {
    await requireGas(session, signer);
    const options = sendOptions(session, signer, context);
    const { address, blockNumber, transactionHash } = await withProgress("deploying the market", context, () =>
      deployMarket(options),
    );
    const token = flags.isSet("testToken")
      ? await withProgress("deploying the test token", context, () => deployTestToken(options))
      : undefined;
    return { chainId: session.chainId, market: address, blockNumber, transactionHash, testToken: token?.address };
  });
  const network = networkOf(deployed, flags);
  const { terminal } = context;
  if (flags.text("output") === "json") {
    terminal.print(renderDocument({ ...deployed, network }, "json"));
  } else {
    terminal.print(commentOf(deployed));
    terminal.print(renderDocument(network, "yaml"));
  }
  terminal.note("next: register a provider there, then apply this ComputeNetwork with kubectl");
}

function commentOf({ market, chainId, blockNumber, testToken }: Deployed): string {
  const token = testToken === undefined ? [] : [`# Test token: ${testToken}`];
  return [`# Market ${market} on chain ${chainId}, since block ${blockNumber}.`, ...token].join("\n");
}

/** A ComputeNetwork that fits the Secrets of `provider keygen --secret`. */
function networkOf({ chainId, market }: Deployed, flags: Flags): object {
  const secret = flags.required("secret");
  return {
    apiVersion: "berthage.dev/v1alpha1",
    kind: "ComputeNetwork",
    metadata: { name: flags.required("name") },
    spec: {
      driver: "Market",
      market: {
        chainId: Number(chainId),
        address: market,
        endpoints: [{ name: "primary", url: flags.required("rpc") }],
      },
      signer: flags.isSet("keystore")
        ? { keystore: { secretRef: { name: secret }, passwordSecretRef: { name: passwordSecretOf(secret) } } }
        : { rawKey: { secretRef: { name: secret } } },
      manifestKey: { secretRef: { name: manifestSecretOf(secret) } },
    },
  };
}
