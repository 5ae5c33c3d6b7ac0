import { expect, it } from "vitest";
import { readValues } from "./values.ts";

it("reads the comment above each value, its path and its default", () => {
  expect(readValues("# How many.\nreplicas: 2\n\n# Where from,\n# or from where.\nimage: a\n")).toEqual([
    { path: ["replicas"], description: "How many.", fallback: 2, isSection: false },
    { path: ["image"], description: "Where from, or from where.", fallback: "a", isSection: false },
  ]);
});

it("takes a map whose keys have comments for a section", () => {
  expect(readValues("# The image.\nimage:\n  # Its tag.\n  tag: ''\n  # Its policy.\n  pullPolicy: Always\n")).toEqual([
    { path: ["image"], description: "The image.", fallback: undefined, isSection: true },
    { path: ["image", "tag"], description: "Its tag.", fallback: "", isSection: false },
    { path: ["image", "pullPolicy"], description: "Its policy.", fallback: "Always", isSection: false },
  ]);
});

it("takes any other map, and a list, for one value", () => {
  const values = readValues(
    "# Sizes.\nresources:\n  limits: { memory: 1Gi }\n# Ports.\nports: [1, 2]\n# None.\nnone: {}\n",
  );
  expect(values.map(({ fallback }) => fallback)).toEqual([{ limits: { memory: "1Gi" } }, [1, 2], {}]);
});

it("wants a comment for every value", () => {
  expect(() => readValues("# One.\na: 1\nb: 2\n")).toThrow("say in a comment above it what b is");
  expect(() => readValues("# One.\na:\n  # Two.\n  b: 2\n  c: 3\n")).toThrow("say in a comment above it what a.c is");
});

it("wants YAML", () => {
  expect(() => readValues("a: [")).toThrow("values.yaml is no YAML");
  expect(() => readValues("- a")).toThrow("values.yaml must be a map");
});
