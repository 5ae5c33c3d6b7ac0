import { describe, expect, test } from "vitest";
import {
  apiServerFinding,
  kubeletFinding,
  parseServerVersion,
  runtimeFinding,
  supportsUserNamespaces,
} from "./versions.ts";

type Node = Parameters<typeof supportsUserNamespaces>[0];

function node(name: string, info: { kubelet?: string; runtime?: string; kernel?: string } = {}): Node {
  const { kubelet = "v1.36.3", runtime = "containerd://2.1.0", kernel = "6.8.0-45-generic" } = info;
  return {
    metadata: { name },
    status: {
      nodeInfo: {
        kubeletVersion: kubelet,
        containerRuntimeVersion: runtime,
        kernelVersion: kernel,
        architecture: "amd64",
        bootID: "",
        kubeProxyVersion: "",
        machineID: "",
        operatingSystem: "linux",
        osImage: "",
        systemUUID: "",
      },
    },
  };
}

const v136 = parseServerVersion({ gitVersion: "v1.36.3", minor: "36" });

test.each([
  [{ gitVersion: "v1.36.3", minor: "36" }, "ok"],
  [{ gitVersion: "v1.30.0-eks-1", minor: "30+" }, "ok"],
  [{ gitVersion: "v1.29.9", minor: "29" }, "fail"],
  [{ gitVersion: "of my own", minor: "" }, "ok"],
  ["not an object", "ok"],
])("an API server that says %j: %s", (answer, result) => {
  const finding = apiServerFinding("https://here", parseServerVersion(answer));
  expect(finding).toMatchObject({ result, detail: expect.stringContaining("https://here, ") });
});

describe("kubelets", () => {
  test.each([
    ["v1.36.0", "ok"],
    ["v1.33.9", "ok"],
    ["v1.32.9", "warn"],
    ["v1.37.0", "warn"],
    ["", "ok"],
  ])("of %s under an API server of 1.36: %s", (kubelet, result) => {
    expect(kubeletFinding(v136, [node("a"), node("b", { kubelet })]).result).toBe(result);
  });

  test("are counted, and the strange ones named", () => {
    expect(kubeletFinding(v136, [node("a"), node("b")]).detail).toBe("2 × v1.36.3");
    expect(kubeletFinding(v136, [node("a"), node("old", { kubelet: "v1.20.0" })]).detail).toBe("old has v1.20.0");
    expect(kubeletFinding(v136, []).detail).toBe("no nodes yet");
  });
});

describe("user namespaces", () => {
  test.each<[string, Parameters<typeof node>[1], boolean]>([
    ["containerd 2 on a kernel of today", {}, true],
    ["containerd 1", { runtime: "containerd://1.7.20" }, false],
    ["an old kernel", { kernel: "6.1.0-18-amd64" }, false],
    ["CRI-O", { runtime: "cri-o://1.31.0" }, true],
    ["CRI-O of old", { runtime: "cri-o://1.24.6" }, false],
    ["who knows what", { runtime: "unknown" }, false],
  ])("%s: %s", (_what, info, expected) => {
    expect(supportsUserNamespaces(node("a", info))).toBe(expected);
  });

  test("are what the runtime says they are, where it says so", () => {
    const one = node("a", { kernel: "5.4.0" });
    const handlers = [{ name: "gvisor" }, { name: "", features: { userNamespaces: true } }];
    expect(supportsUserNamespaces({ ...one, status: { ...one.status, runtimeHandlers: handlers } })).toBe(true);
  });

  test("are told of beside the runtimes", () => {
    expect(runtimeFinding([node("a"), node("b")])).toMatchObject({
      result: "ok",
      detail: "2 × containerd://2.1.0 on kernel 6.8.0-45-generic; user namespaces everywhere",
    });
    expect(runtimeFinding([node("a"), node("b", { kernel: "5.4.0" })]).detail).toContain(
      "no user namespaces on 1 of 2 nodes",
    );
  });
});
