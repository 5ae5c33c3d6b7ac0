import { expect, it } from "vitest";
import { currentIsolation } from "./isolation.ts";

it("is known from the environment that the namespaces' first process makes", () => {
  const env = {
    BERTHAGE_NODE_SCRATCH: "/tmp/x",
    BERTHAGE_NODE_ADDRESS: "10.245.255.1",
    BERTHAGE_NODE_CGROUP: "/berthage-node-x",
  };
  expect(currentIsolation(env)).toEqual({ scratch: "/tmp/x", address: "10.245.255.1", cgroup: "/berthage-node-x" });
});

it.each([{}, { BERTHAGE_NODE_SCRATCH: "/tmp/x" }])("refuses the host itself, and says what to run", (env) => {
  expect(() => currentIsolation(env)).toThrow("run these tests by `make test-node`");
});
