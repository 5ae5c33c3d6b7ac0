import type { ComputeNetwork } from "../../../api/types.gen.ts";
import { remoteSigner } from "../../../chain/signers/remote.ts";
import { type Materials, readMaterials } from "../../../controllers/network/materials.ts";
import type { KubeClient } from "../../../kube/client.ts";
import type { Clock } from "../../../kube/clock.ts";
import { ApiError, Forbidden } from "../../../kube/errors.ts";
import { type Finding, fail, ok, skipped } from "../finding.ts";

const CHECK = "Signer";

export interface SignerResult {
  readonly finding: Finding;
  /** Whose account it is, as far as is known. */
  readonly operator: string | undefined;
  /** The public half of the key that tenants seal to. */
  readonly manifestKey: string | undefined;
}

/** Whether the Secrets that a ComputeNetwork names are there and open. Nothing of them is shown or kept. */
export async function checkSigner(
  resource: ComputeNetwork,
  kube: KubeClient,
  namespace: string,
  clock: Clock,
): Promise<SignerResult> {
  const known = resource.status?.operator?.address;
  try {
    const sources = { client: kube, namespace, clock, redact: () => undefined };
    const materials = await readMaterials(sources, resource, undefined, new AbortController().signal);
    await trySigning(resource, clock);
    const { address } = materials.signer;
    return {
      finding: ok(CHECK, describe(resource, materials)),
      operator: address,
      manifestKey: materials.manifestPublicKey,
    };
  } catch (error) {
    const finding =
      error instanceof Forbidden
        ? skipped(CHECK, `we may not read the Secrets in ${namespace}`, "use a user that may, to have the keys tried")
        : fail(CHECK, error instanceof Error ? error.message : String(error), fixOf(error, namespace));
    return { finding, operator: known, manifestKey: undefined };
  }
}

/** A key that lies here need not be tried: that it opened is enough. A remote one may be locked, or be somebody else's. */
async function trySigning({ spec }: ComputeNetwork, clock: Clock): Promise<void> {
  if (spec.signer.remote === undefined) return;
  const signer = remoteSigner({ ...spec.signer.remote, clock });
  try {
    await signer.signTypedData({
      domain: { name: "Berthage preflight" },
      types: { Check: [{ name: "purpose", type: "string" }] },
      value: { purpose: "see whether this signer signs" },
    });
  } finally {
    await signer.close();
  }
}

function describe({ spec }: ComputeNetwork, { signer }: Materials): string {
  const { keystore, remote } = spec.signer;
  if (remote !== undefined) return `the remote signer signs as ${signer.address}`;
  const kind = keystore === undefined ? "the raw key (for development)" : "the keystore";
  return `${kind} opens as ${signer.address}`;
}

function fixOf(error: unknown, namespace: string): string {
  if (error instanceof ApiError) {
    return `make the Secret in namespace ${namespace}: \`berthage provider keygen --secret NAME\` writes one`;
  }
  return "mend the Secret or signer that spec.signer and spec.manifestKey name";
}
