import { describe, expect, it } from "vitest";
import { renderText, type Values } from "./chart.ts";
import { type WrongValues, wrongByShape, wrongTogether } from "./wrong-values.ts";

/** What helm answers to values that it must refuse. */
async function refusal(values: Values): Promise<string> {
  const answer = await renderText(values).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (answer === undefined) throw new Error("helm rendered what it must refuse");
  return answer;
}

const table = (wrong: readonly WrongValues[]): [string, WrongValues][] => wrong.map((one) => [one.what, one]);

describe("the schema refuses", () => {
  it.each(table(wrongByShape))("%s", async (_, { values, says }) => {
    const answer = await refusal(values);
    expect(answer).toContain("values don't meet the specifications of the schema");
    for (const words of says) expect(answer).toContain(words);
  });
});

describe("the templates refuse", () => {
  it.each(table(wrongTogether))("%s", async (_, { values, says }) => {
    const answer = await refusal(values);
    expect(answer).toContain("The values of this release need a change");
    for (const words of says) expect(answer).toContain(words);
  });

  it("everything wrong at once, and never repeats a secret", async () => {
    const answer = await refusal({
      replicas: 3,
      leaderElection: { enabled: false },
      operator: { clusterCidrs: ["pods"] },
      networks: { market: { ...wrongNetwork, driver: "Market" } },
    });
    expect(answer.match(/^ {2}- /gm)).toHaveLength(3);
    expect(answer).not.toContain("s3cret");
  });
});

const wrongNetwork = {
  market: {
    chainId: 1,
    address: `0x${"1".repeat(40)}`,
    endpoints: [{ name: "rpc", url: "https://me:s3cret@rpc.example" }],
  },
  signer: { rawKey: { secretRef: { name: "operator" } } },
  manifestKey: { secretRef: { name: "operator-manifest" } },
};
