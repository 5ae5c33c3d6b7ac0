import { describe, expect, test } from "vitest";
import { clockFinding } from "./clock.ts";

describe("clocks", () => {
  test.each([
    [0, "ok"],
    [10, "ok"],
    [-10, "ok"],
    [11, "warn"],
    [-3600, "warn"],
  ])("that are %i s apart: %s", (ahead, result) => {
    expect(clockFinding(1_000_000, 1_000_000 + ahead).result).toBe(result);
  });

  test("tell which one is ahead", () => {
    expect(clockFinding(1000, 1060).detail).toBe("the API server's is 60 s ahead of ours");
    expect(clockFinding(1060, 1000).detail).toBe("the API server's is 60 s behind ours");
  });

  test("are not compared where the server does not tell", () => {
    expect(clockFinding(1000, undefined).result).toBe("skipped");
  });
});
