import { expect, test } from "vitest";
import { nextStep } from "./attempts.ts";

const policy = { rebroadcastSeconds: 12, showSeconds: 2, bumpSeconds: 30 };
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

const sentAt = (atSeconds: number, isAffordable = true) => ({ atSeconds, isAffordable, isAccepted: false });
const takenAt = (atSeconds: number) => ({ ...sentAt(atSeconds), isAccepted: true });

test.each([
  ["fresh", signedAt(100), sentAt(100), 105, "wait"],
  ["unheard of for a while", signedAt(100), sentAt(100), 112, "rebroadcast"],
  ["sent again lately", signedAt(100), sentAt(112), 120, "wait"],
  ["taken a moment ago", signedAt(100), takenAt(100), 101, "wait"],
  ["taken, so that it shows", signedAt(100), takenAt(100), 102, "look"],
  ["taken a while ago", signedAt(100), takenAt(100), 112, "rebroadcast"],
  ["old", signedAt(100), sentAt(124), 130, "bump"],
  ["bumped lately", signedAt(100, 130), sentAt(130), 135, "wait"],
  ["bumped long ago", signedAt(100, 130), sentAt(154), 160, "bump"],
  ["old, and more than the account has", signedAt(100), sentAt(124, false), 135, "wait"],
  ["old, and more than the account has for a while", signedAt(100), sentAt(124, false), 136, "rebroadcast"],
  ["written ahead by a process that is gone", signedAt(100), undefined, 100, "rebroadcast"],
  ["old, and taken a moment ago", signedAt(100), takenAt(129), 130, "bump"],
  ["old, of a process that is gone", signedAt(100), undefined, 999, "rebroadcast"],
])("%s", (_what, transaction, last, now, step) => {
  expect(nextStep(transaction, last, now, policy)).toBe(step);
});
