import { Command, Option } from "commander";
import { environmentVariables, Flags } from "./flags.ts";

const described = {
  rpc: ["--rpc <url>", "JSON-RPC endpoint of the chain"],
  market: ["--market <address>", "address of the ComputeMarket contract"],
  keyFile: ["--key-file <path>", "your key: a file with 32 bytes of hex, or a V3 keystore"],
  passwordFile: ["--password-file <path>", "file with the keystore's password"],
  gateway: ["--gateway <url>", "the provider's gateway"],
  network: ["--network <name>", "the network's name at the gateway"],
  kubeconfig: ["--kubeconfig <path>", "the cluster; default: KUBECONFIG, or ~/.kube/config"],
  context: ["--context <name>", "context of the kubeconfig; default: its current one"],
  yes: ["-y, --yes", "do not ask before money moves"],
} as const;

type Shared = keyof typeof described;

const chain: readonly Shared[] = ["rpc"];
/** Groups of shared flags that commands take. */
export const sharedFlags = {
  chain,
  market: ["rpc", "market"],
  key: ["keyFile", "passwordFile"],
  gateway: ["gateway", "network"],
  cluster: ["kubeconfig", "context"],
  money: ["yes"],
} as const satisfies Record<string, readonly Shared[]>;

/** Adds shared flags to a command, each with its environment variable. */
export function withFlags(command: Command, ...groups: readonly (readonly Shared[])[]): Command {
  for (const name of groups.flat()) {
    const [flag, text] = described[name];
    const option = new Option(flag, text);
    const variable = environmentVariables.get(name);
    if (variable !== undefined) option.env(variable);
    if (name === "network") option.default("market");
    command.addOption(option);
  }
  return command;
}

export type Format = "table" | "json" | "yaml";

/** Adds `-o`, for everything that lists or shows. */
export function withOutput(command: Command): Command {
  return command.addOption(
    new Option("-o, --output <format>", "how to print").choices(["table", "json", "yaml"]).default("table"),
  );
}

/** The format that `-o` asks for; commander has refused any other. */
export function formatOf(flags: Flags): Format {
  const format = flags.text("output");
  return format === "json" || format === "yaml" ? format : "table";
}

/** Runs `action` with the command's arguments and flags. */
export function acting(command: Command, action: (args: readonly string[], flags: Flags) => Promise<void>): Command {
  return command.action(async () => action(command.args, new Flags(command.optsWithGlobals())));
}

/** A new command. */
export function newCommand(name: string, description: string): Command {
  return new Command(name).description(description);
}
