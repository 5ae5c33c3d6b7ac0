import { describe, expect, test } from "vitest";
import { installationOf, operatorFinding } from "./installation.ts";

describe("the installation", () => {
  const deployment = (changes: object = {}) => ({
    spec: {
      replicas: 2,
      selector: {},
      template: {
        spec: {
          serviceAccountName: "seller",
          containers: [
            { name: "sidecar", image: "proxy:1" },
            {
              name: "operator",
              image: "registry.example/berthage:1.2.3",
              args: ["--x=y", "--lease-cluster-role=sell-lease"],
            },
          ],
          ...changes,
        },
      },
    },
    status: { readyReplicas: 2 },
  });
  const route = (host: string | undefined, tls: boolean) => ({
    spec: { rules: [host === undefined ? {} : { host }], ...(tls ? { tls: [{ hosts: ["x"] }] } : {}) },
  });

  test("is read off the chart's objects", () => {
    expect(installationOf("sell", [deployment()], [route("gpu.example.com", true)])).toEqual({
      namespace: "sell",
      gatewayUrl: "https://gpu.example.com",
      operator: {
        image: "registry.example/berthage:1.2.3",
        serviceAccount: "seller",
        leaseClusterRole: "sell-lease",
        replicas: 2,
        readyReplicas: 2,
      },
    });
  });

  test.each([
    ["no Ingress", [], undefined],
    ["an Ingress without TLS", [route("gpu.example.com", false)], "http://gpu.example.com"],
    ["an Ingress without host", [route(undefined, true)], undefined],
  ])("with %s", (_what, routes, url) => {
    expect(installationOf("sell", [], routes).gatewayUrl).toBe(url);
  });

  test("without the operator's container is none", () => {
    const other = deployment({ containers: [{ name: "other", image: "x" }] });
    const found = installationOf("sell", [other], []);
    expect(found.operator).toBeUndefined();
    expect(operatorFinding(found)).toMatchObject({ result: "warn", fix: expect.stringContaining("helm install") });
  });

  test("is well while a replica is ready", () => {
    const well = installationOf("sell", [deployment()], []);
    expect(operatorFinding(well)).toMatchObject({ result: "ok", detail: expect.stringContaining("2 of 2 replicas") });
    const ill = installationOf("sell", [{ ...deployment(), status: {} }], []);
    expect(operatorFinding(ill)).toMatchObject({ result: "warn", detail: expect.stringContaining("0 of 2 replicas") });
  });
});
