import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Shape } from "./shape.ts";
import { type Demand, divide, type Room } from "./shares.ts";

const shape = (gpus: bigint, cpu: bigint): Shape => ({
  requests: new Map([
    ["gpu", gpus],
    ["cpu", cpu],
  ]),
  nodeSelector: {},
  affinity: [],
  tolerations: [],
  strategy: "Pack",
});
const room = (gpus: bigint, cpu: bigint, accepts: Room["accepts"] = () => true): Room => ({
  allocatable: new Map([
    ["gpu", gpus],
    ["cpu", cpu],
  ]),
  used: new Map(),
  accepts,
});
const demand = (name: string, of: Shape, limit = 1000): Demand => ({ name, shape: of, limit });

describe("divide", () => {
  it("gives a lone offer all that fits, node by node", () => {
    const one = shape(1n, 4n);
    expect(divide([room(8n, 16n), room(2n, 100n)], [demand("a", one)])).toEqual(new Map([["a", 6]]));
  });

  it("halves shared nodes, and leaves a capped offer's rest to the other", () => {
    const one = shape(1n, 1n);
    expect(divide([room(8n, 8n)], [demand("a", one), demand("b", one)])).toEqual(
      new Map(Object.entries({ a: 4, b: 4 })),
    );
    expect(divide([room(8n, 8n)], [demand("a", one, 1), demand("b", one)])).toEqual(
      new Map(Object.entries({ a: 1, b: 7 })),
    );
  });

  it("gives nothing of a node that refuses the shape", () => {
    const [one, two] = [shape(1n, 1n), shape(1n, 1n)];
    const only = room(4n, 4n, (asked) => asked === one);
    expect(divide([only], [demand("a", one), demand("b", two)])).toEqual(new Map(Object.entries({ a: 4, b: 0 })));
  });

  it("never promises more than all nodes have together, whatever is asked", () => {
    const amount = fc.bigInt({ min: 1n, max: 9n });
    const demands = fc.array(fc.tuple(amount, amount, fc.nat(20)), { minLength: 1, maxLength: 5 });
    const rooms = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: 40n })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(demands, rooms, (asked, sizes) => {
        const wanted = asked.map(([gpus, cpu, limit], i) => demand(`o${i}`, shape(gpus, cpu), limit));
        const shares = divide(
          sizes.map(([gpus, cpu]) => room(gpus, cpu)),
          wanted,
        );
        for (const resource of ["gpu", "cpu"]) {
          const sold = wanted.reduce(
            (sum, { name, shape: of }) => sum + BigInt(shares.get(name) ?? 0) * (of.requests.get(resource) ?? 0n),
            0n,
          );
          const had = sizes.reduce((sum, [gpus, cpu]) => sum + (resource === "gpu" ? gpus : cpu), 0n);
          expect(sold <= had).toBe(true);
        }
        for (const { name, limit } of wanted) expect(shares.get(name) ?? 0).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
