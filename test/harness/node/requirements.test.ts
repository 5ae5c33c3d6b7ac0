import { describe, expect, it } from "vitest";
import { type Machine, missingForNode } from "./requirements.ts";

const able: Machine = {
  platform: "linux",
  userId: 0,
  exists: async () => true,
  hasProgram: async () => true,
  unshareProblem: async () => undefined,
};

describe("what a node needs of the machine", () => {
  it("is there on Linux as root", async () => {
    expect(await missingForNode(able)).toEqual([]);
  });

  it.each([
    ["another system", { platform: "darwin" }, /^Linux: .* this is darwin$/],
    ["another user", { userId: 1000 }, /^root: .*sudo -E make test-node/],
    ["a program", { hasProgram: async (name: string) => name !== "ip" }, /^the program ip: install it .*iproute2/],
    ["a right", { unshareProblem: async () => "Operation not permitted" }, /namespaces: Operation not permitted$/],
    [
      "a hierarchy",
      { exists: async (path: string) => !/controllers|pids/.test(path) },
      /^cgroup hierarchy pids: mount/,
    ],
  ] satisfies [string, Partial<Machine>, RegExp][])(
    "names %s that stands in the way, and what to do",
    async (_, change, words) => {
      expect(await missingForNode({ ...able, ...change })).toEqual([expect.stringMatching(words)]);
    },
  );

  it("takes cgroup version 2 as well", async () => {
    const exists = async (path: string): Promise<boolean> => path === "/sys/fs/cgroup/cgroup.controllers";
    expect(await missingForNode({ ...able, exists })).toEqual([]);
  });

  it("is told in full, not one thing at a time", async () => {
    const missing = await missingForNode({ ...able, hasProgram: async () => false, exists: async () => false });
    expect(missing.filter((line) => line.startsWith("the program"))).toHaveLength(8);
    expect(missing.filter((line) => line.startsWith("cgroup hierarchy"))).toHaveLength(8);
  });
});
