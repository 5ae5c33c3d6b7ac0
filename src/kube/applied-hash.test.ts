import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, hashAnnotation, hashOf, withHash } from "./applied-hash.ts";
import type { KubeObject } from "./resource.ts";

const object = { metadata: { name: "a", annotations: { keep: "1" } }, data: { x: "1", y: "2" } };
const hash = (o: KubeObject): unknown => hashOf(withHash(o, "m"), "m");

test("the hash stands beside other annotations and changes with the content only", () => {
  expect(withHash(object, "m").metadata.annotations).toMatchObject({ keep: "1" });
  expect(hash(object)).toMatch(/^[0-9a-f]{16}$/);
  const reordered = { data: { y: "2", x: "1" }, metadata: { annotations: { keep: "1" }, name: "a" } };
  expect(hash(reordered)).toBe(hash(object));
  const fewer = { ...object, data: { x: "1" } };
  expect(hash(fewer)).not.toBe(hash(object));
  expect(object.metadata.annotations).toEqual({ keep: "1" });
});

test("each manager has an annotation of its own, valid whatever its name", () => {
  expect(hashAnnotation("lease.lifecycle")).toBe("applied.berthage.dev/lease.lifecycle");
  expect(hashAnnotation("a/b c")).toBe("applied.berthage.dev/a-b-c");
  expect(hashAnnotation("x".repeat(200)).split("/")[1]).toHaveLength(63);
});

test("equal content is one text, and the text is the same JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copy: unknown = JSON.parse(JSON.stringify(value));
      expect(canonical(copy)).toBe(canonical(value));
      expect(JSON.parse(canonical(copy))).toEqual(copy);
    }),
  );
  expect(canonical({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
});
