import type { IValidatingAdmissionPolicy } from "kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy";
import { describe, expect, it } from "vitest";
import { eventually } from "../../harness/wait.ts";
import { computeLease } from "../../support/controllers/objects.ts";
import { useGround } from "./fixture.ts";

const fixture = useGround();

const tried = "--dry-run=server";
const merge = (patch: object): string[] => ["--type=merge", "-p", JSON.stringify(patch), tried];
/** As the cluster's administrator, whom RBAC lets do anything. */
const asAdmin = (args: readonly string[], ...objects: readonly object[]): Promise<string> =>
  fixture.ground.as("admin", args, ...objects);

describe("a ComputeLease", () => {
  const refusal = /lease-identity.*written by Berthage's operator alone.*paused/s;

  it.each([
    ["manifest", { spec: { manifestHash: `0x${"ab".repeat(32)}` } }],
    ["labels", { metadata: { labels: { "berthage.dev/tenant": "me" } } }],
  ])("keeps its %s", async (_, patch) => {
    await expect(asAdmin(["patch", "clease", "market-7", ...merge(patch)])).rejects.toThrow(refusal);
  });

  it("keeps its status", async () => {
    const patch = merge({ status: { namespace: "kube-system" } });
    await expect(asAdmin(["patch", "clease", "market-7", "--subresource=status", ...patch])).rejects.toThrow(refusal);
  });

  it("is made by the operator alone", async () => {
    await expect(asAdmin(["create", "-f", "-", tried], computeLease("8"))).rejects.toThrow(refusal);
  });

  it("may be annotated, which pauses it, and deleted, which ends it", async () => {
    const pause = ["annotate", "clease", "market-7", "berthage.dev/paused=true", tried];
    expect(await asAdmin(pause)).toContain("annotated");
    expect(await asAdmin(["delete", "clease", "market-7", tried])).toContain("deleted");
  });
});

describe("a lease's namespace", () => {
  const refusal = /lease-namespaces.*written by Berthage's operator alone: delete the ComputeLease/s;
  const lease = "berthage.dev/lease";

  it("is made and removed by the operator alone", async () => {
    const mine = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "lease-market-8", labels: { [lease]: "8" } },
    };
    await expect(asAdmin(["create", "-f", "-", tried], mine)).rejects.toThrow(refusal);
    await expect(asAdmin(["delete", "namespace", fixture.ground.namespace, tried])).rejects.toThrow(refusal);
  });

  it.each([
    ["lease", `${lease}=8`],
    ["being one", `${lease}-`],
    ["tenant", "berthage.dev/tenant=me"],
    ["Pod Security level", "pod-security.kubernetes.io/enforce=privileged"],
  ])("keeps its %s", async (_, label) => {
    const args = ["label", "--overwrite", "namespace", fixture.ground.namespace, label, tried];
    await expect(asAdmin(args)).rejects.toThrow(refusal);
  });

  it("is none that was made for something else", async () => {
    await expect(asAdmin(["label", "namespace", "default", `${lease}=8`, tried])).rejects.toThrow(refusal);
  });

  it("takes labels and annotations that other tools set", async () => {
    const { namespace } = fixture.ground;
    expect(await asAdmin(["label", "namespace", namespace, "cost.example/centre=gpu", tried])).toContain("labeled");
    expect(await asAdmin(["annotate", "namespace", namespace, "a.example/b=c", tried])).toContain("annotated");
  });
});

describe("the policies", () => {
  it("fit the types that they look at, in the API server's own judgement", async () => {
    const checked = await eventually("all are checked", async () => {
      const { items }: { items: IValidatingAdmissionPolicy[] } = JSON.parse(
        await asAdmin(["get", "validatingadmissionpolicy", "-o", "json"]),
      );
      return items.every(({ status }) => status?.observedGeneration !== undefined) ? items : undefined;
    });
    expect(checked.length).toBe(8);
    const warnings = checked.flatMap(({ status }) => status?.typeChecking?.expressionWarnings ?? []);
    expect(warnings).toEqual([]);
  });

  it("fail closed", async () => {
    const policies = await asAdmin([
      "get",
      "validatingadmissionpolicy",
      "-o",
      "jsonpath={.items[*].spec.failurePolicy}",
    ]);
    expect(new Set(policies.split(" "))).toEqual(new Set(["Fail"]));
    const actions = ["get", "validatingadmissionpolicybinding", "-o", "jsonpath={.items[*].spec.validationActions}"];
    expect((await asAdmin(actions)).split(" ")).toEqual(Array(8).fill('["Deny"]'));
  });
});
