import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./config.ts";
import { options, variableOf } from "./options.ts";
import { cidrs, exceptableCidrs } from "./values.ts";

const surroundings = { podNamespace: undefined, hostname: "box", randomPart: "0a1b2c3d" };
const names = Object.values(options).map(({ name }) => name);

/** The problems of what was given, each of them one bounded line of printable ASCII. */
function problemsOf(argv: readonly string[], env: Record<string, string> = {}): readonly string[] {
  const result = parseConfig({ argv, env, surroundings });
  if (result.kind !== "problems") return [];
  for (const problem of result.problems) expect(problem).toMatch(/^[ -~]{5,500}$/);
  return result.problems;
}

const trick = fc.constantFrom("\n", "\u001b[2J", "\u202e", "\u0000", "\ud800", "é", "😀", "__proto__", "=", "--", " ");
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(trick, { maxLength: 5 }).map((parts) => parts.join("")),
);

describe("settings of any text", () => {
  it("are taken, or refused in one printable line each", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names, "__proto__", "constructor", "x"), value)), (given) => {
        problemsOf(given.flatMap(([name, text]) => [`--${name}`, text]));
        problemsOf(given.map(([name, text]) => `--${name}=${text}`));
        problemsOf([], Object.fromEntries(given.map(([name, text]) => [variableOf(name), text])));
      }),
    );
  });

  it("of any length are refused at once, and not repeated", () => {
    const long = "x".repeat(100_000);
    for (const argv of [
      [long],
      [`--${long}`],
      [`--${long}=${long}`],
      ...names.map((name) => [`--${name}`, `${long}\n`]),
    ])
      for (const problem of problemsOf(argv)) expect(problem).not.toContain("x".repeat(101));
    expect(problemsOf(["--log-level", long])).toHaveLength(1);
  });

  it.each([
    ["--identity", "a\nb"],
    ["--identity", "a".repeat(254)],
    ["--identity", " a"],
    ["--namespace", "kube-system/x"],
    ["--namespace", "kube-system\n"],
    ["--namespace", "kubе-system"],
    ["--service-account", "../x"],
    ["--concurrency", "9".repeat(16)],
    ["--concurrency", "٣"],
    ["--concurrency", "0x10"],
    ["--gateway-listen", "127.0.0.1:99999"],
    ["--gateway-listen", "[fe80::1]:1:2"],
  ])("%s %j is refused", (flag, text) => {
    expect(problemsOf([flag, text]).filter((problem) => problem.startsWith(flag))).toHaveLength(1);
  });
});

describe("networks that tenants must not reach", () => {
  it.each([
    ["everything", "0.0.0.0/0"],
    ["everything of IPv6", "::/0"],
    ["everything by another spelling", "10.0.0.0/00"],
    ["IPv4 written as IPv6", "::ffff:10.0.0.0/104"],
    ["IPv4 written as IPv6 in hex", "::ffff:a00:0/104"],
    ["IPv4 written as IPv6 in full", "0:0:0:0:0:FFFF:0a00:0000/104"],
    ["an address with a zone", "fe80::1%eth0/64"],
  ])("are not %s, which the API server refuses in every lease's policies", (_what, text) => {
    expect(exceptableCidrs(`10.244.0.0/16,${text}`)).toMatchObject({ ok: false, rule: expect.stringContaining(text) });
    expect(problemsOf(["--cluster-cidrs", text])).toHaveLength(1);
  });

  it("of any text are taken or refused in words, and taken only as networks", () => {
    const part = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 12 }));
    const network = fc
      .tuple(part, fc.integer({ min: -1, max: 200 }))
      .map(([address, length]) => `${address}/${length}`);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(network, part)).map((all) => all.join(",")),
        (text) => {
          const [strict, lax] = [exceptableCidrs(text), cidrs(text)];
          if (strict.ok) expect(lax).toEqual(strict);
          else expect(strict.rule).toMatch(/ is none$/);
        },
      ),
    );
    expect(exceptableCidrs("10.244.0.0/16, fd00::/48")).toEqual({ ok: true, value: ["10.244.0.0/16", "fd00::/48"] });
    expect(cidrs("0.0.0.0/0").ok).toBe(true);
  });
});
