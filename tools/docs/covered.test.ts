import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { divide } from "./blocks.ts";
import { markdownFiles, root } from "./markdown-files.ts";
import { readingOrder, triedElsewhere } from "./reading-order.ts";
import { stepsOf } from "./steps.ts";

const documents = await markdownFiles();

it("every document that asks for commands has a test that tries them", () => {
  const asking = [...documents].filter(([, text]) =>
    divide(text).blocks.some(({ language }) => /^(sh|bash|shell|ya?ml)$/.test(language)),
  );
  const covered = [...readingOrder, ...Object.keys(triedElsewhere)];
  expect(asking.map(([path]) => path).toSorted()).toEqual(covered.toSorted());
  expect(Object.values(triedElsewhere).filter((test) => !existsSync(`${root}/${test}`))).toEqual([]);
});

it("only these commands are not tried where the others are, each for its reason", () => {
  const runbooks = [...documents.keys()].filter((path) => path.startsWith("docs/runbooks/"));
  const skipped = [...readingOrder, ...runbooks].flatMap((path) =>
    stepsOf(documents.get(path) ?? "").flatMap((step) =>
      step.kind === "skip" ? [[path, step.text.split("\n")[0], step.reason]] : [],
    ),
  );
  const hasNoLog = "the operator of the tests is a process, and has no log in the cluster";
  const recentLog = "kubectl -n berthage-system logs deployment/berthage --since=15m";
  expect(skipped).toEqual([
    ["docs/install.md", "npm ci", "the tests run in a checkout with its packages installed"],
    [
      "docs/install.md",
      "npm run image -- --push registry.example.com/berthage",
      "builds the image, which its own tests and `make test-node` do",
    ],
    ["docs/troubleshooting.md", "kubectl -n berthage-system logs deployment/berthage", hasNoLog],
    [
      "docs/runbooks/BerthageIsolationProbeFailed.md",
      "berthage provider preflight",
      "the probe starts pods, and kwok's pods run no containers",
    ],
    ["docs/runbooks/BerthageNoLeader.md", recentLog, hasNoLog],
    ["docs/runbooks/BerthageReconcileErrorRatio.md", recentLog, hasNoLog],
    ["docs/runbooks/BerthageRpcDisagreement.md", recentLog, hasNoLog],
  ]);
});

it("the README asks for nothing that the installation or the Makefile does not have", async () => {
  const linesOf = (path: string): string[] =>
    divide(documents.get(path) ?? "").blocks.flatMap(({ language, text }) =>
      language === "sh" ? text.trim().split("\n") : [],
    );
  const makefile = await readFile(`${root}/Makefile`, "utf8");
  const targets = [...makefile.matchAll(/^([a-z-]+):.*## /gm)].map(([, target]) => `make ${target}`);
  const known = new Set([...linesOf("docs/install.md"), ...targets]);
  const asked = linesOf("README.md").map((line) => line.replace(/\s+#.*$/, ""));
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((line) => !known.has(line))).toEqual([]);
});
