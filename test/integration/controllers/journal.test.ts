import { describe, expect, test } from "vitest";
import type { JournalRecord } from "../../../src/chain/journal.ts";
import { ConfigMapJournal } from "../../../src/controllers/network/journal.ts";
import { configMaps } from "../../../src/kube/core.ts";
import { AlreadyExists, Conflict } from "../../../src/kube/errors.ts";
import { useCluster } from "../kube/fixture.ts";

const fixture = useCluster();

function record(nonce: number): JournalRecord {
  return {
    spending: { day: "2030-01-31", wei: 12_345_678_901_234_567_890n },
    transaction: {
      nonce,
      intentKeys: ["lease/7/Settle"],
      attempts: [
        { hash: `0x${"aa".repeat(32)}`, signedAtSeconds: 1000, maxFeePerGasWei: 2n, maxPriorityFeePerGasWei: 1n },
      ],
      raw: "0x02f8",
    },
  };
}

/** Journals of one network, each as its own process has it. */
async function journals(): Promise<{ namespace: string; one: ConfigMapJournal; two: ConfigMapJournal }> {
  const namespace = await fixture.namespace();
  const make = () => new ConfigMapJournal(fixture.client, namespace, "market");
  return { namespace, one: make(), two: make() };
}

describe("the lane's journal", () => {
  test("is empty at first, and gives back what was saved, to the last wei", async () => {
    const { one, two } = await journals();
    expect(await one.load()).toBeUndefined();
    await one.save(record(1));
    expect(await one.load()).toEqual(record(1));
    expect(await two.load()).toEqual(record(1));
    const idle = { ...record(1), transaction: undefined };
    await one.save(idle);
    expect(await two.load()).toEqual(idle);
  });

  test("goes on saving without loading again, as long as nobody else writes", async () => {
    const { one, two } = await journals();
    await one.load();
    for (const nonce of [1, 2, 3]) await one.save(record(nonce));
    expect((await two.load())?.transaction?.nonce).toBe(3);
  });

  test("fences two writers: who saves second on the same state fails, and the first one's record stands", async () => {
    const { one, two } = await journals();
    await one.load();
    await one.save(record(1));
    await two.load();
    await one.load();
    await one.save(record(2));
    await expect(two.save(record(9))).rejects.toBeInstanceOf(Conflict);
    expect((await one.load())?.transaction?.nonce).toBe(2);
  });

  test("fences the very first record too", async () => {
    const { one, two } = await journals();
    await Promise.all([one.load(), two.load()]);
    await one.save(record(1));
    await expect(two.save(record(9))).rejects.toBeInstanceOf(AlreadyExists);
    expect((await one.load())?.transaction?.nonce).toBe(1);
  });

  test("of many writers at once lets exactly one through", async () => {
    const { namespace, one } = await journals();
    await one.save(record(0));
    const many = Array.from({ length: 8 }, () => new ConfigMapJournal(fixture.client, namespace, "market"));
    await Promise.all(many.map((journal) => journal.load()));
    const outcomes = await Promise.allSettled(many.map((journal, i) => journal.save(record(i + 1))));
    const won = outcomes.flatMap(({ status }, i) => (status === "fulfilled" ? [i + 1] : []));
    expect(won).toHaveLength(1);
    expect((await one.load())?.transaction?.nonce).toBe(won[0]);
  });

  test("after a lost race must load again: nothing is written blindly", async () => {
    const { one, two } = await journals();
    await one.save(record(1));
    await two.load();
    await one.save(record(2));
    await expect(two.save(record(8))).rejects.toBeInstanceOf(Conflict);
    await expect(two.save(record(9))).rejects.toBeInstanceOf(AlreadyExists);
    await two.load();
    await two.save(record(3));
    await expect(one.save(record(4))).rejects.toBeInstanceOf(Conflict);
  });

  test("says what to do when it can't be read", async () => {
    const { namespace, one } = await journals();
    await one.save(record(1));
    const patch = { data: { record: "{" } };
    await fixture.client.mergePatch(configMaps, { name: "lane-market", namespace }, patch, { fieldManager: "test" });
    await expect(one.load()).rejects.toThrow("delete the journal object");
  });
});
