import type { IPersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import type { ISecret } from "kubernetes-models/v1/Secret";
import { formatBytes } from "../../api/quantity.ts";
import { isPersistent, type Volume } from "../manifest/manifest.ts";
import { type Context, metadata } from "./context.ts";
import { claimName, type FittedProgram, secretName } from "./pod.ts";

/** All replicas of a lease stand on one node, so ReadWriteOnce (which is per node) serves them together. */
export function buildClaims(context: Context, program: FittedProgram): IPersistentVolumeClaim[] {
  return program.volumes.filter(isPersistent).map((volume) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: metadata(context, claimName(program, volume), program.name),
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: storageClassOf(context, volume),
      resources: { requests: { storage: formatBytes(volume.sizeBytes) } },
    },
  }));
}

/** @throws when the offer does not sell the class, which fitManifest refuses before */
function storageClassOf({ offer }: Context, volume: Volume): string {
  const sold = offer.storage?.classes.find((item) => item.name === volume.storage);
  if (!sold)
    throw new Error(`storage ${volume.storage} is not a class of the offer; check the manifest with fitManifest`);
  return sold.storageClassName;
}

export function buildSecrets(context: Context, program: FittedProgram): ISecret[] {
  if (program.secretEnv.size === 0) return [];
  const encode = (value: string): string => Buffer.from(value).toString("base64");
  const data = Object.fromEntries([...program.secretEnv].map(([name, value]) => [name, encode(value)]));
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: metadata(context, secretName(program), program.name),
      type: "Opaque",
      data,
    },
  ];
}
