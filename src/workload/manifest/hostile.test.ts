import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullManifest } from "../../../test/support/workload/manifests.ts";
import { cpuOffer } from "../../../test/support/workload/offers.ts";
import { canonicalManifest } from "./canonical.ts";
import { maxManifestBytes } from "./document.ts";
import { acceptManifest } from "./fit.ts";
import { parseManifest } from "./parse.ts";
import { formatProblem, type Problem, summarizeProblems } from "./problem.ts";

const secret = "hunter2-hunter2";

function problemsOf(text: string): readonly Problem[] {
  const result = parseManifest(text);
  return result.ok ? [] : result.problems;
}

/** What a person or a condition is shown: one short printable line with field, rule and hint. */
function expectClear(problems: readonly Problem[]): void {
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.length).toBeLessThanOrEqual(100);
  for (const problem of problems) {
    expect(formatProblem(problem)).toMatch(/^[ -~·…`]{10,600}$/u);
    expect(problem.hint).not.toBe("");
  }
  expect(summarizeProblems(problems).length).toBeLessThan(2000);
}

const service = (fields: string): string => `version: 1\nservices: [{name: web, image: "app:1", ${fields}}]`;

describe("a refusal never shows a secret that slipped into a key", () => {
  it.each([
    ["no space after the colon", `secretEnv: {TOKEN:${secret}}`],
    ["an equals sign", `secretEnv: {TOKEN=${secret}}`],
    ["a quoted pair", `secretEnv: {"TOKEN: ${secret}"}`],
    ["a pair in env", `env: {TOKEN=${secret}: ""}`],
    ["a pair among the fields", `TOKEN=${secret}`],
    ["a URL with a password", `"postgres://me:${secret}@db": 1`],
    ["a block in place of a field", `"-----BEGIN KEY-----\\n${secret}": 1`],
  ])("%s", (_what, fields) => {
    const problems = problemsOf(service(fields));
    expectClear(problems);
    expect(JSON.stringify(problems)).not.toContain(secret);
    expect(problems[0]).toMatchObject({ line: 2, path: expect.stringContaining("?") });
  });

  it("and still names keys that look like names", () => {
    expect(problemsOf(service("mount-path: 1, nvidia.com/gpu: 1")).map(({ path }) => path)).toEqual([
      "services[0].mount-path",
      "services[0].nvidia.com/gpu",
    ]);
    expect(problemsOf(service("env: {LD_PRELOAD: x}"))).toMatchObject([{ path: "services[0].env.LD_PRELOAD" }]);
  });
});

describe("any key", () => {
  const trick = fc.constantFrom(
    "\u202e",
    "\u200b",
    "\u001b[31m",
    "\r",
    "\n",
    "\u2028",
    "\ufeff",
    "а",
    "😀",
    "\u0000",
    "[0]",
    ".",
  );
  const key = fc.array(fc.oneof(trick, fc.string({ unit: "binary", maxLength: 30 })), { minLength: 1, maxLength: 4 });

  it("is refused in one printable line", () => {
    fc.assert(
      fc.property(key, fc.constantFrom("env", "secretEnv", "resources", ""), (parts, field) => {
        const name = `${parts.join("")}\u0007`;
        const inner = { [name]: "x" };
        const one = { name: "web", image: "app:1", ...(field === "" ? inner : { [field]: inner }) };
        expectClear(problemsOf(JSON.stringify({ version: 1, services: [one] })));
      }),
      { numRuns: 300 },
    );
  });
});

describe("names", () => {
  it.each([
    ["RTL override", "web\u202eevil"],
    ["Cyrillic a", "wеb"],
    ["full-width letters", "ｗｅｂ"],
    ["zero-width joiner", "we\u200db"],
    ["combining accent", "wéb"],
    ["dotless i", "ıs"],
    ["line feed at the end", "web\n"],
    ["another label", "web,app=evil"],
    ["another path", "../../kube-system"],
    ["a namespace", "kube-system/web"],
    ["a template", "{{.Namespace}}"],
    ["an escape", "web\u001b[2J"],
  ])("with %s are refused, wherever they name an object", (_what, name) => {
    const volumes = [{ name, mount: "/data", size: "1Gi" }];
    const ports = [{ name, port: 80 }];
    for (const one of [
      { name },
      { name: "web", volumes },
      { name: "web", ports },
      { name: "web", env: { [name]: "" } },
    ]) {
      const problems = problemsOf(JSON.stringify({ version: 1, services: [{ image: "app:1", ...one }] }));
      expectClear(problems);
      expect(problems.map(({ rule }) => rule)).toEqual(["format"]);
    }
  });

  it.each([
    "/data/../etc",
    "/proc/1",
    "/var/run/secrets/x",
    "/data\u0000",
    "C:\\data",
    "/a:b",
    "data",
    "/",
    "//x",
    "/x/",
  ])("mount %j is refused", (mount) => {
    const one = { name: "web", image: "app:1", volumes: [{ name: "v", mount, size: "1Gi" }] };
    expectClear(problemsOf(JSON.stringify({ version: 1, services: [one] })));
  });

  it.each([
    "app:1\n",
    "app :1",
    "http://app",
    "-app",
    "App",
    "app@sha256:12",
    `${"a".repeat(511)}:1`,
    "app:1 --privileged",
  ])("image %j is refused", (image) => {
    expectClear(problemsOf(JSON.stringify({ version: 1, services: [{ name: "web", image }] })));
  });
});

describe("YAML beyond JSON", () => {
  it.each([
    ["merge keys", "version: 1\nbase: &b {replicas: 2}\nservices: [{name: web, image: app, <<: *b}]"],
    ["an alias of itself", "version: 1\nservices: &s [*s]"],
    ["an alias of nothing", "version: 1\nservices: *none"],
    ["an alias as key", "version: &v 1\n*v : 2"],
    ["a map as key", "version: 1\n? {a: b}\n: 1"],
    ["the same key twice", "version: 1\nversion: 1"],
    ["the same key as number and text", "version: 1\n1: a\n'1': b"],
    ["a tag", "version: !!int '1'"],
    ["a tag of a program", "version: 1\nservices: !!js/function 'function(){}'"],
    ["a directive", "%TAG ! tag:evil,2000:\n---\nversion: !x 1"],
    ["two documents", "version: 1\n---\nversion: 1"],
    ["infinity", "version: .inf"],
    ["minus infinity", service("replicas: -.inf")],
    ["not a number", service("replicas: .nan")],
    ["a number beyond all", service("replicas: 1e999")],
    ["half of a character", service('args: ["\\ud800"]')],
    ["half of a character as key", service('env: {"A\\udfff": x}')],
  ])("%s: refused the same way wherever a manifest is read", (_what, text) => {
    expectClear(problemsOf(text));
    expect(() => canonicalManifest(text)).not.toThrow();
  });

  it.each(["0x7fffffff", "0o17777777777", "9".repeat(400), "-0.5", "1e308", "2147483648", "1_000"])(
    "the number %s is out of every range",
    (number) => {
      for (const field of ["replicas", "user"]) expectClear(problemsOf(service(`${field}: ${number}`)));
    },
  );

  it.each(["1e999999999", "1e-999999999", "9".repeat(50_000), "-1", "1Zi", "0x10", "1e18Ei", "٣"])(
    "the quantity %s is refused",
    (quantity) => expectClear(problemsOf(service(`resources: {cpu: "${quantity}", memory: "${quantity}"}`))),
  );
});

describe("bounds", () => {
  const bombs: readonly (readonly [string, (bytes: number) => string])[] = [
    ...[
      "[",
      "{",
      "- ",
      "? ",
      "&a ",
      "a: ",
      "[[],",
      "a:\n",
      "---\n",
      "...\n",
      "#\n",
      "\n",
      "!!x ",
      "'",
      '"',
      "\\",
      "*a ",
      "|\n",
      "%T\n",
    ].map((unit) => [JSON.stringify(unit), (bytes: number) => unit.repeat(bytes / unit.length)] as const),
    [
      "distinct keys",
      (bytes) =>
        Array.from({ length: bytes / 8 }, (_, i) => `k${i}: 1`)
          .join("\n")
          .slice(0, bytes),
    ],
    ["anchors", (bytes) => `[${Array.from({ length: bytes / 12 }, (_, i) => `&a${i} x`).join(",")}]`.slice(0, bytes)],
    ["one value", (bytes) => service(`args: ["${"x".repeat(bytes - 100)}"]`)],
    ["one key", (bytes) => `{"${"x".repeat(bytes - 10)}": 1}`],
  ];

  it.each(bombs)("%s over and over are refused in words", (_what, build) => {
    const text = build(maxManifestBytes);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxManifestBytes);
    expectClear(problemsOf(text));
  });

  it("on size count bytes, not characters", () => {
    expect(problemsOf(`# ${"€".repeat(maxManifestBytes / 3)}`)).toMatchObject([{ rule: "size" }]);
  });
});

