import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

test("any way of cutting the bytes gives the same lines", () => {
  const lines = fc.array(fc.string({ unit: "grapheme" }).filter((line) => line !== "" && !line.includes("\n")));
  fc.assert(
    fc.property(lines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (wanted, sizes) => {
      const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(""));
      const splitter = new LineSplitter(1_000_000);
      const got: string[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        got.push(...splitter.push(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(got).toEqual(wanted);
      expect(splitter.pendingBytes).toBe(0);
    }),
  );
});

test("empty lines are left out and an unfinished one waits", () => {
  const splitter = new LineSplitter(100);
  expect([...splitter.push(Buffer.from("\n\na\n\nb"))]).toEqual(["a"]);
  expect(splitter.pendingBytes).toBe(1);
  expect([...splitter.push(Buffer.from("c\n"))]).toEqual(["bc"]);
});

test("a line longer than the cap is an error, whole or in parts", () => {
  expect(() => [...new LineSplitter(4).push(Buffer.from("12345\n"))]).toThrow(RangeError);
  const splitter = new LineSplitter(4);
  expect([...splitter.push(Buffer.from("1234\n123"))]).toEqual(["1234"]);
  expect(() => [...splitter.push(Buffer.from("45"))]).toThrow("longer than 4 bytes");
});
