import { beforeAll, describe, expect, it } from "vitest";
import { chartFolder } from "../../../tools/chart/chart.ts";
import { crdFolder, readDefinitions } from "../../../tools/crds/schema.ts";
import { findHelm } from "../../../tools/helm/helm.ts";
import { run } from "../../harness/run.ts";
import { namespace, objectOf, parseObjects, type Rendered, release, renderText } from "./chart.ts";
import { deploymentSpec, operatorOf, podSpec } from "./operator.ts";

let text: string;
let objects: readonly Rendered[];

beforeAll(async () => {
  text = await renderText({});
  objects = parseObjects(text);
});

it("passes helm's linter in its strict mode", async () => {
  expect(await run(await findHelm(), ["lint", "--strict", chartFolder])).toContain("0 chart(s) failed");
});

it("renders the defaults as golden/default.yaml says; run vitest with -u after a change that is wanted", async () => {
  // The definitions are 1,500 lines which a test of their own compares with crds/.
  const rest = text.split(/^---\n/m).filter((document) => !document.includes("\nkind: CustomResourceDefinition\n"));
  await expect(rest.join("---\n")).toMatchFileSnapshot("golden/default.yaml");
});

it("ends with the next three commands, ready to be copied", async () => {
  const args = ["install", release, chartFolder, `--namespace=${namespace}`, "--dry-run=client"];
  const [, notes = ""] = (await run(await findHelm(), args)).split("\nNOTES:\n");
  const commands = notes.split("\n").filter((line) => line.startsWith("     "));
  expect(commands.map((line) => line.trim().split(" ").slice(0, 3).join(" "))).toEqual([
    "berthage provider keygen",
    "berthage provider register",
    "helm upgrade berthage",
  ]);
});

describe("every object", () => {
  it("has the chart's labels", () => {
    for (const { metadata } of objects) {
      expect(metadata.labels).toMatchObject({
        "app.kubernetes.io/name": "berthage",
        "app.kubernetes.io/instance": "berthage",
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/part-of": "berthage",
      });
    }
  });

  it("is there once", () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe("the definitions", () => {
  it(`are those of ${crdFolder.replace(/.*\/(\w+\/)$/, "$1")}, and outlive the release`, () => {
    const rendered = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
    const definitions = readDefinitions();
    expect(rendered.map(({ spec }) => spec)).toEqual(definitions.map(({ spec }) => spec));
    expect(rendered.map(({ metadata }) => metadata.name)).toEqual(definitions.map(({ metadata }) => metadata.name));
    for (const { metadata } of rendered) expect(metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
  });
});

describe("the pod", () => {
  it("meets the restricted Pod Security Standard, and writes nowhere but to /tmp", () => {
    expect(podSpec(objects).securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(operatorOf(objects).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { drop: ["ALL"] },
    });
    expect(podSpec(objects).volumes.map(({ name }) => name)).toEqual(["tmp"]);
  });

  it("has the ports, probes and time that its neighbours rely on", () => {
    const operator = operatorOf(objects);
    expect(operator.ports).toMatchObject([
      { name: "operations", containerPort: 9090 },
      { name: "gateway", containerPort: 8443 },
    ]);
    expect(operator).toMatchObject({
      startupProbe: { httpGet: { path: "/healthz", port: "operations" } },
      livenessProbe: { httpGet: { path: "/healthz", port: "operations" } },
      readinessProbe: { httpGet: { path: "/readyz", port: "operations" } },
    });
    expect(podSpec(objects).terminationGracePeriodSeconds).toBeGreaterThanOrEqual(40);
  });

  it("is selected by the Services, the budget, the spread and the network policy", () => {
    const { labels } = deploymentSpec(objects).template.metadata;
    const selector = { "app.kubernetes.io/name": "berthage", "app.kubernetes.io/instance": "berthage" };
    expect(labels).toMatchObject(selector);
    expect(objectOf(objects, "Deployment").spec).toMatchObject({ selector: { matchLabels: selector } });
    expect(objectOf(objects, "Service", "berthage-gateway").spec).toMatchObject({ selector });
    expect(objectOf(objects, "Service", "berthage-operations").spec).toMatchObject({ selector });
    expect(objectOf(objects, "PodDisruptionBudget").spec).toMatchObject({ selector: { matchLabels: selector } });
    expect(objectOf(objects, "NetworkPolicy").spec).toMatchObject({ podSelector: { matchLabels: selector } });
    const spread = podSpec(objects).topologySpreadConstraints ?? [];
    expect(spread.map(({ labelSelector }) => labelSelector)).toEqual([{ matchLabels: selector }]);
  });
});

it("puts what is namespaced into the namespace of the release, or names another", () => {
  const kinds = new Set(["Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy"]);
  const own = objects.filter(({ kind }) => kinds.has(kind));
  expect(own.length).toBeGreaterThanOrEqual(kinds.size);
  for (const { metadata } of own) expect(metadata.namespace).toBe(namespace);
});
