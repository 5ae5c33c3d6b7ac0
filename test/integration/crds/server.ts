import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { Cluster } from "../../harness/cluster.ts";
import type { JsonObject } from "./examples.ts";

const plurals: Readonly<Record<string, string>> = {
  ComputeNetwork: "computenetworks",
  ComputeOffer: "computeoffers",
  ComputeLease: "computeleases",
};

/** What the API server said: the object as it would be stored, or why not. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly object: unknown;
}

export interface Server {
  /** Creates a custom resource without storing it. */
  create(object: JsonObject): Promise<Answer>;
  /** Merge-patches a stored one, or its status, without storing it. */
  change(kind: string, name: string, patch: JsonObject, subresource?: "status"): Promise<Answer>;
  close(): Promise<void>;
}

/** The API server by plain requests: nothing of ours between the resource and its answer. */
export async function dryRunServer(cluster: Cluster): Promise<Server> {
  const dispatcher = new Agent({ connect: { ca: await readFile(cluster.caFile, "utf8") } });
  const send = async (
    method: "POST" | "PATCH",
    path: string,
    contentType: string,
    body: JsonObject,
  ): Promise<Answer> => {
    const url = `${cluster.url}/apis/berthage.dev/v1alpha1/${path}?dryRun=All&fieldValidation=Strict`;
    const headers = { authorization: `Bearer ${cluster.token}`, "content-type": contentType };
    const response = await request(url, { method, headers, body: JSON.stringify(body), dispatcher });
    const text = await response.body.text();
    return { status: response.statusCode, text, object: JSON.parse(text) };
  };
  return {
    create: (object) => send("POST", plurals[String(object["kind"])] ?? "", "application/json", object),
    change: (kind, name, patch, subresource) => {
      const path = [plurals[kind], name, ...(subresource ? [subresource] : [])].join("/");
      return send("PATCH", path, "application/merge-patch+json", patch);
    },
    close: () => dispatcher.close(),
  };
}

/** The `message` of a refusal (`v1.Status`). */
export function messageOf(answer: Answer): string {
  const { object } = answer;
  return typeof object === "object" && object !== null && "message" in object ? String(object.message) : answer.text;
}
