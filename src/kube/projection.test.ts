import { expect, test } from "vitest";
import { withoutImages, withoutManagedFields } from "./projection.ts";

test("managedFields and images go, all else stays", () => {
  const metadata = { name: "a", managedFields: [{}] };
  expect(withoutManagedFields({ metadata, data: 1 })).toEqual({ metadata: { name: "a" }, data: 1 });
  expect(withoutManagedFields({})).toEqual({});
  expect(withoutImages({ status: { images: [1], capacity: {} } })).toEqual({ status: { capacity: {} } });
  expect(withoutImages({})).toEqual({});
});
