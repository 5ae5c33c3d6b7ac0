import { expect, test } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import type { Credentials } from "./config.ts";
import { CredentialCache } from "./credentials.ts";

function fixture() {
  const clock = new ManualClock();
  const state = { token: "one", ca: "ca-1", fails: false, reads: 0 };
  const read = async (): Promise<Credentials> => {
    state.reads += 1;
    if (state.fails) throw new Error("unreadable");
    return { headers: { authorization: state.token }, tls: { ca: state.ca } };
  };
  return { clock, state, cache: new CredentialCache(read, 60, clock) };
}

test("one read serves all who ask, until it is old", async () => {
  const { cache, state, clock } = fixture();
  const [a, b] = await Promise.all([cache.get(), cache.get()]);
  expect(a).toBe(b);
  await clock.advance(59_999);
  await cache.get();
  expect(state.reads).toBe(1);
  await clock.advance(1);
  await cache.get();
  expect(state.reads).toBe(2);
});

test("a refusal makes it read at once", async () => {
  const { cache, state } = fixture();
  await cache.get();
  state.token = "two";
  cache.refresh();
  expect((await cache.get()).headers["authorization"]).toBe("two");
});

test("TLS material keeps its identity until it changes: connections live by it", async () => {
  const { cache, state } = fixture();
  const { tls } = await cache.get();
  state.token = "two";
  cache.refresh();
  expect((await cache.get()).tls).toBe(tls);
  state.ca = "ca-2";
  cache.refresh();
  expect((await cache.get()).tls).toEqual({ ca: "ca-2" });
});

test("a failing read keeps what was good, but the first one fails", async () => {
  const { cache, state, clock } = fixture();
  state.fails = true;
  await expect(cache.get()).rejects.toThrow("unreadable");
  state.fails = false;
  await cache.get();
  state.fails = true;
  await clock.advance(60_000);
  expect((await cache.get()).headers["authorization"]).toBe("one");
});
