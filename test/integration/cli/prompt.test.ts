import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Arena, berthage, jsonOf, program, startArena } from "./fixture.ts";

let arena: Arena;
let offerId: string;

beforeAll(async () => {
  arena = await startArena();
  await arena.mint(arena.tenant.address, 100_000_000n);
  offerId = await arena.publish();
});

afterAll(async () => {
  await arena.stop();
});

/** Runs the program on a pseudo-terminal (util-linux script) and types `answer`. */
function onTerminal(args: readonly string[], answer: string): Promise<{ code: number; screen: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; screen: string }>();
  const command = [program, ...args].map((word) => `'${word}'`).join(" ");
  const env = {
    PATH: process.env["PATH"] ?? "",
    TERM: "xterm",
    BERTHAGE_RPC: arena.chain.url,
    BERTHAGE_MARKET: arena.market,
    BERTHAGE_KEY_FILE: arena.tenant.keyFile,
  };
  const child = execFile("script", ["-qec", command, "/dev/null"], { env }, (_error, screen) => {
    resolve({ code: child.exitCode ?? -1, screen });
  });
  child.stdout?.on("data", (text: string) => {
    if (text.includes("[y/N]")) child.stdin?.write(`${answer}\n`);
  });
  return promise;
}

const rent = (): string[] => ["rent", offerId, "--units", "1", "--hours", "1", "--manifest", arena.manifestFile];

test("a person is asked before money moves, with the token's address; no means nothing is sent", async () => {
  const before = await arena.balance(arena.tenant.address);
  const { code, screen } = await onTerminal(rent(), "n");
  expect(code).toBe(1);
  expect(screen).toContain(`Deposit 2.5 BTD for 1 unit of offer ${offerId} (1h), token ${arena.token}? Go on? [y/N]`);
  expect(screen).toContain("error: you said no");
  expect(await arena.balance(arena.tenant.address)).toBe(before);
});

test("yes goes on, with a spinner; a script on the same account is not asked", async () => {
  const { code, screen } = await onTerminal(rent(), "y");
  expect(code).toBe(0);
  expect(screen).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] opening the lease/);
  const env = { BERTHAGE_RPC: arena.chain.url, BERTHAGE_MARKET: arena.market };
  const leases: { id: string }[] = JSON.parse(
    (await berthage(["leases", "--tenant", arena.tenant.address, "-o", "json"], env)).stdout,
  );
  expect(leases).toHaveLength(1);
  expect(jsonOf(await arena.cli(["close", leases[0]?.id ?? "", "-o", "json"]))).toMatchObject({ paid: "0" });
});

test("--yes answers before it is asked", async () => {
  const { code, screen } = await onTerminal([...rent(), "--yes"], "n");
  expect(code).toBe(0);
  expect(screen).not.toContain("[y/N]");
});

test("headers are bold on a terminal, and plain with --no-color", async () => {
  expect((await onTerminal(["offers"], "")).screen).toContain("\u001b[1mOFFER");
  expect((await onTerminal(["offers", "--no-color"], "")).screen).not.toContain("\u001b[1m");
});
