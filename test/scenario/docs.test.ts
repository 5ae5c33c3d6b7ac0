import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markdownFiles, root } from "../../tools/docs/markdown-files.ts";
import { readingOrder } from "../../tools/docs/reading-order.ts";
import { type Step, stepsOf } from "../../tools/docs/steps.ts";
import { type Place, preparePlace } from "../support/docs/place.ts";

const documents = await markdownFiles();
const stepsIn = (path: string): readonly Step[] => stepsOf(documents.get(path) ?? "");

let place: Place;
beforeAll(async () => {
  place = await preparePlace();
});
afterAll(() => place.stop());

describe("every command of the documents works, in an empty cluster, from the first to the last", () => {
  const times = new Map<"installing" | "earned", number>();
  let failed: string | undefined;

  it.each(readingOrder)("%s", async (path) => {
    expect(failed, "nothing works after a document that failed").toBeUndefined();
    for (const step of stepsIn(path)) {
      const begun = performance.now();
      await follow(step).catch((error: unknown) => {
        failed = `${path}:${step.line}`;
        throw new Error(failed, { cause: error });
      });
      if (step.kind !== "run" || path !== "docs/install.md") continue;
      if (step.script.includes("helm install")) times.set("installing", begun);
      if (step.script.includes(".status.money.earned")) times.set("earned", performance.now());
    }
  });

  it("prints how long it took from helm install to the first earned token", () => {
    const seconds = ((times.get("earned") ?? 0) - (times.get("installing") ?? 0)) / 1000;
    console.log(`helm install to the first earned token: ${seconds.toFixed(0)} s`);
    expect(seconds).toBeGreaterThan(0);
  });
});

async function follow(step: Step): Promise<void> {
  if (step.kind === "run") await place.session.run(step.script);
  if (step.kind !== "file") return;
  if (!step.path.startsWith("examples/")) return place.session.save(step.path, step.text);
  expect(step.text, `the document shows another ${step.path}`).toBe(await readFile(`${root}/${step.path}`, "utf8"));
}
