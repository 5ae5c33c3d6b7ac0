import { describe, expect, test } from "vitest";
import { clientName, clientPod, denyPolicy, probeNamespace, serverName, serverPod } from "./probe-objects.ts";

const pod = { namespace: "berthage-probe-1", image: "berthage:1", node: "gpu-a" };

describe("the probe's policies", () => {
  test("forbid egress of that phase's client alone, and ingress of the server", () => {
    const [egress, ingress] = [denyPolicy("n", "Egress"), denyPolicy("n", "Ingress")];
    const [server, client, later] = [
      serverPod({ ...pod, name: serverName }),
      clientPod({ ...pod, name: clientName("Egress") }, { targets: [], seconds: 1 }),
      clientPod({ ...pod, name: clientName("Ingress") }, { targets: [], seconds: 1 }),
    ];
    const selects = (policy: typeof egress, one: typeof server): boolean =>
      Object.entries(policy.spec?.podSelector?.matchLabels ?? {}).every(
        ([key, value]) => one.metadata?.labels?.[key] === value,
      );
    expect([client, later, server].map((one) => selects(egress, one))).toEqual([true, false, false]);
    expect([client, later, server].map((one) => selects(ingress, one))).toEqual([false, false, true]);
  });

  test("allow nothing", () => {
    expect(denyPolicy("n", "Egress").spec).toMatchObject({ policyTypes: ["Egress"] });
    expect(denyPolicy("n", "Egress").spec).not.toHaveProperty("egress");
    expect(denyPolicy("n", "Ingress").spec).not.toHaveProperty("ingress");
  });
});

test("a client is told its task", () => {
  const task = { targets: [{ host: "10.0.0.1", port: 8080, isServer: true, awaited: "closed" as const }], seconds: 20 };
  const env = clientPod({ ...pod, name: "client-egress" }, task).spec?.containers[0]?.env;
  expect(env?.map(({ name, value }) => [name, JSON.parse(value ?? "")])).toEqual([["PROBE", task]]);
});

test("pods run where they are told to, else anywhere", () => {
  const affinityOf = (node: string | undefined): unknown => serverPod({ ...pod, node, name: "s" }).spec?.affinity;
  expect(JSON.stringify(affinityOf("gpu-a"))).toContain('"values":["gpu-a"]');
  expect(affinityOf(undefined)).toBeUndefined();
});

test("the namespace is as strict as a lease's", () => {
  expect(probeNamespace("n").metadata?.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
});
