import { expect, test } from "vitest";
import { configMaps } from "./core.ts";
import { decode, decodeList } from "./decode.ts";

const item = { metadata: { name: "a" } };

test("objects of built-in lists get their missing apiVersion and kind", () => {
  const text = JSON.stringify({ metadata: { resourceVersion: "5", continue: "" }, items: [item] });
  const wanted = { apiVersion: "v1", kind: "ConfigMap", ...item };
  expect(decodeList(configMaps, text)).toEqual({ items: [wanted], resourceVersion: "5" });
});

test("a list may be empty or null, and may continue", () => {
  const text = JSON.stringify({ metadata: { resourceVersion: "5", continue: "next" }, items: null });
  expect(decodeList(configMaps, text)).toEqual({ items: [], resourceVersion: "5", continue: "next" });
});

test.each(["", "{", "[]", "null", '{"metadata":{}}', '{"metadata":{"name":7}}'])("%j is no object", (text) => {
  expect(() => decode(configMaps, text)).toThrow(/the API server sent/);
});

test.each(["null", "{}", '{"metadata":{},"items":{}}', '{"metadata":{},"items":[1]}'])("%j is no list", (text) => {
  expect(() => decodeList(configMaps, text)).toThrow(/the API server sent/);
});
