import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLeaseReport } from "./lease-report.ts";

test("reads what a gateway of another version says, as far as it is known", () => {
  expect(
    parseLeaseReport({
      future: true,
      conditions: [{ type: "Ready", status: "True", reason: "Running", message: "", newField: 1 }, "odd"],
      services: [{ name: "web", desired: 2, ready: "one" }],
      endpoints: null,
    }),
  ).toEqual({
    conditions: [{ type: "Ready", status: "True", reason: "Running", message: "" }],
    services: [{ name: "web", desired: 2, ready: 0, message: undefined }],
    endpoints: [],
  });
});

test("never fails, and never passes control characters on", () => {
  const list = fc.array(
    fc.dictionary(fc.constantFrom("type", "name", "service", "message", "url", "port"), fc.anything()),
  );
  const answer = fc.record({ conditions: list, services: list, endpoints: list });
  fc.assert(
    fc.property(answer, (value) => {
      const texts = Object.values(parseLeaseReport(value)).flat().flatMap(Object.values);
      for (const text of texts.filter((entry) => typeof entry === "string")) expect(text).not.toMatch(/\p{Cc}/u);
    }),
  );
});
