import fc from "fast-check";
import { expect, it } from "vitest";
import { cidrs } from "../../../src/config/values.ts";
import { renderText } from "./chart.ts";

/** Addresses of all forms but the one that mixes both families (::ffff:192.0.2.1), which networks are not written in. */
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes(".")),
  fc.string({ unit: fc.constantFrom(..."012af:."), maxLength: 12 }).filter((text) => !/:.*\.|\..*:/.test(text)),
);
const network = fc.tuple(address, fc.integer({ min: 0, max: 140 })).map(([text, length]) => `${text}/${length}`);
const networks = fc.uniqueArray(fc.oneof(network, address), { minLength: 100, maxLength: 200 });

/** Which of them the chart's answer names. One call for all: a program start for each would take minutes. */
async function refusedByChart(candidates: readonly string[]): Promise<readonly string[]> {
  const answer = await renderText({ operator: { clusterCidrs: candidates } }).catch(String);
  return [...answer.matchAll(/operator\.clusterCidrs\[(\d+)\]/g)].map(([, index]) => candidates[Number(index)] ?? "");
}

it("takes for a network what the operator takes for one", async () => {
  await fc.assert(
    fc.asyncProperty(networks, async (candidates) => {
      const refusedByOperator = candidates.filter((text) => text === "" || !cidrs(text).ok);
      expect(await refusedByChart(candidates)).toEqual(refusedByOperator);
    }),
    { numRuns: 5 },
  );
});
