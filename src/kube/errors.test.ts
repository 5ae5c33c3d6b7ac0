import { describe, expect, test } from "vitest";
import { pods } from "./core.ts";
import { type ApiErrorKind, apiError, NetworkUnknown, operation } from "./errors.ts";
import { failureOf, failureOfText } from "./status-body.ts";

const op = operation("create", pods, { namespace: "ns", name: "a" });
const status = (code: number, reason: string, message = "words", details: object = {}): object => ({
  kind: "Status",
  code,
  reason,
  message,
  details,
});

describe("a failed answer becomes the typed error", () => {
  const uid = { causes: [{ field: "metadata.uid" }, { field: "metadata.uid" }] };
  test.each<[ApiErrorKind, number, object]>([
    ["NotFound", 404, status(404, "NotFound")],
    ["AlreadyExists", 409, status(409, "AlreadyExists")],
    ["Conflict", 409, status(409, "Conflict")],
    ["Conflict", 422, status(422, "Invalid", "field is immutable", uid)],
    ["Gone", 410, status(410, "Gone")],
    ["Gone", 410, status(410, "Expired")],
    ["Invalid", 422, status(422, "Invalid", "x", { causes: [{ field: "spec" }] })],
    ["Invalid", 422, status(422, "Invalid")],
    ["BadRequest", 400, status(400, "BadRequest")],
    ["BadRequest", 415, status(415, "UnsupportedMediaType")],
    [
      "BadRequest",
      500,
      status(500, "", "failed to create typed patch object (ns/a; /v1, Kind=Pod): .x: field not declared"),
    ],
    ["Forbidden", 403, status(403, "Forbidden", 'pods is forbidden: User "u" cannot create resource "pods"')],
    ["ForbiddenQuota", 403, status(403, "Forbidden", 'pods "a" is forbidden: exceeded quota: q, requested: pods=1')],
    ["ForbiddenQuota", 403, status(403, "Forbidden", 'pods "a" is forbidden: status unknown for quota: q')],
    ["Unauthorized", 401, status(401, "Unauthorized")],
    ["TooManyRequests", 429, status(429, "TooManyRequests")],
    ["ServerUnavailable", 500, status(500, "InternalError")],
    ["ServerUnavailable", 504, status(504, "Timeout")],
  ])("%s for %i", (kind, code, body) => {
    const error = apiError(op, failureOf(code, body));
    expect(error).toMatchObject({ kind, name: kind, status: code });
    expect(error.message).toMatch(/^create pods ns\/a: /);
  });
});

test("causes and the server's wish to wait are read, from the header first", () => {
  const causes = [{ reason: "FieldValueInvalid", message: "no", field: "spec.x" }];
  const body = status(429, "TooManyRequests", "wait", { causes, retryAfterSeconds: 3 });
  expect(failureOf(429, body)).toMatchObject({ causes, retryAfterSeconds: 3 });
  expect(failureOf(429, body, "9").retryAfterSeconds).toBe(9);
  expect(failureOf(429, body, "Wed, 21 Oct 2015 07:28:00 GMT").retryAfterSeconds).toBeUndefined();
});

test("a body that is no Status is not quoted: it may hold secrets", () => {
  for (const text of ["<html>token=hunter2</html>", '{"data":"hunter2"}', "[1]", ""]) {
    const error = apiError(op, failureOfText(502, text));
    expect(error).toMatchObject({
      kind: "ServerUnavailable",
      message: "create pods ns/a: HTTP 502 without a Status body",
    });
  }
});

test("no answer says why and whether the call may have worked", () => {
  const cause = new AggregateError([
    new Error("connect ECONNREFUSED ::1:1"),
    new Error("connect ECONNREFUSED 127.0.0.1:1"),
  ]);
  const error = new NetworkUnknown(op, cause, true);
  expect(error.message).toContain("ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1");
  expect(error.message).toContain("it may have been applied");
  expect(new NetworkUnknown(op, "gone", false).message).not.toContain("applied");
});
