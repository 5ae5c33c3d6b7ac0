import type { Call } from "./fault.ts";

/** What a request asks of the API server, in Kubernetes' own words. */
export interface KubeCall {
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

const path =
  /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;

/** Undefined for what names no resource: discovery, version, health. */
export function kubeCall(call: Pick<Call, "method" | "path">): KubeCall | undefined {
  const url = new URL(call.path, "http://server");
  const found = path.exec(url.pathname)?.groups;
  if (found === undefined) return undefined;
  const { namespace = "", resource = "", name = "", subresource = "" } = found;
  return { verb: verbOf(call.method, name, url.searchParams), resource, subresource, namespace, name };
}

function verbOf(method: string, name: string, query: URLSearchParams): KubeCall["verb"] {
  if (method === "POST") return "create";
  if (method === "PUT") return "update";
  if (method === "PATCH") return "patch";
  if (method === "DELETE") return name === "" ? "deletecollection" : "delete";
  if (query.get("watch") === "true" || query.get("watch") === "1") return "watch";
  return name === "" ? "list" : "get";
}

export function isWrite(call: Pick<Call, "method">): boolean {
  return call.method !== "GET" && call.method !== "HEAD";
}
