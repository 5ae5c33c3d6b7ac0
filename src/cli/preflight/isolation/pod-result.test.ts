import type { IPod } from "kubernetes-models/v1/Pod";
import { describe, expect, test } from "vitest";
import { clientProgress, linkLocalAddresses, observationOf, podAddresses, serverProgress } from "./pod-result.ts";
import type { Target } from "./verdict.ts";

type Status = NonNullable<IPod["status"]>;
type State = NonNullable<NonNullable<Status["containerStatuses"]>[number]["state"]>;

const pod = (status: Status): IPod => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, status });
const container = (state: State, name = "client") => [
  { name, state, image: "", imageID: "", ready: false, restartCount: 0 },
];
const ended = (message: string, exitCode = 0): State => ({ terminated: { exitCode, message, reason: "Completed" } });

const target = (host: string): Target => ({ host, port: 8080, kind: "pod" });

describe("a server", () => {
  const running: Status = { phase: "Running", containerStatuses: container({ running: {} }, "server") };

  test("is ready once it runs and has an address", () => {
    expect(serverProgress(pod({ ...running, podIPs: [{ ip: "10.0.0.1" }] }))).toEqual({ kind: "ready" });
    expect(serverProgress(pod(running)).kind).toBe("pending");
    expect(serverProgress(pod({ podIPs: [{ ip: "10.0.0.1" }] })).kind).toBe("pending");
  });

  test("tells its addresses, and its link-local ones by its init container", () => {
    const told = JSON.stringify({ addresses: ["10.0.0.1", "fd00::1", "fe80::1", 7] });
    const one = pod({
      podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }],
      initContainerStatuses: container(ended(told), "addresses"),
    });
    expect(podAddresses(one)).toEqual(["10.0.0.1", "fd00::1"]);
    expect(linkLocalAddresses(one)).toEqual(["fe80::1"]);
  });

  test.each(["", "not JSON", "[]", '{"addresses":"fe80::1"}'])("has no link-local ones when it said %j", (message) => {
    expect(linkLocalAddresses(pod({ initContainerStatuses: container(ended(message)) }))).toEqual([]);
  });
});

describe("a client", () => {
  test("is ready once it left a result", () => {
    expect(clientProgress(pod({ containerStatuses: container(ended('{"open":[]}')) }))).toEqual({ kind: "ready" });
    expect(clientProgress(pod({ containerStatuses: container({ running: {} }) })).kind).toBe("pending");
  });

  test("says what it reached, target by target", () => {
    const [a, b] = [target("10.0.0.1"), target("fd00::1")];
    const one = pod({ containerStatuses: container(ended('{"open":[true,false]}')) });
    expect([...observationOf(one, [a, b])]).toEqual([
      [a, true],
      [b, false],
    ]);
  });

  test.each(["", "oops", '{"open":true}', '{"open":[true,true]}'])("that left %j is not believed", (message) => {
    const one = pod({ containerStatuses: container(ended(message)) });
    expect(() => observationOf(one, [target("10.0.0.1")])).toThrow("the probe's client left no result");
  });
});

describe("a pod that does not run", () => {
  test.each<[string, Status, string, string]>([
    [
      "its image is not there",
      { containerStatuses: container({ waiting: { reason: "ImagePullBackOff", message: "no such image" } }) },
      "broken",
      "no such image",
    ],
    [
      "its init container fails",
      { initContainerStatuses: container(ended("", 127), "addresses") },
      "broken",
      "addresses ended with code 127",
    ],
    [
      "its container fails",
      { containerStatuses: container({ terminated: { exitCode: 1, reason: "Error" } }) },
      "broken",
      "code 1 (Error)",
    ],
    [
      "its time is over",
      { phase: "Failed", reason: "DeadlineExceeded", message: "it was active too long" },
      "broken",
      "active too long",
    ],
    [
      "no node takes it",
      { conditions: [{ type: "PodScheduled", status: "False", message: "0/1 nodes are available" }] },
      "pending",
      "0/1 nodes",
    ],
    [
      "its image is on the way",
      { containerStatuses: container({ waiting: { reason: "ContainerCreating" } }) },
      "pending",
      "ContainerCreating",
    ],
    ["nobody looked at it", {}, "pending", "not seen by its node"],
  ])("because %s", (_what, status, kind, words) => {
    for (const progress of [serverProgress(pod(status)), clientProgress(pod(status))]) {
      expect(progress).toEqual({ kind, why: expect.stringContaining(words) });
    }
  });
});
