import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { OperatorProcess } from "../../test/harness/operator.ts";
import { eventually } from "../../test/harness/wait.ts";
import { found } from "./found.ts";
import type { Shell } from "./shell.ts";
import { chapter, check } from "./show.ts";
import { root, type Stage } from "./stage.ts";
import { mint } from "./token.ts";

/** The token of examples/offers.yaml, which stands for the one that a market has. */
const PLACEHOLDER = "0x0000000000000000000000000000000000000001";

/** A cluster that sells: the market, its token, and the running operator. */
export interface Selling {
  readonly shell: Shell;
  readonly market: string;
  readonly token: string;
  readonly operator: OperatorProcess;
}

/** The provider's half of the story: market, keys, registration, network, offers. */
export async function startSelling(stage: Stage): Promise<Selling> {
  const { folder, addresses } = stage;
  const keys = `${folder}/operator`;
  await rm(join(root, keys), { recursive: true, force: true });

  chapter("A market and a test token are put on the chain");
  const deployed = await stage.shell.show(
    `berthage market deploy --test-token --secret operator --key-file ${folder}/deployer.key | tee ${folder}/network.yaml`,
  );
  const market = found(deployed, /^# Market (0x[0-9a-fA-F]{40})/m);
  const token = found(deployed, /^# Test token: (0x[0-9a-fA-F]{40})/m);
  const shell = stage.shell.with({ BERTHAGE_MARKET: market });
  await mint(stage, token);

  chapter("The provider makes the operator's keys and registers");
  const made = await shell.show(`berthage provider keygen --out ${keys} --secret operator`);
  const operatorAddress = found(made, /^Operator\s+(0x[0-9a-fA-F]{40})/m);
  const manifestKey = found(made, /^Manifest public key\s+(0x[0-9a-f]{64})/m);
  await stage.chain.rpc("anvil_setBalance", [operatorAddress, "0x8ac7230489e80000"]); // 10 of the chain's coin for gas
  await shell.show(
    `berthage provider register --operator ${operatorAddress} --manifest-public-key ${manifestKey} --payout ${addresses.payout} --key-file ${folder}/owner.key`,
  );

  chapter("The cluster admin applies keys, network and two offers; the operator starts");
  await shell.show(`kubectl apply -f ${keys}/secrets.yaml -f ${folder}/network.yaml`);
  await shell.show(`sed 's/${PLACEHOLDER}/${token}/' examples/offers.yaml | kubectl apply -f -`);
  const operator = await stage.startOperator();
  await shell.show("kubectl wait --for=condition=Ready cnet/market coffer/h100 coffer/a100 --timeout=60s");
  await shell.show("kubectl get cnet,coffer");
  const capacity = await shell.ask("kubectl get coffer h100 a100 -o jsonpath='{.items[*].status.capacity.freeUnits}'");
  check("8 H100 units and 7 A100 units (one is kept back) are for sale", capacity === "8 7", capacity);
  const sender = operator.gatewayUrl;
  await eventually("the gateway answers", async () => (await fetch(`${sender}/v1/networks/market`)).ok || undefined);
  return { shell: shell.with({ BERTHAGE_GATEWAY: sender }), market, token, operator };
}
