import { inImage, userId } from "./places.ts";
import type { Platform } from "./platform.ts";
import type { Source } from "./source.ts";

/** How a container of the image starts (OCI image specification, "Image Configuration"). */
export interface ContainerConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface ImageConfig {
  readonly architecture: string;
  readonly os: "linux";
  readonly created: string;
  readonly config: ContainerConfig;
  readonly history: readonly { readonly created: string; readonly created_by: string }[];
}

/** Says in the image's history what made each layer. */
export const layerNames = ["system", "node", "app"] as const;

/** The image's configuration but for the layers' digests, which whoever puts it together knows. */
export function imageConfig(source: Source, { architecture }: Platform): ImageConfig {
  const created = timestamp(source);
  return {
    architecture,
    os: "linux",
    created,
    config: {
      User: `${userId}:${userId}`,
      // One trust store for all but the API server's own: replace the file by a mount to trust other authorities.
      Env: ["PATH=/usr/bin", "NODE_ENV=production", `SSL_CERT_FILE=${inImage.certificates}`],
      // The heap's size depends on the memory limit, so the chart gives it in NODE_OPTIONS.
      Entrypoint: [
        inImage.node,
        "--enable-source-maps",
        "--max-semi-space-size=16",
        "--use-openssl-ca",
        inImage.operator,
      ],
      WorkingDir: "/app",
      ExposedPorts: { "8443/tcp": {}, "9090/tcp": {} },
      Labels: labels(source),
    },
    history: layerNames.map((name) => ({ created, created_by: `make image: ${name}` })),
  };
}

/** RFC 3339, whole seconds. */
export function timestamp({ createdSeconds }: Source): string {
  return new Date(createdSeconds * 1000).toISOString().replace(".000Z", "Z");
}

function labels(source: Source): Readonly<Record<string, string>> {
  const annotations = {
    title: "berthage",
    description: "A Kubernetes operator that sells a cluster's spare compute on an open network",
    licenses: "Apache-2.0",
    vendor: "Berthage",
    version: source.version,
    created: timestamp(source),
    ...(source.commit === "" ? {} : { revision: source.commit }),
  };
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`org.opencontainers.image.${key}`, value]),
  );
}
