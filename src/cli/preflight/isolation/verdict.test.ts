import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, type Observation, type ProbeObservations, type Target, targetsUnder } from "./verdict.ts";

const ipv4: Target = { host: "10.244.0.5", port: 8080, kind: "pod" };
const ipv6: Target = { host: "fd00:10:244::5", port: 8080, kind: "pod" };
const local: Target = { host: "fe80::5", port: 8080, kind: "linkLocal" };
const metadata: Target = { host: "169.254.169.254", port: 80, kind: "metadata" };
const all = [ipv4, ipv6, local, metadata];

const see = (...open: readonly Target[]): Observation => new Map(all.map((target) => [target, open.includes(target)]));
const probe = (changes: Partial<ProbeObservations>): ProbeObservations => ({
  node: "gpu-a",
  open: see(ipv4, ipv6, local, metadata),
  deniedEgress: see(),
  deniedIngress: see(),
  ...changes,
});

describe("judge", () => {
  test.each<[string, Partial<ProbeObservations>, string, string]>([
    [
      "everything that was open is closed",
      {},
      "enforced",
      "On node gpu-a a pod no longer reached 10.244.0.5, fd00:10:244::5, fe80::5, the metadata service 169.254.169.254 once a policy forbade it.",
    ],
    ["only IPv4 was open, and is closed", { open: see(ipv4) }, "enforced", "no longer reached 10.244.0.5 once"],
    [
      "egress stays open",
      { deniedEgress: see(ipv4) },
      "notEnforced",
      "reached 10.244.0.5 against a policy that forbids egress.",
    ],
    [
      "ingress stays open",
      { deniedIngress: see(ipv4) },
      "notEnforced",
      "10.244.0.5 against a policy that forbids ingress.",
    ],
    ["IPv6 stays open", { deniedEgress: see(ipv6) }, "notEnforced", "fd00:10:244::5 against"],
    ["the link-local back door stays open", { deniedIngress: see(local) }, "notEnforced", "fe80::5 against"],
    [
      "the metadata service stays open",
      { deniedEgress: see(metadata) },
      "notEnforced",
      "the metadata service 169.254.169.254 against",
    ],
    [
      "nothing was open to begin with",
      { open: see() },
      "unknown",
      "did not reach another one although no policy forbade it",
    ],
    ["only the metadata service was", { open: see(metadata) }, "unknown", "did not reach another one"],
  ])("%s", (_what, changes, kind, words) => {
    const verdict = judge(probe(changes));
    expect(verdict).toEqual({ kind, message: expect.stringContaining(words) });
  });

  test("names everything that leaks", () => {
    const { message } = judge(probe({ deniedEgress: see(ipv4, metadata), deniedIngress: see(ipv4) }));
    expect(message.split(",")).toHaveLength(3);
  });

  test("never calls a cluster isolated where a policy was broken", () => {
    const some = fc.subarray(all).map((open) => see(...open));
    fc.assert(
      fc.property(some, some, some, (open, deniedEgress, deniedIngress) => {
        const isBroken = [...deniedEgress.values(), ...deniedIngress.values()].includes(true);
        const { kind } = judge({ node: "gpu-a", open, deniedEgress, deniedIngress });
        if (kind === "enforced") expect(isBroken).toBe(false);
        if (kind === "notEnforced") expect(isBroken).toBe(true);
        if (kind === "unknown") expect(open.get(ipv4) === true || open.get(ipv6) === true).toBe(false);
      }),
    );
  });
});

describe("targetsUnder", () => {
  test("tries again what was open", () => {
    expect(targetsUnder("Egress", see(ipv4, metadata))).toEqual([ipv4, metadata]);
  });

  test("leaves the metadata service to egress: no rule of ours stands before it", () => {
    expect(targetsUnder("Ingress", see(ipv4, local, metadata))).toEqual([ipv4, local]);
  });
});
