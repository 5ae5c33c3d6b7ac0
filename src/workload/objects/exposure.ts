import { createHash } from "node:crypto";
import type { IIngress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import type { IService } from "kubernetes-models/v1/Service";
import type { Service } from "../manifest/manifest.ts";
import { type Context, metadata, programLabel } from "./context.ts";

/** Cluster-internal name of a service with ports. */
export function buildService(context: Context, { name, ports }: Service): IService[] {
  if (ports.length === 0) return [];
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata(context, name, name),
      spec: {
        type: "ClusterIP",
        selector: { [programLabel]: name },
        ports: ports.map((port) => ({
          name: port.name,
          port: port.port,
          targetPort: port.port,
          protocol: port.protocol,
        })),
      },
    },
  ];
}

export function buildIngress(context: Context, service: Service): IIngress[] {
  const port = service.ports.find((item) => item.expose);
  const { ingress } = context.offer;
  if (!port || !ingress) return [];
  const host = hostOf(context, service, ingress.domain);
  const backend = { service: { name: service.name, port: { number: port.port } } };
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: metadata(context, service.name, service.name),
      spec: {
        ...(ingress.className !== undefined && { ingressClassName: ingress.className }),
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    },
  ];
}

/**
 * One label below the domain, so that one wildcard certificate serves all: `<service>-<hash of the lease>`. The hash has
 * a fixed length, so no choice of a service's name can claim another lease's host.
 */
function hostOf({ namespace }: Context, { name }: Service, domain: string): string {
  const lease = createHash("sha256").update(namespace).digest("hex").slice(0, 16);
  return `${name}-${lease}.${domain}`;
}

export interface Endpoint {
  readonly service: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  /** Cluster DNS name, or the host below the offer's domain for an exposed port. */
  readonly address: string;
  readonly url?: string;
}

/** Where the lease's services answer, as the lease's status tells it. */
export function endpointsOf(context: Context): Endpoint[] {
  const domain = context.offer.ingress?.domain;
  return (context.manifest?.services ?? []).flatMap((service) =>
    service.ports.map(({ port, protocol, expose }): Endpoint => {
      if (!expose || domain === undefined)
        return { service: service.name, port, protocol, address: `${service.name}.${context.namespace}.svc` };
      const address = hostOf(context, service, domain);
      return { service: service.name, port, protocol, address, url: `http://${address}` };
    }),
  );
}
