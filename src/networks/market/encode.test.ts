import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EncodedCall, Intent } from "../driver.ts";
import { marketAbi } from "./abi.ts";
import { bundleCalls, encodeIntents } from "./encode.ts";

const market = `0x${"ab".repeat(20)}`;
const terms = {
  token: `0x${"cd".repeat(20)}`,
  pricePerUnitHour: 5n,
  heartbeatWindowSeconds: 60,
  minSeconds: 1,
  noticeSeconds: 2,
  specHash: `0x${"ef".repeat(32)}`,
};

const encode = (intents: Record<string, Intent>): EncodedCall[] =>
  encodeIntents(market, "3", new Map(Object.entries(intents)));
const names = (calls: readonly EncodedCall[]) =>
  calls.map(({ data, intentKeys }) => [marketAbi.parseTransaction({ data })?.name, intentKeys]);

describe("intents", () => {
  test("become calls in the order that makes each count", () => {
    const calls = encode({
      capacity: { kind: "SetCapacity", offerId: "1", capacityUnits: 4, isOpen: true },
      close: { kind: "Close", leaseId: "9", reason: "FundsExhausted" },
      settle: { kind: "Settle", leaseId: "7" },
      publish: { kind: "PublishOffer", terms, capacityUnits: 4 },
      beat: { kind: "Heartbeat", leaseId: "9", servedSeconds: 5 },
      notice: { kind: "GiveNotice", leaseId: "7" },
    });
    expect(names(calls)).toEqual([
      ["heartbeat", ["beat"]],
      ["settle", ["settle"]],
      ["giveNotice", ["notice"]],
      ["closeByProvider", ["close"]],
      ["setOffer", ["publish"]],
      ["setCapacity", ["capacity"]],
    ]);
  });

  test("that a close makes needless ride on it", () => {
    const calls = encode({
      settle: { kind: "Settle", leaseId: "9" },
      notice: { kind: "GiveNotice", leaseId: "9" },
      close: { kind: "Close", leaseId: "9", reason: "NoticeElapsed" },
    });
    expect(names(calls)).toEqual([["closeByProvider", ["close", "settle", "notice"]]]);
    expect(marketAbi.parseTransaction({ data: calls[0]?.data ?? "" })?.args.toArray()).toEqual([9n, 10_002n]);
  });

  test("carry the terms of an offer to the contract unchanged", () => {
    const [call] = encode({ publish: { kind: "PublishOffer", terms, capacityUnits: 4 } });
    const args = marketAbi.parseTransaction({ data: call?.data ?? "" })?.args;
    expect(args?.[0]).toBe(3n);
    expect(args?.[1].toObject()).toMatchObject({
      pricePerHour: 5n,
      capacity: 4n,
      maxWindow: 60n,
      specHash: terms.specHash,
    });
  });

  test("that rest on other listings are one call, which says first what those are; what ends a sale comes after", () => {
    const other = { id: "2", capacityUnits: 3, isOpen: true };
    const [growing, ...rest] = encode({
      close: { kind: "SetCapacity", offerId: "2", capacityUnits: 1, isOpen: false },
      capacity: { kind: "SetCapacity", offerId: "1", capacityUnits: 4, isOpen: true, beside: [other] },
      publish: { kind: "PublishOffer", terms, capacityUnits: 4, beside: [{ ...other, id: "1" }, other] },
    });
    expect(growing?.intentKeys).toEqual(["publish", "capacity"]);
    const inner: string[] = marketAbi.parseTransaction({ data: growing?.data ?? "" })?.args[0].toArray();
    const told = inner.map((data) => marketAbi.parseTransaction({ data }));
    expect(told.map((call) => call?.name)).toEqual(["setCapacity", "setCapacity", "setOffer", "setCapacity"]);
    expect(told.map((call) => call?.args.toArray()).flatMap((args, i) => (i === 2 ? [] : [args]))).toEqual([
      [1n, 3n, true],
      [2n, 3n, true],
      [1n, 4n, true],
    ]);
    expect(names(rest)).toEqual([["setCapacity", ["close"]]]);
  });

  test("all of them, and each once, are in some call; heartbeats share calls of at most 1,500", () => {
    fc.assert(
      fc.property(fc.nat(4000), fc.nat(700), (beats, settles) => {
        const intents = new Map<string, Intent>();
        for (let i = 1; i <= beats; i += 1)
          intents.set(`b${i}`, { kind: "Heartbeat", leaseId: String(i), servedSeconds: 1 });
        for (let i = 1; i <= settles; i += 1) intents.set(`s${i}`, { kind: "Settle", leaseId: String(i) });
        const calls = encodeIntents(market, "3", intents);
        expect(calls.flatMap((call) => call.intentKeys)).toEqual([...intents.keys()]);
        expect(calls).toHaveLength(Math.ceil(beats / 1500) + Math.ceil(settles / 300));
      }),
      { numRuns: 10 },
    );
  });

  test("of none are no call", () => expect(encode({})).toEqual([]));
});

describe("bundle", () => {
  const calls = encode({
    a: { kind: "SetCapacity", offerId: "1", capacityUnits: 4, isOpen: true },
    b: { kind: "GiveNotice", leaseId: "7" },
  });

  test("of one call is that call", () => expect(bundleCalls(market, calls.slice(0, 1))).toBe(calls[0]));

  test("of several is the contract's multicall with all keys", () => {
    const bundle = bundleCalls(market, calls);
    expect(bundle).toMatchObject({ to: market, intentKeys: ["b", "a"] });
    const inner = marketAbi.parseTransaction({ data: bundle.data });
    expect([inner?.name, inner?.args[0].toArray()]).toEqual(["multicall", calls.map((call) => call.data)]);
  });
});
