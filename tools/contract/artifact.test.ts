import { expect, test } from "vitest";
import { render } from "./artifact.ts";

const artifact = {
  abi: [
    { type: "error", name: "A" },
    { type: "error", name: "B" },
  ],
  bytecode: "0x00",
  runtimeBytes: 1,
};

test("the committed form is JSON with one ABI entry a line", () => {
  const text = render(artifact);
  expect(JSON.parse(text)).toEqual({ abi: artifact.abi, bytecode: "0x00" });
  const lines = text.split("\n");
  expect(lines.filter((line) => line.includes('"name"'))).toHaveLength(2);
  expect(text.endsWith("}\n")).toBe(true);
});
