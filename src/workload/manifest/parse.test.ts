import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullManifest, manifestDocument } from "../../../test/support/workload/manifests.ts";
import { maxManifestBytes } from "./document.ts";
import { parseManifest } from "./parse.ts";
import { formatProblem, type Problem, type Rule } from "./problem.ts";

function problemsOf(text: string): readonly Problem[] {
  const result = parseManifest(text);
  return result.ok ? [] : result.problems;
}

/** A manifest with one service; `lines` are its fields, from line 5 on. */
const service = (...lines: string[]): string =>
  ["version: 1", "services:", "  - name: web", "    image: app:1", ...lines.map((line) => `    ${line}`)].join("\n");

describe("parseManifest", () => {
  it("reads every field", () => {
    const result = parseManifest(fullManifest);
    if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
    expect(result.manifest).toEqual({
      version: 1,
      services: [
        {
          name: "web",
          image: "registry.example/team/app:1.2",
          command: ["/bin/server"],
          args: ["--listen=:8080", "--price=$(PRICE)"],
          env: new Map([
            ["LOG_LEVEL", "info"],
            ["PRICE", "5$"],
          ]),
          secretEnv: new Map([["TOKEN", "s3cr3t"]]),
          replicas: 2,
          resources: {
            cpuMillis: 4000n,
            memoryBytes: 8n * 2n ** 30n,
            ephemeralStorageBytes: 20n * 2n ** 30n,
            accelerators: 1,
          },
          ports: [
            { name: "http", port: 8080, protocol: "TCP", expose: true },
            { name: "gossip", port: 7946, protocol: "UDP", expose: false },
          ],
          volumes: [
            { name: "data", mount: "/data", sizeBytes: 10n * 2n ** 30n, storage: "fast" },
            { name: "shm", mount: "/dev/shm", sizeBytes: 2n ** 30n, storage: "memory" },
            { name: "scratch", mount: "/scratch", sizeBytes: 5n * 2n ** 30n, storage: "ephemeral" },
          ],
          probes: {
            readiness: {
              check: { kind: "http", path: "/healthz", port: 8080 },
              initialDelaySeconds: 0,
              periodSeconds: 5,
              timeoutSeconds: 1,
              failureThreshold: 3,
            },
            liveness: {
              check: { kind: "tcp", port: 8080 },
              initialDelaySeconds: 0,
              periodSeconds: 10,
              timeoutSeconds: 1,
              failureThreshold: 6,
            },
          },
          user: 1000,
        },
      ],
      jobs: [
        {
          name: "train",
          image: `registry.example/team/train@sha256:${"0a".repeat(32)}`,
          command: [],
          args: [],
          env: new Map(),
          secretEnv: new Map(),
          volumes: [],
          user: 65_532,
          completions: 4,
          parallelism: 2,
          retriesPerIndex: 1,
          resources: { cpuMillis: 500n, memoryBytes: 2n ** 30n, ephemeralStorageBytes: 2n ** 30n, accelerators: 0 },
        },
      ],
    });
  });

  it("reads JSON, comments and aliases", () => {
    expect(parseManifest('{"version": 1, "services": [{"name": "web", "image": "app:1"}]}').ok).toBe(true);
    const shared =
      "version: 1 # language\nservices:\n - &a {name: a, image: x, env: &e {A: b}}\njobs: [{name: b, image: x, env: *e}]";
    const result = parseManifest(shared);
    expect(result.ok && result.manifest.jobs[0]?.env.get("A")).toBe("b");
  });

  const refusals: readonly [what: string, text: string, path: string, rule: Rule, hint: RegExp][] = [
    ["nothing", "", "", "syntax", /version: 1/],
    ["only a comment", "# later", "", "syntax", /version: 1/],
    ["a scalar", "hello", "", "type", /manifest/],
    ["a list", "- version: 1", "", "type", /manifest/],
    ["two documents", "version: 1\n---\nversion: 1", "", "syntax", /one document/],
    ["broken YAML", "version: [1", "", "syntax", /indentation or quoting/],
    ["a tag", "version: !!binary aGk=", "", "syntax", /remove/],
    ["a map as key", "? {a: b}\n: 1", "", "syntax", /text as key/],
    ["a key twice", service("replicas: 1", "replicas: 2"), "", "duplicate", /remove one/],
    ["too much text", `version: 1 #${"x".repeat(maxManifestBytes)}`, "", "size", /image or a volume/],
    ["deep nesting", `version: ${"[".repeat(40)}${"]".repeat(40)}`, "", "nesting", /less/],
    ["an alias of itself", "version: 1\nservices: &s [*s]", "", "nesting", /less/],
    ["no version", "services: [{name: a, image: b}]", "version", "required", /add it/],
    ["another version", "version: 2\nservices: [{name: a, image: b}]", "version", "choice", /write 1/],
    ["a quoted version", 'version: "1"\nservices: [{name: a, image: b}]', "version", "choice", /without quotes/],
    ["no program", "version: 1", "services", "consistency", /at least one/],
    ["an unknown top field", "version: 1\nservice: []", "service", "unknown", /did you mean services\?/],
    ["an unknown field", service("replica: 1"), "services[0].replica", "unknown", /did you mean replicas\?/],
    ["a wild field", service("privileged: true"), "services[0].privileged", "unknown", /known are name, image/],
    ["a missing name", "version: 1\nservices: [{image: b}]", "services[0].name", "required", /DNS label/],
    ["a bad name", "version: 1\nservices: [{name: Web, image: b}]", "services[0].name", "format", /web/],
    ["a name with a digit first", "version: 1\nservices: [{name: 1a, image: b}]", "services[0].name", "format", /web/],
    ["a number as name", "version: 1\nservices: [{name: 7, image: b}]", "services[0].name", "type", /quotes/],
    [
      "the same name twice",
      "version: 1\nservices: [{name: a, image: b}]\njobs: [{name: a, image: b}]",
      "services",
      "consistency",
      /its own name/,
    ],
    ["a missing image", "version: 1\nservices: [{name: a}]", "services[0].image", "required", /image/],
    [
      "an image with spaces",
      "version: 1\nservices: [{name: a, image: b c}]",
      "services[0].image",
      "format",
      /registry/,
    ],
    [
      "an image in capitals",
      "version: 1\nservices: [{name: a, image: Foo/Bar}]",
      "services[0].image",
      "format",
      /registry/,
    ],
    [
      "a short digest",
      "version: 1\nservices: [{name: a, image: 'b@sha256:00'}]",
      "services[0].image",
      "format",
      /registry/,
    ],
    ["a null field", service("replicas:"), "services[0].replicas", "type", /whole number/],
    ["no replicas", service("replicas: 0"), "services[0].replicas", "range", /at least 1/],
    ["too many replicas", service("replicas: 65"), "services[0].replicas", "range", /at most 64/],
    ["half a replica", service("replicas: 1.5"), "services[0].replicas", "range", /fraction/],
    ["replicas in quotes", service('replicas: "2"'), "services[0].replicas", "type", /without quotes/],
    ["a command as text", service("command: run"), "services[0].command", "type", /- /],
    ["a number in args", service("args: [8080]"), "services[0].args[0]", "type", /quotes/],
    ["a number in env", service("env: {PORT: 8080}"), "services[0].env.PORT", "type", /quotes/],
    ["a list as env", service("env: [PORT=1]"), "services[0].env", "type", /NAME: value/],
    ["a bad env name", service("env: {A-B: x}"), "services[0].env.A-B", "format", /LOG_LEVEL/],
    [
      "more GPUs by env",
      service("env: {NVIDIA_VISIBLE_DEVICES: all}"),
      "services[0].env.NVIDIA_VISIBLE_DEVICES",
      "denied",
      /remove/,
    ],
    [
      "a preloaded library",
      service("secretEnv: {LD_PRELOAD: x}"),
      "services[0].secretEnv.LD_PRELOAD",
      "denied",
      /remove/,
    ],
    [
      "a false API server",
      service("env: {KUBERNETES_SERVICE_HOST: x}"),
      "services[0].env.KUBERNETES_SERVICE_HOST",
      "denied",
      /remove/,
    ],
    [
      "a name in both envs",
      service("env: {A: x}", "secretEnv: {A: y}"),
      "services[0].secretEnv",
      "consistency",
      /one of the two/,
    ],
    [
      "too much env",
      service(`env: {${Array.from({ length: 65 }, (_, i) => `A${i}: x`).join(", ")}}`),
      "services[0].env",
      "count",
      /at most 64/,
    ],
    ["resources without memory", service("resources: {cpu: 1}"), "services[0].resources.memory", "required", /8Gi/],
    [
      "a cpu that is no quantity",
      service("resources: {cpu: many, memory: 1Gi}"),
      "services[0].resources.cpu",
      "format",
      /"4"/,
    ],
    ["no cpu", service("resources: {cpu: 0, memory: 1Gi}"), "services[0].resources.cpu", "range", /"4"/],
    ["a negative cpu", service("resources: {cpu: -1, memory: 1Gi}"), "services[0].resources.cpu", "range", /"4"/],
    [
      "memory in thousandths",
      service("resources: {cpu: 1, memory: 1m}"),
      "services[0].resources.memory",
      "range",
      /8Gi/,
    ],
    [
      "part of a GPU",
      service("resources: {cpu: 1, memory: 1Gi, accelerators: 0.5}"),
      "services[0].resources.accelerators",
      "range",
      /fraction/,
    ],
    [
      "another resource",
      service("resources: {cpu: 1, memory: 1Gi, gpu: 1}"),
      "services[0].resources.gpu",
      "unknown",
      /did you mean accelerators/,
    ],
    ["port 0", service("ports: [{name: a, port: 0}]"), "services[0].ports[0].port", "range", /at least 1/],
    ["port 65536", service("ports: [{name: a, port: 65536}]"), "services[0].ports[0].port", "range", /at most 65535/],
    [
      "a long port name",
      service("ports: [{name: abcdefghijklmnop, port: 1}]"),
      "services[0].ports[0].name",
      "format",
      /http/,
    ],
    ["a port name of digits", service("ports: [{name: '80', port: 1}]"), "services[0].ports[0].name", "format", /http/],
    [
      "a port twice",
      service("ports: [{name: a, port: 1}, {name: b, port: 1}]"),
      "services[0].ports",
      "consistency",
      /own port/,
    ],
    [
      "a port name twice",
      service("ports: [{name: a, port: 1}, {name: a, port: 2}]"),
      "services[0].ports",
      "consistency",
      /own name/,
    ],
    [
      "another protocol",
      service("ports: [{name: a, port: 1, protocol: SCTP}]"),
      "services[0].ports[0].protocol",
      "choice",
      /TCP/,
    ],
    [
      "exposed UDP",
      service("ports: [{name: a, port: 1, protocol: UDP, expose: true}]"),
      "services[0].ports[0].expose",
      "consistency",
      /TCP/,
    ],
    [
      "yes for true",
      service("ports: [{name: a, port: 1, expose: yes}]"),
      "services[0].ports[0].expose",
      "type",
      /true or false/,
    ],
    [
      "a host port",
      service("ports: [{name: a, port: 1, hostPort: 1}]"),
      "services[0].ports[0].hostPort",
      "unknown",
      /known are/,
    ],
    [
      "two host names",
      service("ports: [{name: a, port: 1, expose: true}, {name: b, port: 2, expose: true}]"),
      "services[0].ports",
      "consistency",
      /split/,
    ],
    [
      "a relative mount",
      service("volumes: [{name: a, mount: data, size: 1Gi}]"),
      "services[0].volumes[0].mount",
      "format",
      /\/data/,
    ],
    [
      "a mount over /",
      service("volumes: [{name: a, mount: /, size: 1Gi}]"),
      "services[0].volumes[0].mount",
      "denied",
      /elsewhere/,
    ],
    [
      "a mount over /proc",
      service("volumes: [{name: a, mount: /proc/1, size: 1Gi}]"),
      "services[0].volumes[0].mount",
      "denied",
      /elsewhere/,
    ],
    [
      "a mount with ..",
      service("volumes: [{name: a, mount: /a/../proc, size: 1Gi}]"),
      "services[0].volumes[0].mount",
      "denied",
      /without/,
    ],
    [
      "a mount of the token",
      service("volumes: [{name: a, mount: /var/run/secrets/x, size: 1Gi}]"),
      "services[0].volumes[0].mount",
      "denied",
      /elsewhere/,
    ],
    [
      "a mount with colon",
      service("volumes: [{name: a, mount: '/a:b', size: 1Gi}]"),
      "services[0].volumes[0].mount",
      "format",
      /\/data/,
    ],
    [
      "a volume without size",
      service("volumes: [{name: a, mount: /a}]"),
      "services[0].volumes[0].size",
      "required",
      /8Gi/,
    ],
    [
      "a path of the host",
      service("volumes: [{name: a, mount: /a, size: 1Gi, hostPath: /}]"),
      "services[0].volumes[0].hostPath",
      "unknown",
      /known are/,
    ],
    [
      "a mount twice",
      service("volumes: [{name: a, mount: /a, size: 1Gi}, {name: b, mount: /a, size: 1Gi}]"),
      "services[0].volumes",
      "consistency",
      /own mount/,
    ],
    [
      "a probe without check",
      service("probes: {readiness: {periodSeconds: 1}}"),
      "services[0].probes.readiness.http",
      "consistency",
      /http:/,
    ],
    [
      "a probe with two checks",
      service("probes: {liveness: {http: {port: 1}, tcp: {port: 1}}}"),
      "services[0].probes.liveness.http",
      "consistency",
      /http:/,
    ],
    [
      "a probe that runs a command",
      service("probes: {liveness: {exec: [a]}}"),
      "services[0].probes.liveness.exec",
      "unknown",
      /known are/,
    ],
    [
      "a probe of a foreign host",
      service("probes: {liveness: {http: {port: 1, host: a}}}"),
      "services[0].probes.liveness.http.host",
      "unknown",
      /known are/,
    ],
    ["root", service("user: 0"), "services[0].user", "range", /at least 1/],
    [
      "more parallel than all",
      "version: 1\njobs: [{name: a, image: b, parallelism: 2}]",
      "jobs[0].parallelism",
      "consistency",
      /completions/,
    ],
    [
      "replicas of a job",
      "version: 1\njobs: [{name: a, image: b, replicas: 2}]",
      "jobs[0].replicas",
      "unknown",
      /known are/,
    ],
    [
      "too many services",
      `version: 1\nservices: [${Array.from({ length: 17 }, (_, i) => `{name: a${i}, image: b}`).join(", ")}]`,
      "services",
      "count",
      /at most 16/,
    ],
  ];

  it.each(refusals)("refuses %s", (_what, text, path, rule, hint) => {
    const problems = problemsOf(text);
    expect(problems.map((problem) => ({ path: problem.path, rule: problem.rule }))).toContainEqual({ path, rule });
    const found = problems.find((problem) => problem.path === path && problem.rule === rule);
    expect(found?.hint).toMatch(hint);
    for (const { message } of problems) expect(message).not.toBe("");
  });

  it("says line and column, of every problem, in the order of the text", () => {
    const problems = problemsOf(service("replicas: 0", "user: 0", "ports: [{name: a, port: 0}]"));
    expect(problems.map(({ path, line, column }) => [path, line, column])).toEqual([
      ["services[0].replicas", 5, 5],
      ["services[0].user", 6, 5],
      ["services[0].ports[0].port", 7, 23],
    ]);
  });

  it("caps what aliases can mean", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`);
    expect(problemsOf(["l0: &l0 [x]", ...levels].join("\n"))).toMatchObject([
      { rule: "size", hint: expect.stringMatching(/values/) },
    ]);
    const many = `a: &a x\nb: [${Array(101).fill("*a").join(", ")}]`;
    expect(problemsOf(many)).toMatchObject([{ rule: "size", hint: "write the values out" }]);
    const wide = `a: &a [${Array(300).fill("x").join(", ")}]\nb: [${Array(50).fill("*a").join(", ")}]`;
    expect(problemsOf(wide)).toMatchObject([{ rule: "size", hint: "repeat less with aliases" }]);
  });

  it("treats keys like __proto__ as unknown", () => {
    expect(problemsOf(service("__proto__: {replicas: 2}"))).toMatchObject([{ rule: "unknown" }]);
    expect(problemsOf(service("constructor: 1"))).toMatchObject([{ rule: "unknown" }]);
  });

  it("never repeats a value of the manifest in a problem", () => {
    const secret = "hunter2-hunter2";
    const places = [
      `version: ${secret}`,
      `${service()}\n  - ${secret}`,
      service(`replicas: ${secret}`, `image: "${secret}`),
      service(`secretEnv: {A: [${secret}]}`, `user: ${secret}`, `command: ${secret}`),
      service(`volumes: [{name: "${secret}!", mount: ${secret}, size: ${secret}, storage: "${secret}!"}]`),
      service(`ports: [{name: "${secret}!", port: ${secret}, protocol: ${secret}, expose: ${secret}}]`),
    ];
    for (const text of places) {
      const problems = problemsOf(text);
      expect(problems).not.toEqual([]);
      expect(JSON.stringify(problems)).not.toContain(secret);
    }
  });

  it("accepts or refuses every document that looks like a manifest, by the same rules in JSON and YAML", () => {
    fc.assert(
      fc.property(manifestDocument, (document) => {
        const compact = parseManifest(JSON.stringify(document));
        const pretty = parseManifest(JSON.stringify(document, null, 2));
        expect(compact.ok).toBe(pretty.ok);
        if (compact.ok && pretty.ok) expect(compact.manifest).toEqual(pretty.manifest);
      }),
      { numRuns: 100 },
    );
  });

  it("never crashes on a mutated text", () => {
    const spice = fc.constantFrom(
      ":",
      "-",
      "&a ",
      "*a ",
      "{",
      "}",
      "[",
      "]",
      "\n",
      "\t",
      "? ",
      "|",
      '"',
      "'",
      "#",
      "!!",
      "\0",
      "\ufeff",
      "<<: ",
      "---\n",
    );
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(12),
      add: fc.oneof(spice, fc.string({ maxLength: 8 })),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const text = edits.reduce((all, { at, cut, add }) => {
          const start = Math.floor(at * all.length);
          return all.slice(0, start) + add + all.slice(start + cut);
        }, fullManifest);
        const result = parseManifest(text);
        if (result.ok) expect(result.manifest.services.length + result.manifest.jobs.length).toBeGreaterThan(0);
        else for (const problem of result.problems) expect(formatProblem(problem)).toMatch(/.+: .+; .+/);
      }),
      { numRuns: 500 },
    );
  });

  it("survives text that is nothing but brackets", () => {
    for (const bracket of ["[", "{", "- ", "? ", "&a ", "a: &a "]) {
      expect(problemsOf(bracket.repeat(Math.floor(maxManifestBytes / bracket.length)))).not.toEqual([]);
    }
  });
});
