import { expect, test } from "vitest";
import { nextStep } from "./attempts.ts";

const policy = { rebroadcastSeconds: 12, bumpSeconds: 30 };
const signedAt = (...times: number[]) => ({
  nonce: 1,
  intentKeys: [],
  raw: "0x",
  attempts: times.map((signedAtSeconds) => ({
    hash: `0x${signedAtSeconds}`,
    signedAtSeconds,
    maxFeePerGasWei: 1n,
    maxPriorityFeePerGasWei: 1n,
  })),
});

test.each([
  ["fresh", signedAt(100), 100, 105, "wait"],
  ["unheard of for a while", signedAt(100), 100, 112, "rebroadcast"],
  ["sent again lately", signedAt(100), 112, 120, "wait"],
  ["old", signedAt(100), 124, 130, "bump"],
  ["bumped lately", signedAt(100, 130), 130, 135, "wait"],
  ["bumped long ago", signedAt(100, 130), 154, 160, "bump"],
  ["written ahead by a process that is gone", signedAt(100), undefined, 100, "rebroadcast"],
  ["old, of a process that is gone", signedAt(100), undefined, 999, "rebroadcast"],
])("%s", (_what, transaction, broadcastAt, now, step) => {
  expect(nextStep(transaction, broadcastAt, now, policy)).toBe(step);
});
