import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { RecordingTerminal } from "../../test/support/recording-terminal.ts";
import { version } from "../version.ts";
import { environmentVariables } from "./flags.ts";
import { run } from "./run.ts";

beforeAll(() => {
  for (const name of environmentVariables.values()) vi.stubEnv(name, undefined);
});

afterAll(() => {
  vi.unstubAllEnvs();
});

async function calling(...argv: readonly string[]) {
  const terminal = new RecordingTerminal();
  const code = await run(argv, { terminal, clock: new ManualClock(), random: (bytes) => new Uint8Array(bytes) });
  return { code, stdout: terminal.printed.join("\n"), stderr: terminal.noted.join("\n") };
}

describe("wrong calls exit with 2 and say what to do next", () => {
  test.each([
    [["offer"], "error: unknown command 'offer'\n  next: did you mean offers? see `berthage --help`"],
    [
      ["provider", "keygn"],
      "error: unknown command 'keygn'\n  next: did you mean keygen? see `berthage provider --help`",
    ],
    [
      ["offers", "--ouput", "json"],
      "error: unknown option '--ouput'\n  next: did you mean --output? see `berthage offers --help`",
    ],
    [["offers", "extra"], "too many arguments for 'offers'"],
    [["status"], "error: missing required argument 'lease'\n  next: see `berthage status --help`"],
    [["rent", "1"], "error: required option '--units <n>' not specified\n  next: see `berthage rent --help`"],
    [["offers", "-o", "xml"], "argument 'xml' is invalid. Allowed choices are table, json, yaml."],
    [["status", "x"], 'error: LEASE: "x" is not a whole number from 1 to 281474976710655'],
    [["leases"], "error: whose leases?\n  next: give --tenant, or --key-file (BERTHAGE_KEY_FILE)"],
    [["manifest", "send", "1", "f"], "error: --gateway is missing\n  next: give --gateway, or set BERTHAGE_GATEWAY"],
  ])("%j", async (argv, words) => {
    const { code, stdout, stderr } = await calling(...argv);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
  });
});

test.each([[["--help"]], [["rent", "--help"]], [["provider", "-h"]]])(
  "%j is printed, with exit code 0",
  async (argv) => {
    const { code, stdout, stderr } = await calling(...argv);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: berthage/);
  },
);

test("--version prints the package's version", async () => {
  expect(await calling("--version")).toEqual({ code: 0, stdout: version, stderr: "" });
});

test.each([[[]], [["provider"]]])("%j alone shows the commands on stderr, with exit code 2", async (argv) => {
  const { code, stdout, stderr } = await calling(...argv);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^Usage: berthage/);
});

test("a stack is shown only on --debug", async () => {
  const call = ["provider", "status", "--kubeconfig", "/nowhere"];
  const [plain, debug] = [await calling(...call), await calling(...call, "--debug")];
  expect([plain.code, debug.code]).toEqual([1, 1]);
  expect(plain.stderr.split("\n")).toHaveLength(2);
  expect(debug.stderr).toContain("\n    at ");
});

test("no flag takes a key: keys come from files", async () => {
  for (const command of ["rent", "close", "top-up"]) {
    const { stdout } = await calling(command, "--help");
    expect(stdout).toContain("--key-file <path>");
    expect(stdout).not.toMatch(/--(private-)?key </);
  }
});
