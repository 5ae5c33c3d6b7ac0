import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { found } from "../../tools/demo/found.ts";
import type { Shell } from "../../tools/demo/shell.ts";
import { mint } from "../../tools/demo/token.ts";
import { h100Offer, tenantManifest } from "./objects.ts";
import type { Stage } from "./stage.ts";

/** A market of our own with a test token, of which the tenant has plenty. */
export async function deployMarket({ shell, chain, addresses, dir }: Stage): Promise<{ shell: Shell; token: string }> {
  const deployed = await shell.ask(
    `berthage market deploy --test-token --secret operator --key-file ${dir}/deployer.key | tee ${dir}/network.yaml`,
  );
  const market = found(deployed, /^# Market (0x[0-9a-fA-F]{40})/m);
  const token = found(deployed, /^# Test token: (0x[0-9a-fA-F]{40})/m);
  await mint({ chain, addresses }, token);
  return { shell: shell.with({ BERTHAGE_MARKET: market }), token };
}

/** Makes the operator's keys, registers the provider, and gives the operator coin for fees. */
export async function register({ chain, addresses, dir }: Stage, shell: Shell): Promise<void> {
  const made = await shell.ask(`berthage provider keygen --out ${dir}/keys --secret operator`);
  const operator = found(made, /^Operator\s+(0x[0-9a-fA-F]{40})/m);
  const manifestKey = found(made, /^Manifest public key\s+(0x[0-9a-f]{64})/m);
  await chain.rpc("anvil_setBalance", [operator, "0x8ac7230489e80000"]);
  await shell.ask(
    `berthage provider register --operator ${operator} --manifest-public-key ${manifestKey} --payout ${addresses.payout} --key-file ${dir}/owner.key`,
  );
}

/** Applies keys, network and an offer of H100s, and waits until they are for sale. */
export async function offer({ dir }: Stage, shell: Shell, token: string): Promise<void> {
  await writeFile(join(dir, "offer.json"), JSON.stringify(h100Offer(token)));
  await shell.ask(`kubectl apply -f ${dir}/keys/secrets.yaml -f ${dir}/network.yaml -f ${dir}/offer.json`);
  await shell.ask("kubectl wait --for=condition=Ready cnet/market coffer/h100 --timeout=60s");
}

/** Rents two GPUs for an hour with a service on them. Gives the lease's id. */
export async function rent({ dir }: Stage, shell: Shell): Promise<string> {
  await writeFile(join(dir, "web.yaml"), tenantManifest);
  const id = await shell.ask("kubectl get coffer h100 -o jsonpath='{.status.offerId}'");
  const rented = await shell.ask(
    `berthage rent ${id} --units 2 --hours 1 --manifest ${dir}/web.yaml --key-file ${dir}/tenant.key --yes`,
  );
  return found(rented, /^Lease\s+([0-9]+)/m);
}
