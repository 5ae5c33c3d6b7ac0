import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const scenarios = fileURLToPath(new URL("../scenario/", import.meta.url));

/** What other providers' operators suffered from. The letter is in the title of the scenario that closes the wound. */
const wounds = {
  a: "killed between a lease and its workload, the operator forgot the lease",
  b: "a lease that was closed while the operator was down ran on for ever",
  c: "a half-open socket to the chain stopped everything in silence",
  d: "an API server that was away made the operator close every lease",
  e: "workloads of one name on a node were counted as one",
  f: "what many small pods left behind made the inventory drift",
  g: "a sick GPU made the inventory negative",
  h: "the larger card was sold and the smaller of the same name served",
  i: "tainted nodes were sold, and nothing could be placed on them",
  j: "an update on a full node waited for a second pod's place for ever",
  k: "one tenant's change of address took others' away",
  l: "overcommitted requests were not what was sold",
  m: "a malformed header crashed the gateway",
  n: "a close that failed was given up, and no metric told",
  o: "failed pods were counted as if they held what they asked for",
  p: "a card that no list knew could not be sold",
  q: "a namespace that was stuck in deletion wedged the lease without a word",
};

it.each(Object.entries(wounds))("(%s) %s: one scenario shows that it is closed", async (letter) => {
  const files = (await readdir(scenarios)).filter((name) => name.endsWith(".test.ts"));
  const texts = await Promise.all(files.map((name) => readFile(`${scenarios}${name}`, "utf8")));
  const titles = texts.flatMap((text) => text.match(/^ *(?:it|test|describe)\("\([a-z]\) [^\n]+/gm) ?? []);
  expect(titles.filter((title) => title.includes(`("(${letter}) `))).toHaveLength(1);
});
