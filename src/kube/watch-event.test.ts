import { expect, test } from "vitest";
import { pods } from "./core.ts";
import { Gone } from "./errors.ts";
import { watchEventOf } from "./watch-event.ts";

const line = (type: string, object: unknown): string => JSON.stringify({ type, object });
const pod = { metadata: { name: "a", resourceVersion: "7" } };

test("objects come with their type and version", () => {
  expect(watchEventOf(pods, line("ADDED", pod))).toMatchObject({ type: "added", object: pod, resourceVersion: "7" });
  expect(watchEventOf(pods, line("MODIFIED", pod)).type).toBe("modified");
  expect(watchEventOf(pods, line("DELETED", pod)).type).toBe("deleted");
});

test("a bookmark has a version, and one of them ends the initial events", () => {
  const plain = { metadata: { resourceVersion: "9" } };
  expect(watchEventOf(pods, line("BOOKMARK", plain))).toEqual({
    type: "bookmark",
    resourceVersion: "9",
    initialEventsEnd: false,
  });
  const last = { metadata: { resourceVersion: "9", annotations: { "k8s.io/initial-events-end": "true" } } };
  expect(watchEventOf(pods, line("BOOKMARK", last))).toMatchObject({ initialEventsEnd: true });
});

test("an in-stream Status is a typed error", () => {
  const status = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
  const event = watchEventOf(pods, line("ERROR", status));
  expect(event.type === "error" && event.error).toBeInstanceOf(Gone);
  expect(watchEventOf(pods, line("ERROR", null))).toMatchObject({ error: { kind: "ServerUnavailable" } });
});

test.each(["{", "[]", "null", line("SURPRISE", pod), line("ADDED", null), line("ADDED", { metadata: {} })])(
  "what is no event is refused: %s",
  (text) => {
    expect(() => watchEventOf(pods, text)).toThrow();
  },
);