describe("what is accepted", () => {
  it("goes through canonical JSON unchanged, whatever text it holds", () => {
    const canonical = (text: string): string => {
      const result = canonicalManifest(text);
      if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
      return result.json;
    };
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
        const text = JSON.stringify({ version: 1, services: [{ name: "web", image: "app:1", args: [value] }] });
        const result = parseManifest(text);
        if (!result.ok) return expectClear(result.problems);
        expect(result.manifest.services[0]?.args).toEqual([value]);
        expect(canonical(canonical(text))).toBe(canonical(text));
      }),
    );
    expect(canonicalManifest(canonical(fullManifest))).toEqual({ ok: true, json: canonical(fullManifest) });
  });

  it("is never more than what is leased, however large the numbers", () => {
    const amount = fc.constantFrom("1Mi", "64Gi", "1024Ti", "1e15", "999999999999999");
    const asked = fc.record({
      cpu: fc.constantFrom("1m", "4096"),
      memory: amount,
      ephemeralStorage: amount,
      accelerators: fc.constantFrom(0, 0, 64),
    });
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(asked, fc.constantFrom(1, 64), fc.constantFrom(1, 300, 65_535), (resources, replicas, units) => {
        const services = Array.from({ length: 16 }, (_, i) => ({ name: `s${i}`, image: "app", replicas, resources }));
        const result = acceptManifest(JSON.stringify({ version: 1, services }), { offer: cpuOffer(), units });
        outcomes.add(result.ok);
        if (!result.ok) return expectClear(result.problems);
        const bytes = result.manifest.services.reduce((sum, one) => sum + one.resources.memoryBytes, 0n);
        expect(bytes * BigInt(replicas)).toBeLessThanOrEqual(BigInt(units) * 64n * 2n ** 30n);
      }),
      { numRuns: 200 },
    );
    expect(outcomes).toEqual(new Set([true, false]));
  });
});
