import { describe, expect, test } from "vitest";
import { type GatewayReading, judgeGateway } from "./gateway.ts";

const NOW = 1_900_000_000;

describe("the gateway", () => {
  const url = new URL("https://gpu.example.com/berthage");
  const market = `0x${"5f".repeat(20)}`;
  const wanted = { chainId: 10n, market };
  const good: GatewayReading = {
    certificate: { problem: undefined, validToSeconds: NOW + 60 * 86_400 },
    problem: undefined,
    answer: { chainId: "10", market: market.toUpperCase().replace("0X", "0x") },
  };

  test.each<[string, Partial<GatewayReading>, string, string]>([
    ["all is well", {}, "ok", "https://gpu.example.com answers; its certificate is good for 60d"],
    ["there is no TLS", { certificate: undefined }, "warn", "answers, without TLS"],
    [
      "the certificate ends soon",
      { certificate: { problem: undefined, validToSeconds: NOW + 86_400 } },
      "warn",
      "is good for 1d",
    ],
    ["it is away", { problem: "it cannot be reached: ECONNREFUSED", answer: {} }, "fail", "ECONNREFUSED"],
    ["it serves another chain", { answer: { ...good.answer, chainId: "11" } }, "fail", "serves market"],
    ["it serves another market", { answer: { ...good.answer, market: "0x11" } }, "fail", "serves market 0x11"],
    ["it is something else", { answer: {} }, "fail", "serves market undefined"],
  ])("when %s", (_what, changes, result, words) => {
    const finding = judgeGateway(url, { ...good, ...changes }, wanted, NOW);
    expect(finding).toMatchObject({ result, detail: expect.stringContaining(words) });
  });
});
