import { expect, test } from "vitest";
import { microTime } from "./micro-time.ts";

test("six fraction digits, always", () => {
  const at = Date.UTC(2030, 0, 2, 3, 4, 5, 6);
  expect(microTime(at)).toBe("2030-01-02T03:04:05.006000Z");
  expect(microTime(at + 0.5)).toBe("2030-01-02T03:04:05.006500Z");
});
