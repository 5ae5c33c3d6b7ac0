import { expect, test } from "vitest";
import { Latency } from "./latency.ts";
import { type Candidate, choosePrimary, readersInOrder } from "./primary.ts";

function endpoint(milliseconds: number, changes: Partial<Candidate> = {}): Candidate {
  const latency = new Latency();
  latency.record(milliseconds);
  return { admits: true, lagBlocks: 0, latency, ...changes };
}

test("the quickest that keeps up becomes the primary, and stays although another gets quicker", () => {
  const [slow, quick, lagging] = [endpoint(90), endpoint(10), endpoint(1, { lagBlocks: 3 })];
  expect(choosePrimary([slow, quick, lagging], undefined, 2)).toBe(quick);
  expect(choosePrimary([slow, quick, lagging], slow, 2)).toBe(slow);
});

test("a primary that lags or does not answer is left", () => {
  const other = endpoint(90);
  const [lagging, dead] = [endpoint(1, { lagBlocks: 3 }), endpoint(1, { admits: false })];
  expect(choosePrimary([lagging, other], lagging, 2)).toBe(other);
  expect(choosePrimary([dead, other], dead, 2)).toBe(other);
  expect(choosePrimary([dead], dead, 2)).toBeUndefined();
});

test("those that lag are asked only when no other can be", () => {
  const [primary, other, lagging, dead] = [
    endpoint(9),
    endpoint(1),
    endpoint(1, { lagBlocks: 9 }),
    endpoint(1, { admits: false }),
  ];
  expect(readersInOrder([other, lagging, primary, dead], primary, 2)).toEqual([primary, other]);
  expect(readersInOrder([lagging, dead], lagging, 2)).toEqual([lagging]);
});

test("latency quantiles are of the last round trips", () => {
  const latency = new Latency();
  expect(latency.quantile(0.5)).toBeUndefined();
  for (let i = 1; i <= 100; i += 1) latency.record(i);
  expect([latency.quantile(0), latency.quantile(0.5), latency.quantile(1)]).toEqual([37, 69, 100]);
});
