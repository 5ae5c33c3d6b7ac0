import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chartFolder } from "../../../tools/chart/chart.ts";
import { crdFolder } from "../../../tools/crds/schema.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { namespace, parseObjects, render, renderText, type Values } from "./chart.ts";
import { matrix } from "./matrix.ts";
import { podSpec } from "./operator.ts";

const prometheusOperator = fileURLToPath(new URL("fixtures/prometheus-operator.yaml", import.meta.url));

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ manifests: [crdFolder, prometheusOperator] });
  await cluster.kubectl(["create", "namespace", namespace]);
});

afterAll(() => cluster.stop());

/** The values that the README begins with. */
const example: Values = parse(/```yaml\n([^`]*)```/.exec(readFileSync(`${chartFolder}README.md`, "utf8"))?.[1] ?? "");

/** Most documents are the same from set to set; each is judged once. */
const accepted = new Set<string>();

describe("the API server accepts every object of", () => {
  it.each(Object.entries({ ...matrix, "the README's example": example }))("%s", async (_, values) => {
    const documents = (await renderText(values)).split(/^---\n/m).filter((text) => parseObjects(text).length > 0);
    expect(documents.length).toBeGreaterThan(5);
    const fresh = documents.filter((text) => !accepted.has(text));
    if (fresh.length === 0) return;
    const args = ["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"];
    const answer = await cluster.kubectl(args, fresh.join("---\n"));
    expect(answer.trim().split("\n")).toHaveLength(fresh.length);
    for (const text of fresh) accepted.add(text);
  });
});

it("lets the operator's pod into a namespace that enforces the restricted Pod Security Standard", async () => {
  await cluster.kubectl(["create", "serviceaccount", "berthage", `--namespace=${namespace}`]);
  const enforce = "pod-security.kubernetes.io/enforce";
  await cluster.kubectl(["label", "namespace", namespace, `${enforce}=restricted`]);
  const dryRun = async (spec: object): Promise<string> => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "operator", namespace }, spec };
    return cluster.kubectl(["create", "--dry-run=server", "-o=name", "-f", "-"], JSON.stringify(pod));
  };
  const spec = podSpec(await render({ gateway: { tls: { secretName: "gateway-tls" } } }));
  expect(await dryRun(spec)).toBe("pod/operator\n");
  await expect(dryRun({ ...spec, securityContext: {} })).rejects.toThrow("violates PodSecurity");
});
