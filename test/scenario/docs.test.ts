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
  const finished = new Map<string, number>();

  it.each(readingOrder)("%s", async (path) => {
    for (const step of stepsIn(path)) {
      const begun = performance.now();
      await follow(step).catch((error: unknown) => {
        throw new Error(`${path}:${step.line}`, { cause: error });
      });
      if (step.kind === "run" && step.script.includes("helm install")) finished.set(`${path} install`, begun);
      if (step.kind === "run" && step.script.includes("status.money.earned")) finished.set(path, performance.now());
    }
  });

  it("prints how long it took from helm install to the first earned token", () => {
    const seconds = ((finished.get("docs/install.md") ?? 0) - (finished.get("docs/install.md install") ?? 0)) / 1000;
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
